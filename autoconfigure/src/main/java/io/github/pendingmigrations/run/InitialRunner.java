package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.InitialMigrationRunner;
import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.AppliedRecord;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigration.Origin;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.Body;
import io.github.pendingmigrations.PendingScript.JavaBody;
import io.github.pendingmigrations.PendingScript.SqlBody;
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

	private final DatabaseProduct product;

	private final DataSource dataSource;

	private final SessionControl session;

	private final MigrationLedger ledger;

	private final @Nullable String applicationVersion;

	private final BodyExecutor executor = new BodyExecutor();

	InitialRunner(DatabaseProduct product, DataSource dataSource, SessionControl session, MigrationLedger ledger,
			@Nullable String applicationVersion) {
		this.product = product;
		this.dataSource = dataSource;
		this.session = session;
		this.ledger = ledger;
		this.applicationVersion = applicationVersion;
	}

	@Override
	public void apply(PendingScript script) {
		try (Connection connection = this.dataSource.getConnection()) {
			boolean autoCommit = connection.getAutoCommit();
			connection.setAutoCommit(true);
			try {
				while (!this.session.tryFence(connection)) {
					TimeUnit.MILLISECONDS.sleep(FENCE_POLL.toMillis());
				}
				try {
					applyOn(connection, script);
				}
				finally {
					this.session.releaseFence(connection);
				}
			}
			finally {
				if (!connection.isClosed()) {
					connection.setAutoCommit(autoCommit);
				}
			}
		}
		catch (SQLException ex) {
			throw problem(script, 0, ex);
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
			Throwable cause = ex.getCause();
			throw problem(script, ex.getLine(), (cause != null) ? cause : ex);
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
			this.executor.execute(connection, java.migration(), monitor, (done, total) -> {
			});
		}
		else {
			boolean checkpoints = !this.product.hasTransactionalDdl() || !body.inTransaction();
			List<Statement> statements = ((SqlBody) body).statements();
			int done = (checkpoint != null) ? checkpoint.statementsDone() : 0;
			for (Statement statement : statements.subList(done, statements.size())) {
				this.executor.execute(connection, statement, monitor);
				if (checkpoints && statements.size() > 1) {
					this.ledger.saveCheckpoint(connection, script, new Checkpoint(statement.number(), false,
							StatementHash.of(statements, statement.number())));
					if (!connection.getAutoCommit()) {
						connection.commit();
					}
				}
			}
		}
		this.ledger.recordApplied(connection, new AppliedRecord(script, ACTOR, Origin.INITIAL, null,
				RunMonitor.since(started), body.size(), null, this.applicationVersion));
		logger.info(script.displayName() + " applied to the empty database");
	}

	private static InvalidPendingMigrationException problem(PendingScript script, int line, Throwable cause) {
		return new InvalidPendingMigrationException(
				List.of(new Problem(script.location(), line, "failed on the empty database: " + cause.getMessage(),
						"correct it: on an empty database it runs after V" + script.versionText()
								+ " and before the next version.")),
				cause);
	}

}
