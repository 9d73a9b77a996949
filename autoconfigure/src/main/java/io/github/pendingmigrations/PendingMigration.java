package io.github.pendingmigrations;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A migration that waits for the end of a deployment, and what is known about it.
 *
 * @param version the version without leading or trailing zeros, such as {@code 3} or
 * {@code 2.10}
 * @param description the description from its name
 * @param script the path of the script, or the name of the Java class
 * @param type how it is written
 * @param checksum the checksum of the content in this application, or of the applied
 * content if this application does not know it; {@code null} if neither is known
 * @param state the state
 * @param reasons why it cannot be applied yet, empty if nothing stands in the way
 * @param purpose the {@code reason} directive of the script, or {@code null}
 * @param requiresApproval whether only a person may request it, as its script or the
 * application says; {@code false} if it was applied
 * @param firstSeenAt when an instance first registered it, or {@code null} if that has
 * not happened
 * @param firstSeenApplicationVersion the version of the application that registered it,
 * or {@code null} if unknown
 * @param rolledOutAt when no instance was alive any more that did not know it, or
 * {@code null} if that has not happened
 * @param application how it was applied, or {@code null} if it was not
 * @param checkpoint how far an unfinished execution got, or {@code null} if there is none
 * @param lastRunId the last run that tried to apply it, or {@code null}
 * @since 0.1.0
 */
public record PendingMigration(String version, String description, String script, PendingMigrationType type,
		@Nullable Integer checksum, PendingMigrationState state, List<PendingReason> reasons, @Nullable String purpose,
		boolean requiresApproval, @Nullable Instant firstSeenAt, @Nullable String firstSeenApplicationVersion,
		@Nullable Instant rolledOutAt, @Nullable Application application, @Nullable Checkpoint checkpoint,
		@Nullable UUID lastRunId) {

	/**
	 * Where an entry of the ledger came from.
	 */
	public enum Origin {

		/** Ran at start-up of an empty database. */
		INITIAL,

		/** Applied by a run that a person requested. */
		RUN,

		/** Marked as applied by a person, who has done its work. */
		MANUAL,

		/** Left out by a person: nobody has done its work. */
		LEFT_OUT,

		/** Lies below the baseline of the database. */
		BASELINE

	}

	/**
	 * How a migration was applied.
	 *
	 * @param at when, by the clock of the database
	 * @param by who asked for it
	 * @param origin where the entry came from
	 * @param runId the run, or {@code null} if there was none
	 * @param executionTime how long its statements took
	 * @param statements how many statements were executed
	 * @param reason the reason that was given, or {@code null}
	 * @param applicationVersion the version of the application that applied it, or
	 * {@code null} if unknown
	 */
	public record Application(Instant at, String by, Origin origin, @Nullable UUID runId, Duration executionTime,
			int statements, @Nullable String reason, @Nullable String applicationVersion) {
	}

	/**
	 * How far the statements of a migration got that cannot run in one transaction.
	 *
	 * @param statementsDone how many statements have taken effect, counted from the first
	 * @param inDoubt whether the statement after those was started and its outcome is not
	 * known
	 * @param doneHash the hash of the statements that have taken effect, so that a script
	 * whose executed part was edited is recognised
	 * @param batches how many batches have taken effect, of a migration that works in
	 * batches
	 * @param rows how many rows these have changed
	 */
	public record Checkpoint(int statementsDone, boolean inDoubt, String doneHash, int batches, long rows) {

		/**
		 * Create a checkpoint of a migration that does not work in batches.
		 * @param statementsDone how many statements have taken effect
		 * @param inDoubt whether the outcome of the next one is not known
		 * @param doneHash the hash of those that have taken effect
		 */
		public Checkpoint(int statementsDone, boolean inDoubt, String doneHash) {
			this(statementsDone, inDoubt, doneHash, 0, 0);
		}

		/**
		 * Return the checkpoint behind one more batch.
		 * @param rows how many rows it has changed
		 * @return the checkpoint
		 */
		public Checkpoint plusBatch(long rows) {
			return new Checkpoint(this.statementsDone, this.inDoubt, this.doneHash, this.batches + 1, this.rows + rows);
		}

		/**
		 * Return whether something took effect, or may have.
		 * @return {@code false} if it lies before the first statement and batch
		 */
		public boolean isPartial() {
			return this.statementsDone > 0 || this.inDoubt || this.batches > 0;
		}

	}

}
