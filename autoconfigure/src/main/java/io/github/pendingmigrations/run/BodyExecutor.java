package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CancellationException;

import io.github.pendingmigrations.PendingJavaMigration;
import io.github.pendingmigrations.PendingMigrations.Statement;

/**
 * Sends the statements of a migration, or calls the one written in Java.
 */
class BodyExecutor {

	/**
	 * Execute a statement that the database limits, or nothing does.
	 * @param connection the connection
	 * @param statement the statement
	 * @param monitor tells when to stop
	 * @throws StatementFailedException if it fails
	 */
	void execute(Connection connection, Statement statement, RunMonitor monitor) throws StatementFailedException {
		execute(connection, statement, statement.sql(), Wait.UNLIMITED, true, monitor);
	}

	/**
	 * Execute a statement that the driver limits, by the second.
	 * @param connection the connection
	 * @param statement the statement of the script
	 * @param sql what to execute
	 * @param work how long it may take
	 * @param monitor tells when to stop
	 * @throws StatementFailedException if it fails
	 */
	void execute(Connection connection, Statement statement, String sql, Wait work, RunMonitor monitor)
			throws StatementFailedException {
		execute(connection, statement, sql, work, true, monitor);
	}

	/**
	 * Execute a statement that has no limits, but ends when the run is asked to stop
	 * while it waits, or its deadline passes.
	 * @param connection the connection
	 * @param statement the statement of the script
	 * @param sql what to execute
	 * @param monitor tells when to stop
	 * @throws StatementFailedException if it fails
	 */
	void executeUnlimited(Connection connection, Statement statement, String sql, RunMonitor monitor)
			throws StatementFailedException {
		execute(connection, statement, sql, Wait.UNLIMITED, false, monitor);
	}

	/**
	 * Execute a statement that changes rows.
	 * @param connection the connection
	 * @param statement the statement
	 * @param work how long the driver is to let it take
	 * @param monitor tells when to stop
	 * @return how many rows it has changed
	 * @throws StatementFailedException if it fails, or does not say
	 */
	long executeBatch(Connection connection, Statement statement, Wait work, RunMonitor monitor)
			throws StatementFailedException {
		long rows = execute(connection, statement, statement.sql(), work, true, monitor);
		if (rows < 0) {
			throw new StatementFailedException(statement.number(), statement.line(), new IllegalStateException(
					"It returns rows instead of how many it has changed: leave out RETURNING"));
		}
		return rows;
	}

	private long execute(Connection connection, Statement statement, String sql, Wait work, boolean limited,
			RunMonitor monitor) throws StatementFailedException {
		try (java.sql.Statement jdbcStatement = connection.createStatement()) {
			if (!work.isUnlimited()) {
				jdbcStatement.setQueryTimeout(seconds(work));
			}
			monitor.execute(jdbcStatement, sql, limited, work);
			return jdbcStatement.getUpdateCount();
		}
		catch (SQLException ex) {
			throw new StatementFailedException(statement.number(), statement.line(), ex);
		}
	}

	private static int seconds(Wait work) {
		return (int) Math.max(1, (work.limit().toMillis() + 999) / 1000);
	}

	/**
	 * Execute a migration that is written in Java.
	 * @param migration the migration
	 * @param context what it can use
	 * @throws StatementFailedException if it fails
	 */
	@SuppressWarnings("IllegalCatch")
	void execute(PendingJavaMigration migration, MigrationContext context) throws StatementFailedException {
		try {
			migration.migrate(context);
		}
		catch (CancellationException ex) {
			if (context.monitor().stopRequested() == null && !(ex instanceof JavaBatches.Obstructed)) {
				throw new StatementFailedException(1, 0, ex);
			}
			throw ex;
		}
		catch (Throwable ex) {
			throw new StatementFailedException(1, 0, ex);
		}
		finally {
			// An interruption that it left behind was meant for it, not for our thread.
			Thread.interrupted();
		}
	}

}
