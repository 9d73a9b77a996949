package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;

import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.PendingScript.JavaBody;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.run.ContentionSampler.Watch;
import io.github.pendingmigrations.run.RunMonitor.Stop;
import io.github.pendingmigrations.run.SessionControl.Limits;
import org.jspecify.annotations.Nullable;

/**
 * Executes a migration, records it and ends the run in one transaction: whatever dies,
 * either all of it happened or nothing.
 */
class TransactionalAttempt implements Attempt {

	private final RunResources resources;

	private final SessionControl session;

	private final MigrationLedger ledger;

	private final MigrationRunRepository runs;

	private final Workplace workplace;

	private final BodyExecutor executor;

	TransactionalAttempt(RunResources resources, Workplace workplace, BodyExecutor executor) {
		this.resources = resources;
		this.session = resources.session();
		this.ledger = resources.ledger();
		this.runs = resources.runs();
		this.workplace = workplace;
		this.executor = executor;
	}

	@Override
	public AttemptResult run(BorrowedConnection borrowed, Work work) throws SQLException {
		this.session.begin(borrowed.connection());
		long started = System.nanoTime();
		boolean locked = false;
		try {
			AttemptResult result = execute(borrowed, work);
			locked = hadLocks(result, work);
			if (result instanceof AttemptResult.Applied) {
				// What a transaction sets stays set when it is committed.
				borrowed.taintSession();
				AttemptResult refused = commit(borrowed.connection(), work);
				return (refused != null) ? refused : result;
			}
			return result;
		}
		finally {
			borrowed.settle();
			if (locked) {
				this.resources.listener().onLocksReleased(this.resources.flywayBean(), RunMonitor.since(started));
			}
		}
	}

	/**
	 * What is deferred until the commit can fail there.
	 * @return why there was no commit, or {@code null} if there was
	 */
	private @Nullable AttemptResult commit(Connection connection, Work work) throws SQLException {
		long started = System.nanoTime();
		try {
			connection.commit();
			return null;
		}
		catch (SQLException ex) {
			SqlFailure kind = SqlFailure.of(this.resources.product(), ex);
			if (kind.isOutage()) {
				throw ex;
			}
			return work.failed(StatementFailedException.atCommit(work.body(), ex), kind, RunMonitor.since(started),
					Limits.RECORD.work());
		}
	}

	/**
	 * A statement that was refused its locks has none, but those before it have theirs.
	 */
	private static boolean hadLocks(AttemptResult result, Work work) {
		return result instanceof AttemptResult.Applied || result instanceof AttemptResult.Failed
				|| (result instanceof AttemptResult.TryAgain && work.progress().position().statement() > 1);
	}

	private AttemptResult execute(BorrowedConnection borrowed, Work work) throws SQLException {
		Connection connection = borrowed.connection();
		this.session.limit(connection, Limits.OWN);
		AttemptResult fenced = work.fence(this.session, connection);
		if (fenced != null) {
			return fenced;
		}
		// Looks only: a lock of the run would keep others from taking it for that long.
		if (!this.runs.seesLease(connection, work.run().id(), work.settings().instanceId())) {
			return new AttemptResult.Stopped(Stop.LEASE_LOST);
		}
		Optional<Entry> entry = this.ledger.lock(connection, work.script().versionText());
		if (entry.isPresent() && entry.get().application() != null) {
			return new AttemptResult.AlreadyApplied();
		}
		work.progress().session(this.session.sessionId(connection));
		this.workplace.enter(borrowed);
		long started = System.nanoTime();
		Wait limit = limit(work);
		try (Watch watch = work.watch()) {
			Stop stop = (work.body() instanceof SqlBody sql) ? executeSql(connection, work, sql, limit)
					: executeJava(borrowed, work, (JavaBody) work.body());
			if (stop != null) {
				return new AttemptResult.Stopped(stop);
			}
		}
		catch (StatementFailedException ex) {
			return work.failed(ex, ex.kind(this.resources.product()), RunMonitor.since(started), limit);
		}
		Duration executed = RunMonitor.since(started);
		work.progress().executed(executed);
		this.session.limitNext(connection, Limits.RECORD);
		return record(connection, work, executed);
	}

	private static Wait limit(Work work) {
		return (work.body() instanceof SqlBody) ? Wait.atMost(work.rung().lockTimeout().plus(work.holdBudget()))
				: Wait.atMost(work.holdBudget());
	}

	private @Nullable Stop executeSql(Connection connection, Work work, SqlBody body, Wait limit)
			throws StatementFailedException, SQLException {
		Wait lockWait = Wait.atMost(work.rung().lockTimeout());
		this.session.limit(connection, new Limits(lockWait, limit, Limits.IDLE));
		long started = System.nanoTime();
		for (Statement statement : body.statements()) {
			Stop stop = work.monitor().stopRequested();
			if (stop != null) {
				return stop;
			}
			work.progress().startStatement(statement.number());
			if (statement.number() > 1) {
				// The locks of the earlier ones are held until the end.
				Wait rest = Wait.atMost(limit.limit().minus(RunMonitor.since(started)));
				this.session.limitNext(connection, new Limits(lockWait, rest, Limits.IDLE));
			}
			this.executor.execute(connection, statement, work.monitor());
		}
		return null;
	}

	private @Nullable Stop executeJava(BorrowedConnection borrowed, Work work, JavaBody body)
			throws StatementFailedException, SQLException {
		Connection connection = borrowed.connection();
		// Mostly it is about rows. It may compute for as long as one statement may take.
		Wait limit = limit(work);
		Wait idle = (limit.limit().compareTo(Limits.IDLE.limit()) > 0) ? limit : Limits.IDLE;
		this.session.limit(connection, new Limits(Wait.atMost(Batches.ROW_LOCK_TIMEOUT), limit, idle));
		work.progress().startStatement(1);
		borrowed.taintSession();
		try {
			this.executor.execute(body.migration(),
					MigrationContext.inTransaction(connection, work.monitor(), work.progress()::reported));
			// From here on, nothing but our own statements follows
			this.session.limit(connection, Limits.RECORD);
			return null;
		}
		catch (CancellationException ex) {
			return work.monitor().stopRequested();
		}
	}

	private AttemptResult record(Connection connection, Work work, Duration executed) throws SQLException {
		if (!this.ledger.recordApplied(connection, work.applied(executed))) {
			return new AttemptResult.AlreadyApplied();
		}
		String owner = work.settings().instanceId();
		boolean held = work.last() ? this.runs.finish(connection, work.run().id(), owner, work.succeeded())
				: this.runs.holdsLease(connection, work.run().id(), owner);
		return held ? new AttemptResult.Applied(executed, work.last()) : new AttemptResult.Stopped(Stop.LEASE_LOST);
	}

}
