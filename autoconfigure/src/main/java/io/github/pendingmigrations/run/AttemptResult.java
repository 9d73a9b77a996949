package io.github.pendingmigrations.run;

import java.sql.SQLException;
import java.time.Duration;

import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.run.RunMonitor.Stop;
import org.jspecify.annotations.Nullable;

/**
 * How one attempt to execute a migration ended.
 */
sealed interface AttemptResult {

	/**
	 * It took effect and is recorded.
	 *
	 * @param executed how long the statements took
	 * @param runFinished whether the end of the run was recorded with it
	 */
	record Applied(Duration executed, boolean runFinished) implements AttemptResult {
	}

	/** Somebody has applied it before. */
	record AlreadyApplied() implements AttemptResult {
	}

	/**
	 * Nothing happened that is not recorded; try again later.
	 *
	 * @param outcome the outcome as a metric names it
	 * @param waited how long it waited for a lock
	 * @param detail why, for people
	 */
	record TryAgain(String outcome, Duration waited, String detail) implements AttemptResult {

		static TryAgain fenced(@Nullable Long session) {
			return new TryAgain("fenced", Duration.ZERO, ((session != null) ? "session " + session : "another session")
					+ " still executes a migration of these tables, and is waited for");
		}

	}

	/**
	 * It failed, and trying again would not help.
	 *
	 * @param failure the failure
	 * @param kind what it means
	 */
	record Failed(StatementFailedException failure, SqlFailure kind) implements AttemptResult {
	}

	/**
	 * It has got somewhere and goes on after a pause: everything that took effect is
	 * recorded.
	 *
	 * @param pause the pause
	 */
	record Unfinished(Duration pause) implements AttemptResult {
	}

	/**
	 * It cannot go on, although no statement failed.
	 *
	 * @param kind the kind of failure
	 * @param message why, and what to do, for people
	 */
	record Refused(String kind, String message) implements AttemptResult {
	}

	/**
	 * The server accepts no changes now: nothing happened that is not recorded.
	 *
	 * @param cause the error
	 */
	record Unavailable(SQLException cause) implements AttemptResult {
	}

	/**
	 * The connection broke, or a statement of our own failed, so that what happened has
	 * to be read from the ledger.
	 *
	 * @param cause the error
	 */
	record Unknown(SQLException cause) implements AttemptResult {
	}

	/**
	 * Somebody has started a statement whose outcome is not known, and nobody has decided
	 * how it goes on.
	 *
	 * @param entry the migration
	 * @param checkpoint how far it got
	 */
	record InDoubt(Entry entry, Checkpoint checkpoint) implements AttemptResult {
	}

	/**
	 * It was stopped before it had finished; everything that took effect is recorded.
	 *
	 * @param reason the reason
	 */
	record Stopped(Stop reason) implements AttemptResult {
	}

}
