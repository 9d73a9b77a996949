package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.ScriptDirectives.Repeat;
import io.github.pendingmigrations.run.Attempt.Work;
import io.github.pendingmigrations.run.ContentionSampler.Watch;
import io.github.pendingmigrations.run.RunMonitor.Stop;
import io.github.pendingmigrations.run.SessionControl.Leftovers;
import io.github.pendingmigrations.run.SessionControl.Limits;
import io.github.pendingmigrations.run.SessionControl.Restore;
import io.github.pendingmigrations.run.SessionControl.Undo;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;

/**
 * Executes the statements of a script one by one. Before a statement starts it is
 * recorded as in doubt, so that a crash cannot make it run twice unnoticed.
 */
class StatementSteps {

	private static final Log logger = LogFactory.getLog(StatementSteps.class);

	/** MySQL and MariaDB cannot wait for less than a second, except not at all. */
	private static final Duration LAST_WAIT = Duration.ofSeconds(1);

	private final RunResources resources;

	private final SessionControl session;

	private final MigrationLedger ledger;

	private final MigrationRunRepository runs;

	private final Workplace workplace;

	private final BodyExecutor executor;

	StatementSteps(RunResources resources, Workplace workplace, BodyExecutor executor) {
		this.resources = resources;
		this.session = resources.session();
		this.ledger = resources.ledger();
		this.runs = resources.runs();
		this.workplace = workplace;
		this.executor = executor;
	}

	/**
	 * Execute the statements behind those that have taken effect.
	 * @param borrowed the connection
	 * @param work what to execute
	 * @param statements all statements
	 * @param checkpoint how far it has got
	 * @return why it ended before the last one, or {@code null} if it did not
	 * @throws SQLException if a statement of our own fails
	 */
	@Nullable AttemptResult execute(BorrowedConnection borrowed, Work work, List<Statement> statements, Checkpoint checkpoint)
			throws SQLException {
		Repeat repeat = work.script().directives().repeat();
		Batches batches = (repeat != null) ? new Batches(this.resources, borrowed, work, checkpoint) : null;
		Restore schema = this.workplace.enter(borrowed);
		int done = checkpoint.statementsDone();
		AttemptResult problem = replay(borrowed, work, statements.subList(0, done));
		if (problem != null) {
			return problem;
		}
		for (Statement statement : statements.subList(done, statements.size())) {
			Stop stop = work.monitor().stopRequested();
			problem = (stop != null) ? new AttemptResult.Stopped(stop) : (repeat != null && batches != null)
					? executeRepeated(borrowed, work, statements, statement, batches, repeat) : executeOne(borrowed,
							work, statements, statement, checkpoint.inDoubt() && statement.number() == done + 1);
			if (problem != null) {
				break;
			}
			borrowed.taintSession();
		}
		if (!(problem instanceof AttemptResult.TryAgain)) {
			borrowed.taintSession();
		}
		// What was refused a lock has changed nothing, so that polling needs no new
		// sessions.
		borrowed.restore(schema);
		return problem;
	}

	/**
	 * Set again what earlier statements had set in a session that has ended.
	 */
	private @Nullable AttemptResult replay(BorrowedConnection borrowed, Work work, List<Statement> statements) {
		for (Statement statement : statements) {
			if (SqlText.changesOnlySession(statement.sql())) {
				borrowed.taintSession();
				try {
					this.executor.execute(borrowed.connection(), statement, work.monitor());
				}
				catch (StatementFailedException ex) {
					return work.failed(ex, ex.kind(this.resources.product()), Duration.ZERO, Wait.UNLIMITED);
				}
			}
		}
		return null;
	}

	private @Nullable AttemptResult executeOne(BorrowedConnection borrowed, Work work, List<Statement> statements,
			Statement statement, boolean wasInDoubt) throws SQLException {
		Connection connection = borrowed.connection();
		if (!holdsLease(connection, work)) {
			return new AttemptResult.Stopped(Stop.LEASE_LOST);
		}
		int before = statement.number() - 1;
		String hash = StatementHash.of(statements, before);
		Checkpoint unchanged = new Checkpoint(before, wasInDoubt, hash);
		work.progress().startStatement(statement.number());
		boolean marked = !wasInDoubt && !isAtomic(statement);
		if (marked) {
			this.ledger.saveCheckpoint(connection, work.script(), new Checkpoint(before, true, hash));
		}
		long started = System.nanoTime();
		AttemptResult problem;
		try {
			problem = runsInTransaction(statement) ? executeLimited(borrowed, work, statements, statement)
					: executeAlone(borrowed, work, statements, statement);
		}
		catch (LimitFailedException ex) {
			if (marked) {
				this.ledger.saveCheckpoint(connection, work.script(), unchanged);
			}
			throw ex.cause();
		}
		if (wasInDoubt && problem instanceof AttemptResult.Failed failed
				&& StatementInDoubt.isDone(this.resources.product(), statement, failed.failure())) {
			saveDone(connection, work, statements, statement);
			note(work, MigrationRunEvent.Type.STATEMENT,
					"Statement " + statement.number() + " of " + statements.size() + " of P"
							+ work.script().versionText()
							+ ", which was in doubt, had taken effect: the database says \""
							+ FailureMessage.of(this.resources.product(), failed.failure().getCause()) + "\"");
			return null;
		}
		if (problem != null) {
			if (marked && isKnownToHaveDoneNothing(borrowed, statement, problem)) {
				saveUnchanged(connection, work, unchanged);
			}
			return problem;
		}
		Duration executed = RunMonitor.since(started);
		work.progress().executed(executed);
		note(work, MigrationRunEvent.Type.STATEMENT, "Statement " + statement.number() + " of " + statements.size()
				+ " of P" + work.script().versionText() + " took effect in " + executed.toMillis() + " ms");
		return null;
	}

	private @Nullable AttemptResult executeRepeated(BorrowedConnection borrowed, Work work, List<Statement> statements,
			Statement statement, Batches batches, Repeat repeat) throws SQLException {
		AttemptResult problem = new RepeatedStep(this.resources, this.executor, batches, repeat).execute(borrowed, work,
				statements, statement);
		if (problem == null) {
			note(work, MigrationRunEvent.Type.STATEMENT,
					"Statement " + statement.number() + " of " + statements.size() + " of P"
							+ work.script().versionText() + " changes no row any more. Of all: "
							+ batches.checkpoint().rows() + " rows in " + batches.checkpoint().batches() + " batches");
		}
		return problem;
	}

	/**
	 * A pool may have closed the connection, because its driver has reported a timeout.
	 * Then the fence is gone with it, and if somebody else has the run by now, the
	 * statement stays in doubt. As long as the run is locked, nobody can take it.
	 */
	private void saveUnchanged(Connection connection, Work work, Checkpoint unchanged) throws SQLException {
		if (!connection.isClosed()) {
			this.ledger.saveCheckpoint(connection, work.script(), unchanged);
			return;
		}
		try (BorrowedConnection other = BorrowedConnection.of(this.resources.database().dataSource())) {
			Connection successor = other.connection();
			this.session.begin(successor);
			try {
				if (holdsLease(successor, work)) {
					this.ledger.saveCheckpoint(successor, work.script(), unchanged);
				}
				successor.commit();
			}
			finally {
				other.settle();
			}
		}
	}

	private boolean isKnownToHaveDoneNothing(BorrowedConnection borrowed, Statement statement, AttemptResult problem) {
		if (problem instanceof AttemptResult.TryAgain) {
			return true;
		}
		boolean leaseLost = problem instanceof AttemptResult.Stopped stopped && stopped.reason() == Stop.LEASE_LOST;
		return !SqlText.canFailHalfway(statement.sql()) && !leaseLost && !(problem instanceof AttemptResult.Unknown)
				&& !(problem instanceof AttemptResult.Unavailable) && undo(borrowed, statement) == Undo.COMPLETE;
	}

	/**
	 * Find out how much of a failed statement was taken back, also if the pool has closed
	 * its connection.
	 */
	private Undo undo(BorrowedConnection borrowed, Statement statement) {
		try {
			if (!borrowed.connection().isClosed()) {
				return this.session.undo(borrowed.connection(), statement.sql());
			}
			try (BorrowedConnection other = BorrowedConnection.of(this.resources.database().dataSource())) {
				Restore schema = this.workplace.enter(other);
				Undo undo = this.session.undo(other.connection(), statement.sql());
				other.restore(schema);
				return undo;
			}
		}
		catch (SQLException ex) {
			logger.debug("It cannot be seen what was taken back of statement " + statement.number(), ex);
			return Undo.NONE;
		}
	}

	/**
	 * Return whether a statement takes effect in one transaction with its checkpoint, so
	 * that it can never be in doubt.
	 */
	private boolean isAtomic(Statement statement) {
		return this.resources.product().hasTransactionalDdl() && statement.inTransaction();
	}

	private boolean runsInTransaction(Statement statement) {
		return !this.resources.product().hasTransactionalDdl() || statement.inTransaction();
	}

	/**
	 * Execute a statement in the least intrusive form that the database accepts.
	 */
	private @Nullable AttemptResult executeLimited(BorrowedConnection borrowed, Work work, List<Statement> statements,
			Statement statement) throws SQLException, LimitFailedException {
		List<Form> forms = this.session.forms(statement.sql());
		for (Form form : forms) {
			long started = System.nanoTime();
			Limits limits = limits(work, form.bound());
			try {
				boolean done = executeLimited(borrowed, work, statements, statement, form, limits);
				this.resources.listener().onLocksReleased(this.resources.flywayBean(), RunMonitor.since(started));
				return done ? null : new AttemptResult.Stopped(Stop.LEASE_LOST);
			}
			catch (StatementFailedException ex) {
				SqlFailure kind = kind(ex, form, work);
				if (kind != SqlFailure.FORM_NOT_SUPPORTED || form.equals(forms.get(forms.size() - 1))) {
					AttemptResult result = failed(borrowed, work, statement, ex, kind, RunMonitor.since(started),
							limits.work());
					if (result instanceof AttemptResult.Failed) {
						this.resources.listener()
							.onLocksReleased(this.resources.flywayBean(), RunMonitor.since(started));
					}
					return result;
				}
			}
		}
		throw new IllegalStateException("A statement has at least one form");
	}

	/**
	 * Execute a statement in one transaction with its checkpoint, unless the statement
	 * commits by itself.
	 * @return {@code false} if the lease was lost meanwhile
	 */
	private boolean executeLimited(BorrowedConnection borrowed, Work work, List<Statement> statements,
			Statement statement, Form form, Limits limits)
			throws SQLException, StatementFailedException, LimitFailedException {
		Connection connection = borrowed.connection();
		Restore restore = limit(connection, limits);
		try {
			this.session.begin(connection);
			Wait byDriver = this.session.limitsWork() ? Wait.UNLIMITED : limits.work();
			try (Watch watch = work.watch()) {
				this.executor.execute(connection, statement, form.sql(), byDriver, work.monitor());
			}
			// What follows keeps the locks of the statement, unless that has committed
			// itself: then nothing must come between it and its checkpoint.
			this.session.limit(connection, isAtomic(statement) ? Limits.RECORD : Limits.OWN);
			if (!holdsLease(connection, work)) {
				return false;
			}
			saveDone(connection, work, statements, statement);
			connection.commit();
			return true;
		}
		finally {
			borrowed.settle();
			borrowed.restore(restore);
		}
	}

	private static Limits limits(Work work, Form.Bound bound) {
		Duration lockTimeout = work.rung().lockTimeout();
		return switch (bound) {
			case WAIT_AND_WORK -> new Limits(Wait.atMost(lockTimeout),
					Wait.atMost(lockTimeout.isZero() ? work.holdBudget() : lockTimeout), Limits.IDLE);
			// Its last wait comes after all the work, and must not be too impatient.
			case WAIT -> new Limits(Wait.atMost((lockTimeout.compareTo(LAST_WAIT) < 0) ? LAST_WAIT : lockTimeout),
					Wait.UNLIMITED, Limits.IDLE);
			case BUDGET ->
				new Limits(Wait.atMost(lockTimeout), Wait.atMost(lockTimeout.plus(work.holdBudget())), Limits.IDLE);
		};
	}

	private SqlFailure kind(StatementFailedException ex, Form form, Work work) {
		SqlFailure kind = ex.kind(this.resources.product());
		boolean waitsAtMost = form.bound() == Form.Bound.WAIT_AND_WORK && !work.rung().lockTimeout().isZero();
		if (kind == SqlFailure.HOLD_BUDGET_EXCEEDED && waitsAtMost && work.monitor().stopRequested() == null) {
			return SqlFailure.LOCK_TIMEOUT;
		}
		// An algorithm that was added by us can make a statement incomprehensible.
		return (kind == SqlFailure.SQL_ERROR && form.bound() != Form.Bound.BUDGET) ? SqlFailure.FORM_NOT_SUPPORTED
				: kind;
	}

	/**
	 * Execute a statement outside a transaction. Most such statements hinder nobody and
	 * wait politely, for as long as it takes; the others have limits.
	 */
	private @Nullable AttemptResult executeAlone(BorrowedConnection borrowed, Work work, List<Statement> statements,
			Statement statement) throws SQLException, LimitFailedException {
		Connection connection = borrowed.connection();
		boolean polite = SqlText.hindersNobody(statement.sql());
		Limits limits = polite ? Limits.NONE : limits(work, Form.Bound.BUDGET);
		Restore restore = limit(connection, limits);
		long started = System.nanoTime();
		try (Watch watch = work.watch()) {
			Leftovers leftovers = this.session.leftovers(connection, statement.sql());
			for (String removal : leftovers.removals()) {
				this.executor.executeUnlimited(connection, statement, removal, work.monitor());
				note(work, MigrationRunEvent.Type.NOTE,
						"An invalid index that an earlier attempt had left was removed: " + removal);
			}
			String sql = (leftovers.completion() != null) ? leftovers.completion() : statement.sql();
			if (leftovers.completion() != null) {
				note(work, MigrationRunEvent.Type.NOTE, "What an earlier attempt had begun is completed: " + sql);
			}
			if (polite) {
				this.executor.executeUnlimited(connection, statement, sql, work.monitor());
			}
			else {
				this.executor.execute(connection, statement, sql, Wait.UNLIMITED, work.monitor());
			}
		}
		catch (StatementFailedException ex) {
			return failed(borrowed, work, statement, ex, ex.kind(this.resources.product()), RunMonitor.since(started),
					limits.work());
		}
		finally {
			borrowed.settle();
			borrowed.restore(restore);
		}
		saveDone(connection, work, statements, statement);
		return null;
	}

	/**
	 * What executes other statements may have committed some of them, and what has
	 * changed tables without transactions has changed them for good: neither is tried
	 * again by itself.
	 */
	private AttemptResult failed(BorrowedConnection borrowed, Work work, Statement statement,
			StatementFailedException failure, SqlFailure kind, Duration elapsed, Wait limit) {
		AttemptResult result = work.failed(failure, kind, elapsed, limit);
		boolean repeatable = isAtomic(statement) || !SqlText.executesOthers(statement.sql());
		boolean again = result instanceof AttemptResult.TryAgain || result instanceof AttemptResult.Unavailable;
		if (repeatable && result instanceof AttemptResult.TryAgain) {
			repeatable = undo(borrowed, statement) != Undo.NONE;
		}
		return (again && !repeatable) ? new AttemptResult.Failed(failure, kind) : result;
	}

	private Restore limit(Connection connection, Limits limits) throws LimitFailedException {
		try {
			return this.session.limit(connection, limits);
		}
		catch (SQLException ex) {
			throw new LimitFailedException(ex);
		}
	}

	private void saveDone(Connection connection, Work work, List<Statement> statements, Statement statement)
			throws SQLException {
		this.ledger.saveCheckpoint(connection, work.script(),
				new Checkpoint(statement.number(), false, StatementHash.of(statements, statement.number())));
	}

	private boolean holdsLease(Connection connection, Work work) throws SQLException {
		return this.runs.holdsLease(connection, work.run().id(), work.settings().instanceId());
	}

	private void note(Work work, MigrationRunEvent.Type type, String detail) {
		try {
			this.runs.append(work.run().id(), type, detail);
		}
		catch (DataAccessException ex) {
			logger.debug("An event of run " + work.run().id() + " could not be saved: " + detail, ex);
		}
	}

	/**
	 * Thrown when limits cannot be set, so that the statement was not sent.
	 */
	private static final class LimitFailedException extends Exception {

		private final SQLException cause;

		LimitFailedException(SQLException cause) {
			super(cause);
			this.cause = cause;
		}

		SQLException cause() {
			return this.cause;
		}

	}

}
