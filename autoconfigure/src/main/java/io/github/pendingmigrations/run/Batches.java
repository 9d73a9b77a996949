package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;

import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.run.Attempt.Work;
import io.github.pendingmigrations.run.ContentionSampler.Watch;
import io.github.pendingmigrations.run.SessionControl.Limits;
import io.github.pendingmigrations.run.SessionControl.Restore;

/**
 * Executes batches, each in one transaction with the record of how far the migration got:
 * whatever dies, it is known which of them have taken effect.
 */
class Batches {

	/** Who waits for rows stalls nobody who does not want these rows. */
	static final Duration ROW_LOCK_TIMEOUT = Duration.ofMillis(500);

	private final RunResources resources;

	private final BorrowedConnection borrowed;

	private final Work work;

	private final Limits limits;

	private Checkpoint checkpoint;

	Batches(RunResources resources, BorrowedConnection borrowed, Work work, Checkpoint checkpoint) {
		this.resources = resources;
		this.borrowed = borrowed;
		this.work = work;
		this.checkpoint = checkpoint;
		Duration longest = resources.settings().locks().maxLockTimeout();
		this.limits = new Limits(
				Wait.atMost((longest != null && longest.compareTo(ROW_LOCK_TIMEOUT) < 0) ? longest : ROW_LOCK_TIMEOUT),
				Wait.atMost(work.holdBudget()), Limits.IDLE);
		work.progress().batched(checkpoint);
	}

	/**
	 * Limit what each statement of the batches may wait and work from now on.
	 * @return restores what was set before
	 * @throws SQLException if that fails
	 */
	Restore limit() throws SQLException {
		return this.resources.session().limit(this.borrowed.connection(), this.limits);
	}

	Limits limits() {
		return this.limits;
	}

	Checkpoint checkpoint() {
		return this.checkpoint;
	}

	/**
	 * Execute a batch.
	 * @param <E> what the batch throws
	 * @param batch the batch
	 * @param last the checkpoint if it finds nothing to do
	 * @return how many rows it has changed, or empty if the lease was lost and nothing
	 * took effect
	 * @throws E if the batch fails, and is taken back
	 * @throws SQLException if a statement of our own fails
	 */
	<E extends Exception> OptionalLong execute(Batch<E> batch, Checkpoint last) throws E, SQLException {
		Connection connection = this.borrowed.connection();
		long started = System.nanoTime();
		this.resources.session().begin(connection);
		try {
			long rows;
			try (Watch watch = this.work.watch()) {
				rows = batch.execute();
			}
			if (!this.resources.runs()
				.holdsLease(connection, this.work.run().id(), this.resources.settings().instanceId())) {
				return OptionalLong.empty();
			}
			Checkpoint next = (rows > 0) ? this.checkpoint.plusBatch(rows) : last;
			this.resources.ledger().saveCheckpoint(connection, this.work.script(), next);
			connection.commit();
			this.checkpoint = next;
			took(RunMonitor.since(started));
			return OptionalLong.of(rows);
		}
		finally {
			this.borrowed.settle();
			this.resources.listener().onLocksReleased(this.resources.flywayBean(), RunMonitor.since(started));
		}
	}

	/**
	 * The deadline is for getting locks, and a batch has got its own.
	 */
	private void took(Duration duration) {
		RunProgress progress = this.work.progress();
		progress.executed(duration);
		progress.batched(this.checkpoint);
		Duration deadline = this.resources.settings().deadline();
		this.work.monitor().restartDeadline(deadline);
		progress.restartDeadline(deadline);
	}

	/**
	 * What is done in one transaction.
	 *
	 * @param <E> what it throws
	 */
	@FunctionalInterface
	interface Batch<E extends Exception> {

		/**
		 * Do it.
		 * @return how many rows it has changed
		 * @throws E if it fails
		 */
		long execute() throws E;

	}

}
