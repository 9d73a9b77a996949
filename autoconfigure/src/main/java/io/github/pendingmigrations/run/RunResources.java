package io.github.pendingmigrations.run;

import java.util.List;
import java.util.Optional;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScripts;
import io.github.pendingmigrations.Rollout;
import io.github.pendingmigrations.run.RunComponents.Database;

/**
 * What the execution of runs works with.
 *
 * @param flywayBean the name of the Flyway bean
 * @param database the database
 * @param scripts the pending migrations of this application
 * @param ledger the ledger
 * @param runs the runs
 * @param session controls the sessions that execute
 * @param sessionCheck tells whether the connections keep their sessions
 * @param preflight looks at what a migration would meet
 * @param settings the settings
 * @param listener is told what happens
 * @param rollout knows whether a rollout is complete
 */
record RunResources(String flywayBean, Database database, PendingScripts scripts, MigrationLedger ledger,
		MigrationRunRepository runs, SessionControl session, SessionCheck sessionCheck, RunPreflight preflight,
		RunSettings settings, RunListener listener, Rollout rollout) {

	DatabaseProduct product() {
		return this.database.product();
	}

	Optional<Entry> entry(PendingScript script) {
		return this.ledger.load()
			.map(Snapshot::entries)
			.orElse(List.of())
			.stream()
			.filter((entry) -> entry.version().equals(script.versionText()))
			.findFirst();
	}

}
