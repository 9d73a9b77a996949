package io.github.pendingmigrations.command;

import java.util.List;

import io.github.pendingmigrations.MigrationChecks;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingMigrations.Overview;
import io.github.pendingmigrations.StartupStep;
import org.jspecify.annotations.Nullable;

/**
 * What is known about one Flyway bean and its database.
 *
 * @param name the name of the bean
 * @param overview the pending migrations
 * @param checks what the checker says
 * @param startup what the next start-up would run, in this order
 * @param migrated what this command, or another instance meanwhile, has run as a start-up
 * does
 * @param run the run that this command requested or followed, or {@code null}
 */
record FlywayReport(String name, Overview overview, MigrationChecks.Report checks, List<StartupStep> startup,
		List<StartupStep> migrated, @Nullable MigrationRun run) {

	/**
	 * Return whether versioned migrations wait for pending ones.
	 * @return {@code true} if so
	 */
	boolean isVersionedHeld() {
		return !this.checks.conflicts().isEmpty();
	}

	/**
	 * Return how this code differs from what the database knows.
	 * @return the warnings
	 */
	List<ReportWarning> warnings() {
		return this.overview.migrations()
			.stream()
			.flatMap((migration) -> ReportWarning.of(migration).stream())
			.toList();
	}

	FlywayReport migrated(List<StartupStep> migrated) {
		return new FlywayReport(this.name, this.overview, this.checks, this.startup, migrated, this.run);
	}

	FlywayReport run(@Nullable MigrationRun run) {
		return new FlywayReport(this.name, this.overview, this.checks, this.startup, this.migrated, run);
	}

}
