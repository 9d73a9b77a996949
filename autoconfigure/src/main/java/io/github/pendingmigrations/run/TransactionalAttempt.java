package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.AppliedRecord;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.MigrationRunRepository.Outcome;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration.Origin;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.PendingScript.JavaBody;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.run.RunMonitor.Stop;
import io.github.pendingmigrations.run.SessionControl.Limits;
import org.jspecify.annotations.Nullable;

/**
 * Executes a migration, records it and ends the run in one transaction: whatever dies,
 * either all of it happened or nothing.
 */
class TransactionalAttempt implements Attempt {

	/** What is written in Java is mostly about rows, whose locks stall nobody else. */
	private static final Duration JAVA_LOCK_TIMEOUT = Duration.ofMillis(500);

	private final DatabaseProduct product;

	private final SessionControl session;

	private final MigrationLedger ledger;

	private final MigrationRunRepository runs;

	private final BodyExecutor executor;

	private final RunSettings settings;

	TransactionalAttempt(DatabaseProduct product, SessionControl session, MigrationLedger ledger,
			MigrationRunRepository runs, BodyExecutor executor, RunSettings settings) {
		this.product = product;
		this.session = session;
		this.ledger = ledger;
		this.runs = runs;
		this.executor = executor;
		this.settings = settings;
	}

	@Override
	public AttemptResult run(Connection connection, Work work) throws SQLException {
		connection.setAutoCommit(false);
		boolean committed = false;
		try {
			AttemptResult result = execute(connection, work);
			if (result instanceof AttemptResult.Applied) {
				connection.commit();
				committed = true;
			}
			return result;
		}
		finally {
			if (!committed) {
				connection.rollback();
			}
			connection.setAutoCommit(true);
		}
	}

	private AttemptResult execute(Connection connection, Work work) throws SQLException {
		this.session.limit(connection, Limits.OWN);
		if (!this.session.tryFence(connection)) {
			return new AttemptResult.TryAgain("fenced", Duration.ZERO,
					"another session still executes a migration of these tables");
		}
		Optional<Entry> entry = this.ledger.lock(connection, work.script().versionText());
		if (entry.isPresent() && entry.get().application() != null) {
			return new AttemptResult.AlreadyApplied();
		}
		work.progress().session(this.session.sessionId(connection));
		Duration holdBudget = work.script().directives().holdBudget();
		boolean sql = work.body() instanceof SqlBody;
		this.session.limit(connection, new Limits(sql ? work.rung().lockTimeout() : JAVA_LOCK_TIMEOUT,
				(holdBudget != null) ? holdBudget : this.settings.holdBudget(), sql));
		long started = System.nanoTime();
		try {
			Stop stop = executeBody(connection, work);
			if (stop != null) {
				return new AttemptResult.Stopped(stop);
			}
		}
		catch (CancellationException ex) {
			return stopped(work.monitor());
		}
		catch (StatementFailedException ex) {
			return failed(ex, work, RunMonitor.since(started));
		}
		Duration executed = RunMonitor.since(started);
		work.progress().executed(executed);
		this.session.limit(connection, Limits.OWN);
		return record(connection, work, executed);
	}

	private @Nullable Stop executeBody(Connection connection, Work work) throws StatementFailedException {
		if (work.body() instanceof JavaBody java) {
			work.progress().startStatement(1);
			this.executor.execute(connection, java.migration(), work.monitor(), work.progress()::reported);
			return null;
		}
		for (Statement statement : ((SqlBody) work.body()).statements()) {
			if (work.monitor().stopRequested() != null) {
				return work.monitor().stopRequested();
			}
			work.progress().startStatement(statement.number());
			this.executor.execute(connection, statement, work.monitor());
		}
		return null;
	}

	private AttemptResult failed(StatementFailedException ex, Work work, Duration elapsed) {
		SqlFailure kind = ex.kind(this.product);
		SQLException cause = ex.sqlException();
		if (kind == SqlFailure.CONNECTION_LOST && cause != null) {
			return new AttemptResult.ConnectionLost(cause);
		}
		Stop stop = work.monitor().stopRequested();
		if (kind == SqlFailure.HOLD_BUDGET_EXCEEDED && stop != null) {
			return new AttemptResult.Stopped(stop);
		}
		if (kind.isRetryable()) {
			return new AttemptResult.TryAgain(outcome(kind), elapsed,
					"statement " + ex.getStatement() + ": " + ex.describe());
		}
		return new AttemptResult.Failed(ex, kind);
	}

	static String outcome(SqlFailure kind) {
		return (kind == SqlFailure.DEADLOCK) ? "deadlock" : "lock_timeout";
	}

	static AttemptResult stopped(RunMonitor monitor) {
		Stop stop = monitor.stopRequested();
		return new AttemptResult.Stopped((stop != null) ? stop : Stop.CANCELLED);
	}

	private AttemptResult record(Connection connection, Work work, Duration executed) throws SQLException {
		if (!this.ledger.recordApplied(connection, applied(work, executed))) {
			return new AttemptResult.AlreadyApplied();
		}
		String owner = this.settings.instanceId();
		boolean held = work.last() ? this.runs.finish(connection, work.run().id(), owner, succeeded(work))
				: this.runs.holdsLease(connection, work.run().id(), owner);
		return held ? new AttemptResult.Applied(executed, work.last()) : new AttemptResult.Stopped(Stop.LEASE_LOST);
	}

	private AppliedRecord applied(Work work, Duration executed) {
		return new AppliedRecord(work.script(), work.run().request().by(), Origin.RUN, work.run().id(), executed,
				work.body().size(), work.run().request().reason(), this.settings.applicationVersion());
	}

	private static Outcome succeeded(Work work) {
		return new Outcome(MigrationRunStatus.SUCCEEDED, null, work.progress().position(), work.progress().contention(),
				work.script().displayName() + " applied");
	}

}
