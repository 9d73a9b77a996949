package io.github.pendingmigrations.command;

import java.util.List;
import java.util.stream.Collectors;

import io.github.pendingmigrations.PendingMigration;

/**
 * What a report says in one or two sentences.
 */
final class Summary {

	private Summary() {
	}

	static String of(ExitCode exitCode) {
		return switch (exitCode) {
			case DONE -> "Nothing is left to do.";
			case FAILED -> "It failed.";
			case SAFE_WORK_DUE -> "Safe work is due: a start-up, or 'migrate', runs it.";
			case PENDING_LEFT -> "Pending migrations are left, and can be applied.";
			case BLOCKED -> "Work is left, and none of it can be done now: see the reasons.";
			case UNSAFE ->
				"Migrations are refused because of their SQL: see the findings. A start-up that is to run them fails.";
			case TERMINATED -> "It was asked to end.";
			case CONFLICT -> "Migrations are due that must wait: a start-up would fail, and apply nothing.";
		};
	}

	static String migrated(List<FlywayReport> reports) {
		boolean something = reports.stream().anyMatch((report) -> !report.migrated().isEmpty());
		String done = something ? "Migrated." : "Nothing was due.";
		String waiting = reports.stream()
			.flatMap((report) -> report.overview().outstanding().stream())
			.map((migration) -> "P" + migration.version())
			.collect(Collectors.joining(", "));
		String rest = waiting.isEmpty() ? " No pending migration is left." : " These wait: " + waiting + ".";
		return done + rest + (reports.stream().anyMatch(FlywayReport::isVersionedHeld)
				? " Versioned migrations wait for them ('pending-migrations.order=lenient')." : "");
	}

	static String left(List<PendingMigration> left) {
		return left.stream().map((migration) -> "P" + migration.version()).collect(Collectors.joining(", "));
	}

}
