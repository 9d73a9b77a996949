package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.AppliedRecord;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.MigrationRunRepository.Outcome;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigration.Origin;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.PendingScript.JavaBody;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.run.RunMonitor.Stop;
import io.github.pendingmigrations.run.SessionControl.Limits;
import io.github.pendingmigrations.run.SessionControl.Restore;

/**
 * Executes a migration statement by statement and records after each how far it got,
 * where the database or a statement does not allow one transaction. Before a statement
 * starts it is recorded as in doubt, so that a crash cannot make it run twice unnoticed.
 */
class CheckpointedAttempt implements Attempt {

	private final DatabaseProduct product;

	private final SessionControl session;

	private final MigrationLedger ledger;

	private final MigrationRunRepository runs;

	private final BodyExecutor executor;

	private final RunSettings settings;

	CheckpointedAttempt(DatabaseProduct product, SessionControl session, MigrationLedger ledger,
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
		if (!this.session.tryFence(connection)) {
			return new AttemptResult.TryAgain("fenced", Duration.ZERO,
					"another session still executes a migration of these tables");
		}
		try {
			work.progress().session(this.session.sessionId(connection));
			return execute(connection, work);
		}
		finally {
			this.session.releaseFence(connection);
		}
	}

	private AttemptResult execute(Connection connection, Work work) throws SQLException {
		Optional<Entry> entry = this.ledger.lock(connection, work.script().versionText());
		if (entry.isPresent() && entry.get().application() != null) {
			return new AttemptResult.AlreadyApplied();
		}
		if (work.body() instanceof JavaBody java) {
			return executeJava(connection, work, java);
		}
		List<Statement> statements = ((SqlBody) work.body()).statements();
		Checkpoint checkpoint = entry.map(Entry::checkpoint).orElse(new Checkpoint(0, false, ""));
		int done = checkpoint.statementsDone();
		if (done > 0
				&& (done > statements.size() || !checkpoint.doneHash().equals(StatementHash.of(statements, done)))) {
			return new AttemptResult.Refused("The first " + done + " statement(s) of " + work.script().location()
					+ " have taken effect and were changed afterwards. Restore them: only what follows may be corrected.");
		}
		long started = System.nanoTime();
		for (Statement statement : statements.subList(done, statements.size())) {
			Stop stop = work.monitor().stopRequested();
			if (stop != null) {
				return new AttemptResult.Stopped(stop);
			}
			work.progress().startStatement(statement.number());
			AttemptResult problem = executeOne(connection, work, statements, statement);
			if (problem != null) {
				return problem;
			}
		}
		Duration executed = RunMonitor.since(started);
		work.progress().executed(executed);
		return record(connection, work, executed);
	}

	private @org.jspecify.annotations.Nullable AttemptResult executeOne(Connection connection, Work work,
			List<Statement> statements, Statement statement) throws SQLException {
		int before = statement.number() - 1;
		String version = work.script().versionText();
		String beforeHash = StatementHash.of(statements, before);
		if (!this.runs.holdsLease(connection, work.run().id(), this.settings.instanceId())) {
			return new AttemptResult.Stopped(Stop.LEASE_LOST);
		}
		this.ledger.saveCheckpoint(connection, work.script(), new Checkpoint(before, true, beforeHash));
		long started = System.nanoTime();
		boolean oneTransaction = !this.product.hasTransactionalDdl() || statement.inTransaction();
		connection.setAutoCommit(!oneTransaction);
		try {
			Restore restore = this.session.limit(connection, limits(work, statement));
			try {
				this.executor.execute(connection, statement, work.monitor());
				this.ledger.saveCheckpoint(connection, work.script(),
						new Checkpoint(before + 1, false, StatementHash.of(statements, before + 1)));
				if (oneTransaction) {
					connection.commit();
				}
			}
			catch (StatementFailedException ex) {
				if (oneTransaction && ex.kind(this.product) != SqlFailure.CONNECTION_LOST) {
					connection.rollback();
				}
				throw ex;
			}
			finally {
				restoreQuietly(restore);
			}
		}
		catch (StatementFailedException ex) {
			return failed(connection, work, ex, new Checkpoint(before, false, beforeHash), RunMonitor.since(started));
		}
		finally {
			if (!connection.isClosed()) {
				connection.setAutoCommit(true);
			}
		}
		this.runs.append(work.run().id(), MigrationRunEvent.Type.STATEMENT,
				"Statement " + statement.number() + " of " + statements.size() + " of P" + version + " took effect in "
						+ RunMonitor.since(started).toMillis() + " ms");
		return null;
	}

	private static void restoreQuietly(Restore restore) {
		try {
			restore.restore();
		}
		catch (SQLException ex) {
			// Only a broken connection cannot do that, and the pool throws that one away.
			return;
		}
	}

	private Limits limits(Work work, Statement statement) {
		if (!statement.inTransaction()) {
			return Limits.NONE;
		}
		Duration holdBudget = work.script().directives().holdBudget();
		return new Limits(work.rung().lockTimeout(), (holdBudget != null) ? holdBudget : this.settings.holdBudget(),
				false);
	}

	private AttemptResult failed(Connection connection, Work work, StatementFailedException ex, Checkpoint unchanged,
			Duration elapsed) throws SQLException {
		SqlFailure kind = ex.kind(this.product);
		SQLException cause = ex.sqlException();
		if (kind == SqlFailure.CONNECTION_LOST && cause != null) {
			return new AttemptResult.ConnectionLost(cause);
		}
		connection.setAutoCommit(true);
		this.ledger.saveCheckpoint(connection, work.script(), unchanged);
		Stop stop = work.monitor().stopRequested();
		if (kind == SqlFailure.HOLD_BUDGET_EXCEEDED && stop != null) {
			return new AttemptResult.Stopped(stop);
		}
		if (kind.isRetryable()) {
			return new AttemptResult.TryAgain(TransactionalAttempt.outcome(kind), elapsed,
					"statement " + ex.getStatement() + ": " + ex.describe());
		}
		return new AttemptResult.Failed(ex, kind);
	}

	private AttemptResult executeJava(Connection connection, Work work, JavaBody java) throws SQLException {
		work.progress().startStatement(1);
		this.ledger.saveCheckpoint(connection, work.script(), new Checkpoint(0, true, ""));
		long started = System.nanoTime();
		try {
			this.executor.execute(connection, java.migration(), work.monitor(), work.progress()::reported);
		}
		catch (CancellationException ex) {
			return TransactionalAttempt.stopped(work.monitor());
		}
		catch (StatementFailedException ex) {
			return failed(connection, work, ex, new Checkpoint(0, true, ""), RunMonitor.since(started));
		}
		Duration executed = RunMonitor.since(started);
		work.progress().executed(executed);
		return record(connection, work, executed);
	}

	private AttemptResult record(Connection connection, Work work, Duration executed) throws SQLException {
		connection.setAutoCommit(false);
		try {
			boolean recorded = this.ledger.recordApplied(connection,
					new AppliedRecord(work.script(), work.run().request().by(), Origin.RUN, work.run().id(), executed,
							work.body().size(), work.run().request().reason(), this.settings.applicationVersion()));
			boolean held = this.runs.holdsLease(connection, work.run().id(), this.settings.instanceId());
			boolean finished = held && work.last()
					&& this.runs.finish(connection, work.run().id(), this.settings.instanceId(),
							new Outcome(MigrationRunStatus.SUCCEEDED, null, work.progress().position(),
									work.progress().contention(), work.script().displayName() + " applied"));
			connection.commit();
			if (!recorded) {
				return new AttemptResult.AlreadyApplied();
			}
			return held ? new AttemptResult.Applied(executed, finished) : new AttemptResult.Stopped(Stop.LEASE_LOST);
		}
		finally {
			connection.setAutoCommit(true);
		}
	}

}
