package io.github.pendingmigrations.run;

import java.util.Objects;
import java.util.Optional;

import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Lease;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.MigrationRunRepository.Interruption;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Decides what becomes of a run whose worker has gone: it goes on by itself if the ledger
 * knows what took effect, and waits for a person if something is in doubt. That the old
 * worker or its session may still be alive does not matter: it has no lease any more, and
 * its session has the fence.
 */
class Takeover {

	private static final Log logger = LogFactory.getLog(Takeover.class);

	private final String flywayBean;

	private final MigrationLedger ledger;

	private final MigrationRunRepository runs;

	private final RunListener listener;

	Takeover(RunResources resources) {
		this.flywayBean = resources.flywayBean();
		this.ledger = resources.ledger();
		this.runs = resources.runs();
		this.listener = resources.listener();
	}

	/**
	 * Take the run whose lease has expired from its worker.
	 * @return the run after that, or empty if there was none
	 */
	Optional<MigrationRun> takeExpired() {
		Optional<MigrationRun> taken = this.runs.findExpired().flatMap((run) -> {
			Lease lease = Objects.requireNonNull(run.lease());
			return this.runs.interruptExpired(run,
					interruption(run, true, "The worker " + lease.owner() + " disappeared: it was last heard of at "
							+ lease.heartbeatAt() + " and its lease expired at " + lease.until() + "."));
		});
		taken.ifPresent((run) -> {
			logger.warn("The worker of run " + run.id() + " disappeared. " + describe(run));
			tell(run);
		});
		return taken;
	}

	/**
	 * Give a run back in order.
	 * @param run the run
	 * @param owner its worker
	 * @param happened why, as a sentence
	 */
	void giveBack(MigrationRun run, String owner, String happened) {
		this.runs.interrupt(run.id(), owner, interruption(run, false, happened)).ifPresent((given) -> {
			logger.info("Run " + run.id() + " is given back: " + happened + " " + describe(given));
			tell(given);
		});
	}

	private void tell(MigrationRun run) {
		if (!run.status().isActive()) {
			this.listener.onFinished(this.flywayBean, run);
		}
	}

	private static String describe(MigrationRun run) {
		Failure failure = run.failure();
		return (run.status() == MigrationRunStatus.INTERRUPTED && failure != null)
				? "It is interrupted and waits for a decision. " + failure.advice() : "It is " + run.status() + " now.";
	}

	private Interruption interruption(MigrationRun run, boolean counted, String happened) {
		Failure decision = this.ledger.load()
			.flatMap((snapshot) -> inDoubt(snapshot, run))
			.map((entry) -> FailureReport.inDoubt(entry, Objects.requireNonNull(entry.checkpoint()), happened))
			.orElse(null);
		return (decision != null) ? new Interruption(happened, false, counted, decision) : new Interruption(happened,
				true, counted, FailureReport.workerLost(run.position().version(), happened));
	}

	private static Optional<Entry> inDoubt(Snapshot snapshot, MigrationRun run) {
		return snapshot.entries().stream().filter((entry) -> run.id().equals(entry.lastRunId())).filter((entry) -> {
			Checkpoint checkpoint = entry.checkpoint();
			return checkpoint != null && checkpoint.inDoubt();
		}).findFirst();
	}

}
