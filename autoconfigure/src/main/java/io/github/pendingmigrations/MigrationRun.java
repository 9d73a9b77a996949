package io.github.pendingmigrations;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * One request to apply pending migrations, and what became of it. Persisted, so that
 * every instance can read it and a restart does not lose it.
 *
 * @param id the id
 * @param parentId the run that this one retries, or {@code null}
 * @param status the status
 * @param phase what it does, {@code null} unless it is running
 * @param request who asked for what
 * @param position how far it is
 * @param lease which worker has it, {@code null} if none ever had
 * @param hold why it is held, or is to be held as soon as that is possible, or
 * {@code null}
 * @param contention how long it waited and whom it met
 * @param failure why it failed, {@code null} if it did not
 * @param applicationVersion the version of the application that executes it, or
 * {@code null} if unknown
 * @param applicationCommit the commit that it was built from, or {@code null} if unknown
 * @param startedAt when a worker first took it, or {@code null}
 * @param finishedAt when it ended, or {@code null}
 * @since 0.1.0
 */
public record MigrationRun(UUID id, @Nullable UUID parentId, MigrationRunStatus status,
		@Nullable MigrationRunPhase phase, Request request, Position position, @Nullable Lease lease,
		@Nullable Hold hold, Contention contention, @Nullable Failure failure, @Nullable String applicationVersion,
		@Nullable String applicationCommit, @Nullable Instant startedAt, @Nullable Instant finishedAt) {

	/**
	 * Return whether a person holds it, so that it goes on only when one resumes it.
	 * @return {@code false} also for one that waits for a time
	 */
	public boolean isHeldByPerson() {
		return this.status == MigrationRunStatus.HELD && this.hold != null && this.hold.until() == null;
	}

	/**
	 * Return the versions that this run applies, in order.
	 * @return the versions
	 */
	public List<String> versions() {
		return this.request.plan().stream().map(Planned::version).toList();
	}

	/**
	 * A migration that a run applies, bound to the content that was reviewed.
	 *
	 * @param version the version
	 * @param checksum the checksum of the reviewed content
	 */
	public record Planned(String version, int checksum) {
	}

	/**
	 * Who asked for what.
	 *
	 * @param by who asked
	 * @param via the way that the request came, such as {@code actuator}
	 * @param at when, by the clock of the database
	 * @param reason why, as given by the person
	 * @param plan the migrations to apply, in order
	 * @param force what was overridden
	 */
	public record Request(String by, String via, Instant at, String reason, List<Planned> plan, Force force) {

		public Request(String by, String via, Instant at, String reason, List<Planned> plan) {
			this(by, via, at, reason, plan, Force.NONE);
		}

	}

	/**
	 * How far a run is.
	 *
	 * @param version the version that it is at, or {@code null} before the first one
	 * @param statement the number of the statement that it is at, counted from 1, or 0
	 * before the first one
	 * @param statements how many statements the migration has, or 0 if not known yet
	 * @param attempt the number of the attempt, counted from 1
	 * @param nextAttemptAt when the next attempt starts, or {@code null}
	 * @param deadlineAt when it gives up, or {@code null}
	 * @param done how much is done: what a Java migration has reported, or how many rows
	 * have been changed in batches
	 * @param total how much a Java migration has reported as its total, or 0
	 * @param batches how many batches have taken effect, or 0 if it does not work in
	 * batches
	 */
	public record Position(@Nullable String version, int statement, int statements, int attempt,
			@Nullable Instant nextAttemptAt, @Nullable Instant deadlineAt, long done, long total, int batches) {

		/** Where a run begins. */
		public static final Position START = new Position(null, 0, 0, 0, null, null, 0, 0, 0);

	}

	/**
	 * The worker that has a run.
	 *
	 * @param owner the id of the instance
	 * @param until when the lease expires, by the clock of the database, or {@code null}
	 * if it was given back
	 * @param heartbeatAt when the worker was last heard of
	 * @param databaseSession the session that executes, such as a PostgreSQL backend's
	 * pid, or {@code null}
	 */
	public record Lease(String owner, @Nullable Instant until, @Nullable Instant heartbeatAt,
			@Nullable String databaseSession) {
	}

	/**
	 * Why a run is held.
	 *
	 * @param reason the reason, for people
	 * @param until when it goes on by itself, by the clock of the database, or
	 * {@code null} if a person has to resume it
	 */
	public record Hold(String reason, @Nullable Instant until) {
	}

	/**
	 * How long a run waited and whom it met.
	 *
	 * @param waited the time spent in lock queues
	 * @param executed the time spent executing
	 * @param maxBlockedSessions how many sessions waited for it at once, at most
	 * @param longestBlocked how long the longest of them waited
	 * @param blockers who stands in its way, empty if nobody
	 */
	public record Contention(Duration waited, Duration executed, int maxBlockedSessions, Duration longestBlocked,
			List<Blocker> blockers) {

		/** No contention seen. */
		public static final Contention NONE = new Contention(Duration.ZERO, Duration.ZERO, 0, Duration.ZERO, List.of());

		/**
		 * Add time that has been spent.
		 * @param waited the time spent in lock queues
		 * @param executed the time spent executing
		 * @return the sum, with the same sessions
		 */
		public Contention plus(Duration waited, Duration executed) {
			return new Contention(this.waited.plus(waited), this.executed.plus(executed), this.maxBlockedSessions,
					this.longestBlocked, this.blockers);
		}

	}

	/**
	 * A session that stands in the way.
	 *
	 * @param session the id of the session, such as a PostgreSQL backend's pid
	 * @param user the database user, or {@code null} if unknown
	 * @param application the name that the session gave itself, or {@code null}
	 * @param state what it does, such as {@code idle in transaction}, or {@code null}
	 * @param age how long its transaction has been open, or {@code null} if unknown
	 * @param query what it executes or executed last, or {@code null} if that is unknown
	 * or not to be recorded
	 */
	public record Blocker(long session, @Nullable String user, @Nullable String application, @Nullable String state,
			@Nullable Duration age, @Nullable String query) {
	}

	/**
	 * Why a run failed.
	 *
	 * @param kind the kind of failure, such as {@code SQL_ERROR} or {@code LOCK_TIMEOUT}
	 * @param errorClass the class of the exception
	 * @param sqlState the SQLSTATE, or {@code null} if there was none
	 * @param vendorCode the error code of the database, or {@code null} if there was none
	 * @param message the message of the database
	 * @param version the version that failed
	 * @param statement the number of the failed statement, counted from 1, or 0 if it was
	 * none
	 * @param line the line of that statement in the script, counted from 1, or 0
	 * @param advice what took effect, what did not and what to do next
	 */
	public record Failure(String kind, @Nullable String errorClass, @Nullable String sqlState,
			@Nullable Integer vendorCode, @Nullable String message, @Nullable String version, int statement, int line,
			String advice) {
	}

}
