package io.github.pendingmigrations.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.PendingScript;
import org.jspecify.annotations.Nullable;

/**
 * Whether a migration of an accepted run can be applied at this moment. Much can have
 * happened since the request: the window closes, another instance brings a migration that
 * comes first, or one starts that does not know this one.
 *
 * @param script the migration
 * @param now the time of the database
 * @param reasons what stands in its way and the request does not override
 */
record Readiness(PendingScript script, Instant now, List<PendingReason> reasons) {

	/**
	 * Look.
	 * @param resources what the execution works with
	 * @param run the run
	 * @param script the migration
	 * @return what is seen, or empty if there is nothing to apply
	 */
	static Optional<Readiness> of(RunResources resources, MigrationRun run, PendingScript script) {
		Snapshot snapshot = resources.ledger().load().orElse(null);
		if (snapshot == null) {
			return Optional.empty();
		}
		MigrationPlanner planner = new MigrationPlanner(resources.scripts().all(), snapshot,
				resources.scripts().outstandingVersioned(), Optional.empty(), resources.rollout().look(),
				resources.settings().requiresApproval());
		if (planner.isApplied(script.version())) {
			return Optional.empty();
		}
		return Optional.of(new Readiness(script, snapshot.now(),
				planner.reasons(script, Set.of())
					.stream()
					.filter((reason) -> !reason.isOverriddenBy(run.request().force()))
					// The attempt knows whether that has been decided
					.filter((reason) -> reason.code() != PendingReason.Code.IN_DOUBT)
					.toList()));
	}

	/**
	 * Return what does not pass by itself.
	 * @return the reasons
	 */
	List<PendingReason> lasting() {
		return this.reasons.stream().filter((reason) -> !reason.isHeldFor()).toList();
	}

	/**
	 * Return for what the run has to wait.
	 * @param pause how long to wait for what may pass at any time
	 * @return the first reason, or {@code null} if there is none
	 */
	RunEnd.@Nullable HeldUntil hold(Duration pause) {
		if (this.reasons.isEmpty()) {
			return null;
		}
		PendingReason reason = this.reasons.get(0);
		Instant until = reason.until();
		return new RunEnd.HeldUntil(this.script.displayName() + ": " + reason.message(),
				(until != null) ? Duration.between(this.now, until) : pause);
	}

}
