package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CancellationException;
import java.util.function.BiConsumer;

import io.github.pendingmigrations.PendingJavaMigration;
import io.github.pendingmigrations.PendingMigrations.Statement;

/**
 * Sends the statements of a migration, or calls the one written in Java.
 */
class BodyExecutor {

	void execute(Connection connection, Statement statement, RunMonitor monitor) throws StatementFailedException {
		execute(connection, statement, statement.sql(), true, monitor);
	}

	/**
	 * Execute a statement that has no limits, but ends when the run is asked to stop or
	 * its deadline passes.
	 * @param connection the connection
	 * @param statement the statement of the script
	 * @param sql what to execute
	 * @param monitor tells when to stop
	 * @throws StatementFailedException if it fails
	 */
	void executeUnlimited(Connection connection, Statement statement, String sql, RunMonitor monitor)
			throws StatementFailedException {
		execute(connection, statement, sql, false, monitor);
	}

	private void execute(Connection connection, Statement statement, String sql, boolean limited, RunMonitor monitor)
			throws StatementFailedException {
		try (java.sql.Statement jdbcStatement = connection.createStatement()) {
			monitor.execute(jdbcStatement, sql, limited);
		}
		catch (SQLException ex) {
			throw new StatementFailedException(statement.number(), statement.line(), ex);
		}
	}

	@SuppressWarnings("IllegalCatch")
	void execute(Connection connection, PendingJavaMigration migration, RunMonitor monitor,
			BiConsumer<Long, Long> progress) throws StatementFailedException {
		try {
			migration.migrate(new MonitoredContext(connection, monitor, progress));
		}
		catch (CancellationException ex) {
			if (monitor.stopRequested() == null) {
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

	private record MonitoredContext(Connection connection, RunMonitor monitor,
			BiConsumer<Long, Long> progress) implements PendingJavaMigration.Context {

		@Override
		public void progress(long done, long total) {
			this.progress.accept(done, total);
		}

		@Override
		public boolean isCancelled() {
			return this.monitor.stopRequested() != null;
		}

		@Override
		public void checkCancelled() {
			if (isCancelled()) {
				throw new CancellationException("The run was asked to stop");
			}
		}

	}

}
