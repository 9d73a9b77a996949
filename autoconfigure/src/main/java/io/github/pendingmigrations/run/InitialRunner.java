package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import javax.sql.DataSource;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.InitialMigrationRunner;
import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.AppliedRecord;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.PendingJavaMigration;
import io.github.pendingmigrations.PendingJavaMigration.Batch;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigration.Origin;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.Body;
import io.github.pendingmigrations.PendingScript.JavaBody;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.ScriptDirectives.Repeat;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Applies pending migrations while an empty database is initialized. Nobody uses it yet,
 * so there are no limits on locks, and nobody asked, so there is no run.
 */
class InitialRunner implements InitialMigrationRunner {

	private static final Log logger = LogFactory.getLog(InitialRunner.class);

	private static final String ACTOR = "start-up";

	private static final Duration FENCE_POLL = Duration.ofMillis(100);

	private static final Duration FENCE_WAIT = Duration.ofSeconds(60);

	private final DatabaseProduct product;

	private final DataSource dataSource;

	private final SessionControl session;

	private final SessionCheck sessionCheck;

	private final MigrationLedger ledger;

	private final Workplace workplace;

	private final @Nullable String applicationVersion;

	private final BodyExecutor executor = new BodyExecutor();

	InitialRunner(RunResources resources) {
		this.product = resources.product();
		this.dataSource = resources.database().dataSource();
		this.session = resources.session();
		this.sessionCheck = resources.sessionCheck();
		this.ledger = resources.ledger();
		this.workplace = new Workplace(this.session, resources.database());
		this.applicationVersion = resources.settings().applicationVersion();
	}

	@Override
	public void apply(PendingScript script) {
		boolean inTransaction = this.product.hasTransactionalDdl() && script.load().inTransaction();
		if (!inTransaction && !this.sessionCheck.isSessionKept()) {
			throw new InvalidPendingMigrationException(List.of(new Problem(script.location(), 0,
					"does not run in one transaction, and its connection goes through a pooler that gives each "
							+ "transaction another session",
					SessionCheck.ADVICE)));
		}
		try (BorrowedConnection borrowed = BorrowedConnection.of(this.dataSource)) {
			borrowed.taintSession();
			if (inTransaction) {
				applyInTransaction(borrowed, script);
			}
			else {
				applyInSession(borrowed, script);
			}
		}
		catch (SQLException ex) {
			throw problem(script, 0, "failed on the empty database: " + ex.getMessage(), ex);
		}
	}

	private void applyInTransaction(BorrowedConnection borrowed, PendingScript script) throws SQLException {
		Connection connection = borrowed.connection();
		this.session.begin(connection);
		try {
			awaitFence(connection, script);
			applyUnlessInUse(borrowed, script);
			connection.commit();
		}
		finally {
			borrowed.settle();
		}
	}

	private void applyInSession(BorrowedConnection borrowed, PendingScript script) throws SQLException {
		Connection connection = borrowed.connection();
		awaitFence(connection, script);
		try {
			applyUnlessInUse(borrowed, script);
		}
		finally {
			borrowed.settle();
			borrowed.restore(() -> this.session.releaseFence(connection));
		}
	}

	/**
	 * Looks behind the fence: whoever has ended the initialization meanwhile came past
	 * this migration before, and did not apply it.
	 */
	private void applyUnlessInUse(BorrowedConnection borrowed, PendingScript script) throws SQLException {
		if (this.ledger.isInUse(borrowed.connection())) {
			logger.info(script.displayName() + " waits: the database has come into use meanwhile");
			return;
		}
		this.workplace.enter(borrowed);
		applyOn(borrowed.connection(), script);
	}

	private void awaitFence(Connection connection, PendingScript script) throws SQLException {
		long end = System.nanoTime() + FENCE_WAIT.toNanos();
		try {
			while (!this.session.tryFence(connection)) {
				if (System.nanoTime() - end > 0) {
					throw new IllegalStateException("Another session has executed a migration of the same tables for "
							+ FENCE_WAIT.toSeconds() + " seconds: " + script.displayName()
							+ " cannot be applied to the empty database. Let it end, and start again");
				}
				TimeUnit.MILLISECONDS.sleep(FENCE_POLL.toMillis());
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while " + script.displayName() + " waited for its turn", ex);
		}
	}

	@Override
	public void applyOn(Connection connection, PendingScript script) throws SQLException {
		Optional<Entry> entry = this.ledger.lock(connection, script.versionText());
		if (entry.isPresent() && entry.get().application() != null) {
			return;
		}
		Body body = script.load();
		boolean ownTransaction = connection.getAutoCommit() && this.product.hasTransactionalDdl()
				&& body.inTransaction();
		if (ownTransaction) {
			connection.setAutoCommit(false);
		}
		try {
			execute(connection, script, body, entry.map(Entry::checkpoint).orElse(null));
			if (ownTransaction) {
				connection.commit();
			}
		}
		catch (StatementFailedException ex) {
			Throwable cause = (ex.getCause() != null) ? ex.getCause() : ex;
			throw problem(script, ex.getLine(), "failed on the empty database: " + cause.getMessage(), cause);
		}
		finally {
			if (ownTransaction) {
				connection.rollback();
				connection.setAutoCommit(true);
			}
		}
	}

	private void execute(Connection connection, PendingScript script, Body body, @Nullable Checkpoint checkpoint)
			throws SQLException, StatementFailedException {
		long started = System.nanoTime();
		RunMonitor monitor = new RunMonitor();
		if (body instanceof JavaBody java) {
			this.executor.execute(java.migration(), context(connection, java.migration(), monitor));
		}
		else if (this.product.hasTransactionalDdl() && body.inTransaction()) {
			for (Statement statement : ((SqlBody) body).statements()) {
				this.executor.execute(connection, statement, monitor);
			}
		}
		else {
			executeSteps(connection, script, ((SqlBody) body).statements(),
					(checkpoint != null) ? checkpoint : new Checkpoint(0, false, ""));
		}
		this.ledger.recordApplied(connection, new AppliedRecord(script, ACTOR, Origin.INITIAL, null,
				RunMonitor.since(started), body.size(), null, this.applicationVersion));
		logger.info(script.displayName() + " applied to the empty database");
	}

	private MigrationContext context(Connection connection, PendingJavaMigration migration, RunMonitor monitor) {
		BiConsumer<Long, Long> progress = (done, total) -> {
		};
		return (this.product.hasTransactionalDdl() && migration.canExecuteInTransaction())
				? MigrationContext.inTransaction(connection, monitor, progress)
				: new MigrationContext(connection, monitor, progress,
						MigrationContext.outsideTransaction(migration, (pause, batch) -> repeat(connection, batch)));
	}

	private void execute(Connection connection, PendingScript script, Statement statement, RunMonitor monitor)
			throws SQLException, StatementFailedException {
		Repeat repeat = script.directives().repeat();
		if (repeat == null) {
			this.executor.execute(connection, statement, monitor);
			return;
		}
		long started = System.nanoTime();
		while (this.executor.executeBatch(connection, statement, Wait.UNLIMITED, monitor) > 0) {
			if (!connection.getAutoCommit()) {
				connection.commit();
			}
			if (RunMonitor.since(started).compareTo(repeat.limit()) > 0) {
				throw new StatementFailedException(statement.number(), statement.line(),
						new IllegalStateException("it still changes rows after " + repeat.limit()));
			}
		}
	}

	/**
	 * Nobody else is there for whom to pause.
	 */
	private static long repeat(Connection connection, Batch batch) throws Exception {
		long total = 0;
		boolean autoCommit = connection.getAutoCommit();
		connection.setAutoCommit(false);
		Connection lent = OwnedTransaction.of(connection);
		for (long rows = batch.execute(lent); rows > 0; rows = batch.execute(lent)) {
			connection.commit();
			total += rows;
		}
		connection.commit();
		connection.setAutoCommit(autoCommit);
		return total;
	}

	private void executeSteps(Connection connection, PendingScript script, List<Statement> statements,
			Checkpoint checkpoint) throws SQLException, StatementFailedException {
		RunMonitor monitor = new RunMonitor();
		if (!StatementHash.matches(statements, checkpoint)) {
			throw problem(script, 0, "was changed in its first " + checkpoint.statementsDone()
					+ " statement(s), which have taken effect on the empty database", null);
		}
		int done = checkpoint.statementsDone();
		for (Statement statement : statements.subList(0, done)) {
			if (SqlText.changesOnlySession(statement.sql())) {
				this.executor.execute(connection, statement, monitor);
			}
		}
		for (Statement statement : statements.subList(done, statements.size())) {
			save(connection, script, statements, statement.number() - 1, true);
			try {
				execute(connection, script, statement, monitor);
			}
			catch (StatementFailedException ex) {
				boolean wasInDoubt = checkpoint.inDoubt() && statement.number() == done + 1;
				if (!wasInDoubt || !StatementInDoubt.isDone(this.product, statement, ex)) {
					// It did nothing, unless the connection broke.
					if (!wasInDoubt && ex.kind(this.product) != SqlFailure.CONNECTION_LOST
							&& !SqlText.canFailHalfway(statement.sql())) {
						save(connection, script, statements, statement.number() - 1, false);
					}
					throw ex;
				}
				logger.info("Statement " + statement.number() + " of " + script.displayName()
						+ " had taken effect before a start that was cut off");
			}
			save(connection, script, statements, statement.number(), false);
		}
	}

	private void save(Connection connection, PendingScript script, List<Statement> statements, int done,
			boolean inDoubt) throws SQLException {
		this.ledger.saveCheckpoint(connection, script,
				new Checkpoint(done, inDoubt, StatementHash.of(statements, done)));
		if (!connection.getAutoCommit()) {
			connection.commit();
		}
	}

	private static InvalidPendingMigrationException problem(PendingScript script, int line, String problem,
			@Nullable Throwable cause) {
		return new InvalidPendingMigrationException(
				List.of(new Problem(script.location(), line, problem, "correct it: on an empty database it runs after V"
						+ script.versionText() + " and before the next version.")),
				cause);
	}

}
