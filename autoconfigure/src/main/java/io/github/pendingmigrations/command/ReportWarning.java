package io.github.pendingmigrations.command;

import java.util.Optional;

import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigration.Application;
import io.github.pendingmigrations.PendingMigrationState;
import org.jspecify.annotations.Nullable;

/**
 * A difference between this code and the database that stops nothing.
 *
 * @param state what kind of difference it is
 * @param version the version of the pending migration
 * @param script its script, as the code or the database has it
 * @param message the difference and what to do about it
 */
record ReportWarning(PendingMigrationState state, String version, String script, String message) {

	static Optional<ReportWarning> of(PendingMigration migration) {
		return switch (migration.state()) {
			case UNKNOWN_HERE -> Optional.of(of(migration, "is registered in the database"
					+ applied(migration.application())
					+ " and is not in this code. Either this code is older than the database, and must not need what "
					+ "that removes, or the file was deleted: keep it, as V files."));
			case CHANGED -> Optional.of(of(migration,
					"was changed after it was applied: restore it, and put the change " + "into a new migration."));
			default -> Optional.empty();
		};
	}

	private static ReportWarning of(PendingMigration migration, String message) {
		return new ReportWarning(migration.state(), migration.version(), migration.script(),
				"P" + migration.version() + " " + migration.description() + " " + message);
	}

	private static String applied(@Nullable Application application) {
		return (application != null) ? ", was applied at " + application.at() + " by " + application.by() : "";
	}

}
