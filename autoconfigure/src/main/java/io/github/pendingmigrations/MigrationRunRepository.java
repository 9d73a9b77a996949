package io.github.pendingmigrations;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import io.github.pendingmigrations.MigrationRun.Contention;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Planned;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import org.jspecify.annotations.Nullable;

/**
 * Keeps runs and their events. Every change of status is one conditional update that
 * names the statuses it may follow, so that of several that compete one wins and the
 * others learn that they did not. Times are those of the database's clock.
 *
 * @since 0.1.0
 */
public interface MigrationRunRepository {

	/**
	 * How often a run goes on by itself after its worker disappeared: what kills every
	 * worker is most likely the migration.
	 */
	int MAX_RESUMPTIONS = 3;

	/**
	 * Create a queued run.
	 * @param run the run
	 * @return the run, or empty if another run is active
	 */
	Optional<MigrationRun> create(NewRun run);

	/**
	 * Return one run.
	 * @param id the id
	 * @return the run, or empty if there is none
	 */
	Optional<MigrationRun> find(UUID id);

	/**
	 * Return runs, newest first.
	 * @param query which ones
	 * @return the runs
	 */
	List<MigrationRun> find(RunQuery query);

	/**
	 * Return the run that occupies the database.
	 * @return the run, or empty if there is none
	 */
	Optional<MigrationRun> findActive();

	/**
	 * Take a run that is queued, or held until a time that has come: it becomes running
	 * and this worker gets its lease.
	 * @param id the run
	 * @param claim the claim
	 * @return the run, or empty if somebody else was faster
	 */
	Optional<MigrationRun> claim(UUID id, Claim claim);

	/**
	 * Renew a lease.
	 * @param id the run
	 * @param owner the worker
	 * @param lease how long from now
	 * @return what the run is asked for, or empty if the lease is lost
	 */
	Optional<Orders> heartbeat(UUID id, String owner, Duration lease);

	/**
	 * Record where a run is. Does nothing if the lease is lost.
	 * @param id the run
	 * @param owner the worker
	 * @param progress where it is
	 * @return {@code false} if the lease is lost
	 */
	boolean saveProgress(UUID id, String owner, Progress progress);

	/**
	 * Record which session of the database executes a run.
	 * @param id the run
	 * @param owner the worker
	 * @param session the session
	 * @return {@code false} if the lease is lost
	 */
	boolean saveSession(UUID id, String owner, String session);

	/**
	 * End a run.
	 * @param id the run
	 * @param owner the worker
	 * @param outcome how it ended
	 * @return {@code false} if the lease is lost
	 */
	boolean finish(UUID id, String owner, Outcome outcome);

	/**
	 * End a run in the transaction of a connection.
	 * @param connection the connection
	 * @param id the run
	 * @param owner the worker
	 * @param outcome how it ended
	 * @return {@code false} if the lease is lost: roll back
	 * @throws SQLException if that fails
	 */
	boolean finish(Connection connection, UUID id, String owner, Outcome outcome) throws SQLException;

	/**
	 * Make sure, in the transaction of a connection, that the lease is still held, and
	 * keep anybody from taking it until that transaction ends.
	 * @param connection the connection
	 * @param id the run
	 * @param owner the worker
	 * @return {@code false} if the lease is lost: roll back
	 * @throws SQLException if that fails
	 */
	boolean holdsLease(Connection connection, UUID id, String owner) throws SQLException;

	/**
	 * Look whether the lease is still held, without keeping anybody from taking it.
	 * @param connection the connection
	 * @param id the run
	 * @param owner the worker
	 * @return {@code false} if the lease is lost
	 * @throws SQLException if that fails
	 */
	boolean seesLease(Connection connection, UUID id, String owner) throws SQLException;

	/**
	 * Ask a run to stop: one that no worker has is cancelled, a running one becomes
	 * cancelling.
	 * @param id the run
	 * @param requester who asks and why
	 * @param force whether to cancel a statement that executes, too
	 * @return the run after that, or empty if its status did not allow it
	 */
	Optional<MigrationRun> requestCancel(UUID id, Requester requester, boolean force);

	/**
	 * Ask a run to wait for a person: a queued one is held, a running one is to be held
	 * by its worker.
	 * @param id the run
	 * @param requester who asks and why
	 * @return the run after that, or empty if its status did not allow it
	 */
	Optional<MigrationRun> requestHold(UUID id, Requester requester);

	/**
	 * Let a run go on that waits for a person, or was asked to: a held one is queued.
	 * @param id the run
	 * @param requester who asks and why
	 * @return the run after that, or empty if its status did not allow it
	 */
	Optional<MigrationRun> resume(UUID id, Requester requester);

	/**
	 * Hold a run as a person has asked for. The lease ends.
	 * @param id the run
	 * @param owner the worker
	 * @return {@code false} if the lease is lost, or nobody asks for that any more
	 */
	boolean hold(UUID id, String owner);

	/**
	 * Hold a run until a time. The lease ends, and any worker may take it then.
	 * @param id the run
	 * @param owner the worker
	 * @param reason why, for people
	 * @param wait how long from now
	 * @return {@code false} if the lease is lost, or a person has asked for something
	 * else
	 */
	boolean holdUntil(UUID id, String owner, String reason, Duration wait);

	/**
	 * Hold a run further whose time is over. Nobody takes it for that, and no event tells
	 * it.
	 * @param id the run
	 * @param reason why, for people
	 * @param wait how long from now
	 * @return {@code false} if it is not held any more, or somebody has extended that
	 */
	boolean extendHold(UUID id, String reason, Duration wait);

	/**
	 * Find the run whose lease has expired.
	 * @return the run, or empty if there is none
	 */
	Optional<MigrationRun> findExpired();

	/**
	 * Take a run from a worker whose lease has expired. It is interrupted, and queued
	 * again in the same step if it may go on by itself, so that no other run can take its
	 * place. If a person has asked to hold or to cancel it, it is held or cancelled
	 * instead of queued.
	 * @param run the run, with the lease that has expired
	 * @param interruption what has happened to it
	 * @return the run after that, or empty if its lease has not expired, or somebody else
	 * was faster
	 */
	Optional<MigrationRun> interruptExpired(MigrationRun run, Interruption interruption);

	/**
	 * Give a run back because its worker stops. What becomes of it is as with
	 * {@link #interruptExpired}.
	 * @param id the run
	 * @param owner the worker
	 * @param interruption what has happened to it
	 * @return the run after that, or empty if the lease is lost
	 */
	Optional<MigrationRun> interrupt(UUID id, String owner, Interruption interruption);

	/**
	 * Append an event.
	 * @param id the run
	 * @param type the type
	 * @param detail what happened, for people
	 */
	void append(UUID id, MigrationRunEvent.Type type, String detail);

	/**
	 * Return the events of a run.
	 * @param id the run
	 * @return the events in their order
	 */
	List<MigrationRunEvent> events(UUID id);

	/**
	 * Ask whether it is this instance's turn to remove old runs. Of all instances one
	 * gets a turn in each interval.
	 * @param interval how often that is done
	 * @return {@code true} if it is
	 */
	boolean takeTurnToRemove(Duration interval);

	/**
	 * Remove old runs, with their events. Runs that are active stay, and those that the
	 * ledger refers to: the last one of each migration, and the one that applied it.
	 * @param retention which runs to keep
	 * @param limit how many to remove at most, oldest first
	 * @return how many were removed
	 */
	int removeOld(Retention retention, int limit);

	/**
	 * Which runs to keep: the newest ones, unless they are too old.
	 *
	 * @param maxRuns how many
	 * @param maxAge how old they may get, since they were requested
	 */
	record Retention(int maxRuns, Duration maxAge) {
	}

	/**
	 * A run to create.
	 *
	 * @param parentId the run that it retries, or {@code null}
	 * @param requester who asks and why
	 * @param plan what to apply
	 * @param force what is overridden
	 */
	record NewRun(@Nullable UUID parentId, Requester requester, List<Planned> plan, Force force) {

		public NewRun(@Nullable UUID parentId, Requester requester, List<Planned> plan) {
			this(parentId, requester, plan, Force.NONE);
		}

	}

	/**
	 * A worker's claim.
	 *
	 * @param owner the worker
	 * @param lease how long the lease lasts
	 * @param deadline after what time the run gives up
	 * @param applicationVersion the version of the application, or {@code null} if
	 * unknown
	 * @param applicationCommit the commit that it was built from, or {@code null} if
	 * unknown
	 */
	record Claim(String owner, Duration lease, Duration deadline, @Nullable String applicationVersion,
			@Nullable String applicationCommit) {

		public Claim(String owner, Duration lease, Duration deadline, @Nullable String applicationVersion) {
			this(owner, lease, deadline, applicationVersion, null);
		}

	}

	/**
	 * What a run is asked for while a worker has it.
	 *
	 * @param status the status
	 * @param hold whether it is to be held
	 * @param force whether a statement that executes is to be cancelled, too
	 */
	record Orders(MigrationRunStatus status, boolean hold, boolean force) {
	}

	/**
	 * Where a run is.
	 *
	 * @param phase what it does
	 * @param version the version that it is at, or {@code null} before the first one
	 * @param statement the number of the statement, or 0
	 * @param statements the number of statements, or 0
	 * @param attempt the number of the attempt
	 * @param nextAttemptIn when the next attempt starts, from now, or {@code null}
	 * @param done how much a Java migration reported as done, or how many rows were
	 * changed in batches
	 * @param total how much it reported as total
	 * @param batches how many batches have taken effect
	 * @param deadlineIn after what time from now the run gives up, or {@code null} if
	 * that has not changed since it was claimed
	 * @param contention how long it waited and whom it met
	 */
	record Progress(MigrationRunPhase phase, @Nullable String version, int statement, int statements, int attempt,
			@Nullable Duration nextAttemptIn, long done, long total, int batches, @Nullable Duration deadlineIn,
			Contention contention) {
	}

	/**
	 * How a run ended.
	 *
	 * @param status the final status
	 * @param failure why it failed, or {@code null}
	 * @param position where it ended, or {@code null} to leave it as it is
	 * @param contention how long it waited and whom it met
	 * @param detail what happened, for people
	 */
	record Outcome(MigrationRunStatus status, @Nullable Failure failure, @Nullable Position position,
			Contention contention, String detail) {
	}

	/**
	 * What has happened to a run that has no worker any more.
	 *
	 * @param detail what happened, for people
	 * @param resumable whether it may go on by itself, because what of it took effect is
	 * known
	 * @param counted whether it may do so {@value #MAX_RESUMPTIONS} times only
	 * @param decision what a person has to decide if it does not go on by itself
	 */
	record Interruption(String detail, boolean resumable, boolean counted, Failure decision) {
	}

}
