package io.github.pendingmigrations.run;

import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;

import io.github.pendingmigrations.PendingJavaMigration.Batch;
import io.github.pendingmigrations.run.Attempt.Work;
import io.github.pendingmigrations.run.RunMonitor.Stop;
import io.github.pendingmigrations.run.SessionControl.Restore;
import org.jspecify.annotations.Nullable;

/**
 * Repeats a batch of a migration that is written in Java, until it finds nothing to do.
 */
class JavaBatches implements MigrationContext.Repetition {

	private final RunResources resources;

	private final BorrowedConnection borrowed;

	private final Work work;

	private final Batches batches;

	private final boolean repeatable;

	JavaBatches(RunResources resources, BorrowedConnection borrowed, Work work, Batches batches, boolean repeatable) {
		this.resources = resources;
		this.borrowed = borrowed;
		this.work = work;
		this.batches = batches;
		this.repeatable = repeatable;
	}

	@Override
	public long repeat(Duration pause, Batch batch) throws Exception {
		long before = this.batches.checkpoint().rows();
		Restore restore = this.batches.limit();
		try {
			Duration next = Duration.ZERO;
			while (next != null) {
				if (!this.work.monitor().pause(next)) {
					throw new CancellationException("The run was asked to stop");
				}
				// Any other would be left in doubt
				if (this.repeatable && this.work.obstructed().getAsBoolean()) {
					throw new Obstructed();
				}
				next = executeOne(batch, pause);
			}
			return this.batches.checkpoint().rows() - before;
		}
		finally {
			this.borrowed.restore(restore);
		}
	}

	/**
	 * Execute a batch.
	 * @return how long to wait before the next one, or {@code null} if there is none
	 */
	private @Nullable Duration executeOne(Batch batch, Duration pause) throws Exception {
		long started = System.nanoTime();
		try {
			OptionalLong rows = this.batches.execute(
					() -> batch.execute(OwnedTransaction.of(this.borrowed.connection())), this.batches.checkpoint());
			if (rows.isEmpty()) {
				this.work.monitor().stop(Stop.LEASE_LOST);
				throw new CancellationException("The lease of the run was lost");
			}
			return (rows.getAsLong() > 0) ? pause : null;
		}
		catch (Exception ex) {
			SQLException cause = FailureMessage.sqlException(ex);
			boolean again = cause != null && SqlFailure.of(this.resources.product(), cause).isRetryable();
			if (!again || this.work.monitor().isPastDeadline()) {
				throw ex;
			}
			Duration waited = RunMonitor.since(started);
			this.work.progress().waited(waited);
			return this.work.rung().pauseAfter(waited);
		}
	}

	/**
	 * Thrown when something has come in between, so that the migration has to begin again
	 * later.
	 */
	static final class Obstructed extends CancellationException {

		Obstructed() {
			super("The run has to wait");
		}

	}

}
