package io.github.pendingmigrations.command;

import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.util.List;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import io.github.pendingmigrations.OrderConflictException;
import io.github.pendingmigrations.OrderConflictException.Conflict;
import io.github.pendingmigrations.UnsafeMigrationException;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.core.NestedExceptionUtils;

/**
 * Why a command could not do what it was asked for.
 *
 * @param exitCode how it ends
 * @param message what happened, for people
 * @param problems what is wrong with pending migrations
 * @param conflicts which versioned migrations must wait for a pending one
 * @param refused which migrations are refused because of their SQL
 */
record Trouble(ExitCode exitCode, String message, List<Problem> problems, List<Conflict> conflicts,
		List<CheckedMigration> refused) {

	private static final String WITHOUT_DATABASE = System.lineSeparator()
			+ "The database has to be reachable, since only it knows what is new to it. "
			+ "To check scripts without one, use the checker in a unit test.";

	static Trouble of(ExitCode exitCode, String message) {
		return new Trouble(exitCode, message, List.of(), List.of(), List.of());
	}

	static Trouble of(Throwable exception) {
		InvalidPendingMigrationException invalid = find(exception, InvalidPendingMigrationException.class);
		if (invalid != null) {
			return new Trouble(ExitCode.CONFLICT, "Pending migrations cannot be used as they are. Nothing was applied.",
					invalid.getProblems(), List.of(), List.of());
		}
		OrderConflictException conflict = find(exception, OrderConflictException.class);
		if (conflict != null) {
			return new Trouble(ExitCode.CONFLICT, "Migrations are due that must wait. Nothing was applied.", List.of(),
					conflict.getConflicts(), List.of());
		}
		UnsafeMigrationException unsafe = find(exception, UnsafeMigrationException.class);
		if (unsafe != null) {
			return new Trouble(ExitCode.UNSAFE, "Migrations are refused because of their SQL. Nothing was applied.",
					List.of(), List.of(), unsafe.getRefused());
		}
		return of(ExitCode.FAILED, describe(exception));
	}

	private static String describe(Throwable exception) {
		Throwable telling = exception;
		while ((telling instanceof BeansException || telling.getMessage() == null) && telling.getCause() != null) {
			telling = telling.getCause();
		}
		String message = (telling.getMessage() != null) ? telling.getMessage().strip() : telling.toString();
		Throwable root = NestedExceptionUtils.getMostSpecificCause(telling);
		if (root.getMessage() != null && !message.contains(root.getMessage().strip())) {
			message += " Cause: " + root.getMessage().strip() + " (" + root.getClass().getName() + ")";
		}
		return (find(exception, SQLTransientConnectionException.class) != null
				|| find(exception, SQLNonTransientConnectionException.class) != null) ? message + WITHOUT_DATABASE
						: message;
	}

	private static <T extends Throwable> @Nullable T find(Throwable exception, Class<T> type) {
		for (Throwable candidate = exception; candidate != null; candidate = candidate.getCause()) {
			if (type.isInstance(candidate)) {
				return type.cast(candidate);
			}
		}
		return null;
	}

}
