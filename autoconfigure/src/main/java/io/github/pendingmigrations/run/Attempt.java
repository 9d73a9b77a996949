package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

import io.github.pendingmigrations.MigrationLedger.AppliedRecord;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunRepository.Outcome;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigration.Origin;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.JavaBody;
import io.github.pendingmigrations.run.ContentionSampler.Watch;
import io.github.pendingmigrations.run.LockSchedule.Rung;
import io.github.pendingmigrations.run.RunMonitor.Stop;
import org.jspecify.annotations.Nullable;

/**
 * One way to execute a migration.
 */
interface Attempt {

	/**
	 * Execute a migration, or as much of it as can be.
	 * @param borrowed the connection
	 * @param work what to execute
	 * @return how it ended
	 * @throws SQLException if a statement of our own fails
	 */
	AttemptResult run(BorrowedConnection borrowed, Work work) throws SQLException;

	/**
	 * What to execute.
	 *
	 * @param run the run
	 * @param script the migration
	 * @param body its content
	 * @param last whether the run ends with it
	 * @param decided the statement in doubt that may be executed again, counted from 1,
	 * or 0
	 * @param rung how long it may wait for locks
	 * @param monitor tells when to stop
	 * @param progress where it is
	 * @param settings the settings
	 * @param sampler sees who stands in the way
	 * @param obstructed tells whether what goes on for long has to stop, because an older
	 * instance has started, or the window has closed
	 */
	record Work(MigrationRun run, PendingScript script, PendingScript.Body body, boolean last, int decided, Rung rung,
			RunMonitor monitor, RunProgress progress, RunSettings settings, ContentionSampler sampler,
			BooleanSupplier obstructed) {

		/** PostgreSQL has ended a session that was idle in a transaction. */
		private static final String IDLE_TIMEOUT = "25P03";

		/**
		 * Let somebody look who stands in the way from now on.
		 * @return ends that
		 */
		Watch watch() {
			return this.sampler.watch(this.progress.executingSession(), this.rung, (sighting) -> {
				this.progress.saw(sighting);
				this.monitor.saw(sighting);
			});
		}

		/**
		 * Take the fence, which keeps out everybody else who works on the same tables.
		 * @param session controls the session
		 * @param connection the connection
		 * @return what to do without it, or {@code null} if this session has it
		 * @throws SQLException if it cannot be asked
		 */
		@Nullable AttemptResult fence(SessionControl session, Connection connection) throws SQLException {
			if (!session.tryFence(connection)) {
				Long holder = session.fenceHolder(connection).orElse(null);
				if (holder != null) {
					this.progress.saw(Sighting.ofFence(holder));
				}
				return AttemptResult.TryAgain.fenced(holder);
			}
			return null;
		}

		/**
		 * Return whether the outcome of a statement is not known, and nobody has decided
		 * that it is executed again.
		 * @param checkpoint how far the migration got
		 * @return {@code true} if a person has to decide
		 */
		boolean needsDecision(Checkpoint checkpoint) {
			return checkpoint.inDoubt() && checkpoint.statementsDone() + 1 != this.decided;
		}

		Duration holdBudget() {
			Duration own = (this.body instanceof JavaBody java) ? java.migration().holdBudget()
					: this.script.directives().holdBudget();
			return (own != null) ? own : this.settings.holdBudget();
		}

		AppliedRecord applied(Duration executed) {
			return new AppliedRecord(this.script, this.run.request().by(), Origin.RUN, this.run.id(), executed,
					this.body.size(), this.run.request().reason(), this.settings.applicationVersion());
		}

		Outcome succeeded() {
			return new Outcome(MigrationRunStatus.SUCCEEDED, null, this.progress.position(), this.progress.contention(),
					this.script.displayName() + " applied");
		}

		/**
		 * Decide what the failure of a statement means.
		 * @param failure the failure
		 * @param kind its kind
		 * @param elapsed how long the attempt took
		 * @param limit how long it was allowed to take
		 * @return how the attempt ended
		 */
		AttemptResult failed(StatementFailedException failure, SqlFailure kind, Duration elapsed, Wait limit) {
			SQLException cause = failure.sqlException();
			if (this.body instanceof JavaBody && cause != null && IDLE_TIMEOUT.equals(cause.getSQLState())) {
				// It would be idle for as long again
				return new AttemptResult.Failed(failure, SqlFailure.HOLD_BUDGET_EXCEEDED);
			}
			if (kind == SqlFailure.CONNECTION_LOST && cause != null) {
				return new AttemptResult.Unknown(cause);
			}
			if (kind == SqlFailure.READ_ONLY && cause != null) {
				return new AttemptResult.Unavailable(cause);
			}
			Stop stop = this.monitor.stopRequested();
			if (kind == SqlFailure.HOLD_BUDGET_EXCEEDED && stop != null) {
				return new AttemptResult.Stopped(stop);
			}
			if (kind.isRetryable()) {
				return new AttemptResult.TryAgain((kind == SqlFailure.DEADLOCK) ? "deadlock" : "lock_timeout", elapsed,
						"statement " + failure.getStatement() + ": " + kind);
			}
			if (kind == SqlFailure.HOLD_BUDGET_EXCEEDED && !limit.isReachedAfter(elapsed)) {
				return new AttemptResult.Failed(failure, SqlFailure.CANCELLED_BY_ADMIN);
			}
			return new AttemptResult.Failed(failure, kind);
		}

	}

}
