package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.MigrationRunRepository.Outcome;
import io.github.pendingmigrations.PendingJavaMigration;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.PendingScript.JavaBody;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.run.RunMonitor.Stop;
import io.github.pendingmigrations.run.SessionControl.Limits;
import io.github.pendingmigrations.run.SessionControl.Restore;
import org.jspecify.annotations.Nullable;

/**
 * Executes a migration step by step and records after each how far it got, where the
 * database or a statement does not allow one transaction.
 */
class CheckpointedAttempt implements Attempt {

	private static final Checkpoint NOTHING_DONE = new Checkpoint(0, false, "");

	private final RunResources resources;

	private final SessionControl session;

	private final MigrationLedger ledger;

	private final MigrationRunRepository runs;

	private final Workplace workplace;

	private final BodyExecutor executor;

	private final StatementSteps steps;

	CheckpointedAttempt(RunResources resources, Workplace workplace, BodyExecutor executor) {
		this.resources = resources;
		this.session = resources.session();
		this.ledger = resources.ledger();
		this.runs = resources.runs();
		this.workplace = workplace;
		this.executor = executor;
		this.steps = new StatementSteps(resources, workplace, executor);
	}

	@Override
	public AttemptResult run(BorrowedConnection borrowed, Work work) throws SQLException {
		Connection connection = borrowed.connection();
		AttemptResult fenced = work.fence(this.session, connection);
		if (fenced != null) {
			return fenced;
		}
		try {
			work.progress().session(this.session.sessionId(connection));
			return execute(borrowed, work);
		}
		catch (SQLException | RuntimeException ex) {
			// Whatever was set for the script may still be set
			borrowed.taintSession();
			throw ex;
		}
		finally {
			borrowed.settle();
			// A session that cannot do that has ended, and its fence with it.
			borrowed.restore(() -> this.session.releaseFence(connection));
		}
	}

	private AttemptResult execute(BorrowedConnection borrowed, Work work) throws SQLException {
		Connection connection = borrowed.connection();
		Optional<Entry> entry = this.ledger.lock(connection, work.script().versionText());
		if (entry.isPresent() && entry.get().application() != null) {
			return new AttemptResult.AlreadyApplied();
		}
		if (!this.runs.seesLease(connection, work.run().id(), work.settings().instanceId())) {
			return new AttemptResult.Stopped(Stop.LEASE_LOST);
		}
		Checkpoint checkpoint = entry.map(Entry::checkpoint).orElse(NOTHING_DONE);
		if (entry.isPresent() && work.needsDecision(checkpoint)) {
			return new AttemptResult.InDoubt(entry.get(), checkpoint);
		}
		AttemptResult problem = (work.body() instanceof JavaBody java) ? executeJava(borrowed, work, java, checkpoint)
				: executeSql(borrowed, work, (SqlBody) work.body(), checkpoint);
		if (problem != null) {
			return problem;
		}
		Restore restore = this.session.limit(connection, Limits.OWN);
		try {
			return record(connection, work, work.progress().executed(Duration.ZERO));
		}
		finally {
			borrowed.settle();
			borrowed.restore(restore);
		}
	}

	private @Nullable AttemptResult executeSql(BorrowedConnection borrowed, Work work, SqlBody body,
			Checkpoint checkpoint) throws SQLException {
		List<Statement> statements = body.statements();
		int done = checkpoint.statementsDone();
		if (!StatementHash.matches(statements, checkpoint)) {
			return new AttemptResult.Refused("EXECUTED_PART_CHANGED", "The first " + done + " statement(s) of "
					+ work.script().location()
					+ " have taken effect and were changed afterwards. Restore them: only what follows may be corrected.");
		}
		return this.steps.execute(borrowed, work, statements, checkpoint);
	}

	private @Nullable AttemptResult executeJava(BorrowedConnection borrowed, Work work, JavaBody java,
			Checkpoint checkpoint) throws SQLException {
		Connection connection = borrowed.connection();
		PendingJavaMigration migration = java.migration();
		this.workplace.enter(borrowed);
		borrowed.taintSession();
		Checkpoint start = new Checkpoint(0, !migration.isRepeatable(), "", checkpoint.batches(), checkpoint.rows());
		this.ledger.saveCheckpoint(connection, work.script(), start);
		Batches batches = new Batches(this.resources, borrowed, work, start);
		work.progress().startStatement(1);
		long started = System.nanoTime();
		try {
			this.executor.execute(migration,
					new MigrationContext(connection, work.monitor(), work.progress()::reported, MigrationContext
						.outsideTransaction(migration,
								new JavaBatches(this.resources, borrowed, work, batches, migration.isRepeatable()))));
			if (batches.checkpoint().equals(start)) {
				work.progress().executed(RunMonitor.since(started));
			}
			return null;
		}
		catch (JavaBatches.Obstructed ex) {
			return new AttemptResult.Unfinished(Duration.ZERO);
		}
		catch (CancellationException ex) {
			Stop stop = work.monitor().stopRequested();
			return new AttemptResult.Stopped((stop != null) ? stop : Stop.CANCELLED);
		}
		catch (StatementFailedException ex) {
			SqlFailure kind = ex.kind(this.resources.product());
			AttemptResult result = work.failed(ex, kind, Duration.ZERO, Wait.UNLIMITED);
			// Half of it may be committed.
			boolean again = result instanceof AttemptResult.TryAgain || result instanceof AttemptResult.Unavailable;
			return (again && !migration.isRepeatable()) ? new AttemptResult.Failed(ex, kind) : result;
		}
	}

	private AttemptResult record(Connection connection, Work work, Duration executed) throws SQLException {
		// Before the run is locked, so that nothing is waited for meanwhile.
		Outcome outcome = work.succeeded();
		String owner = work.settings().instanceId();
		this.session.begin(connection);
		boolean recorded = this.ledger.recordApplied(connection, work.applied(executed));
		boolean held = this.runs.holdsLease(connection, work.run().id(), owner);
		boolean finished = held && work.last() && this.runs.finish(connection, work.run().id(), owner, outcome);
		connection.commit();
		if (!recorded) {
			return new AttemptResult.AlreadyApplied();
		}
		return held ? new AttemptResult.Applied(executed, finished) : new AttemptResult.Stopped(Stop.LEASE_LOST);
	}

}
