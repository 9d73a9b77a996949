package io.github.pendingmigrations.rollout;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrations.Overview;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.Requester;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Requests migrations by itself when their rollout is complete and they are ready, one at
 * a time. What a run has tried before is left to people, whatever became of it: it
 * failed, or somebody cancelled it, and a repetition needs a decision. All instances do
 * this, and the database lets one of them through.
 */
class AutomaticRequests {

	private static final Log logger = LogFactory.getLog(AutomaticRequests.class);

	private final Supplier<PendingMigrations> service;

	private final Set<MigrationVersion> requireApproval;

	private final Duration soak;

	private final Map<String, Long> readySince = new HashMap<>();

	private boolean warned;

	AutomaticRequests(Supplier<PendingMigrations> service, Set<MigrationVersion> requireApproval, Duration soak) {
		this.soak = soak;
		this.service = service;
		this.requireApproval = requireApproval;
	}

	/**
	 * Request the first migration that is ready, if there is one.
	 */
	void request() {
		PendingMigrations pendingMigrations = this.service.get();
		Overview overview = pendingMigrations.overview();
		if (overview.activeRun() != null || namesUnknown(overview)) {
			return;
		}
		overview.outstanding()
			.stream()
			.filter((migration) -> migration.state() == PendingMigrationState.READY && migration.rolledOutAt() != null)
			.filter((migration) -> !migration.requiresApproval() && hasSoaked(migration)
					&& wasNeverTried(pendingMigrations, migration))
			.findFirst()
			.ifPresent((migration) -> request(pendingMigrations, migration));
	}

	/**
	 * A version that does not exist is a mistake, such as YAML's {@code 1.10}, which is
	 * the number 1.1: the one that was meant would be applied.
	 */
	private boolean namesUnknown(Overview overview) {
		Set<MigrationVersion> unknown = overview.lacking(this.requireApproval);
		if (!unknown.isEmpty() && !this.warned) {
			this.warned = true;
			logger.warn("Nothing is applied by itself: pending-migrations.requires-approval names " + unknown
					+ ", and there is no such pending migration. Correct it, in YAML with quotes as in \"1.10\"");
		}
		return !unknown.isEmpty();
	}

	/**
	 * Nobody may have been there who did not know it, and those that register no instance
	 * are not seen: so their soak time passes in any case.
	 */
	private boolean hasSoaked(PendingMigration migration) {
		long since = this.readySince.computeIfAbsent(migration.version(), (version) -> System.nanoTime());
		return System.nanoTime() - since >= this.soak.toNanos();
	}

	private static boolean wasNeverTried(PendingMigrations pendingMigrations, PendingMigration migration) {
		List<MigrationRun> runs = pendingMigrations.runs(new RunQuery(null, migration.version(), 0, 1));
		return runs.isEmpty();
	}

	private static void request(PendingMigrations pendingMigrations, PendingMigration migration) {
		Integer checksum = migration.checksum();
		if (checksum == null) {
			return;
		}
		Requester requester = new Requester("automatic", "auto",
				"pending-migrations.apply=after-rollout; the rollout was complete at " + migration.rolledOutAt());
		try {
			MigrationRun run = pendingMigrations.apply(migration.version(), checksum, requester);
			logger.info("P" + migration.version() + " " + migration.description()
					+ " is applied by itself, because its rollout is complete (run " + run.id() + ")");
		}
		catch (RequestRefusedException ex) {
			// Another instance was faster, or something has come up since
			logger.debug("P" + migration.version() + " is not applied by itself now", ex);
		}
	}

}
