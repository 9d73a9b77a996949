package io.github.pendingmigrations.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Access to the database, apart from any transaction of the caller: what a run does must
 * neither be rolled back with it nor spoil it.
 */
final class LedgerDatabase {

	private static final int MAX_ATTEMPTS = 10;

	private static final int MAX_PAUSE_MILLIS = 50;

	/**
	 * H2 lets those who insert the same key try again until one of them gets through.
	 */
	private static final int H2_LOCK_TIMEOUT = 50200;

	/**
	 * Some drivers report it with the SQLSTATE of a deadlock.
	 */
	private static final int MYSQL_LOCK_TIMEOUT = 1205;

	private static final int MYSQL_UNKNOWN_DATABASE = 1049;

	private static final Set<String> MISSING_TABLE_STATES = Set.of("42P01", "3F000", "42S02", "42S03", "42S04",
			"90079");

	private final JdbcTemplate jdbcTemplate;

	private final JdbcClient client;

	private final TransactionTemplate reads;

	private final TransactionTemplate writes;

	private final LedgerTables tables;

	private final TransactionLimits limits;

	LedgerDatabase(DataSource dataSource, LedgerTables tables) {
		this.tables = tables;
		this.limits = TransactionLimits.of(tables.product());
		JdbcTransactionManager transactionManager = new JdbcTransactionManager(dataSource);
		this.jdbcTemplate = template(Objects.requireNonNull(transactionManager.getDataSource()));
		this.client = JdbcClient.create(this.jdbcTemplate);
		this.reads = new TransactionTemplate(transactionManager);
		this.reads.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
		this.writes = new TransactionTemplate(transactionManager);
		this.writes.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		if (!tables.dialect().isStandard()) {
			// Elsewhere that is the default, or there is no such level.
			this.writes.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
		}
	}

	private static JdbcTemplate template(DataSource dataSource) {
		JdbcTemplate template = new JdbcTemplate(dataSource);
		template.setExceptionTranslator(new LedgerExceptionTranslator());
		return template;
	}

	/**
	 * Read without a transaction, so that it costs no more round trips than queries.
	 * @param <T> the type of the result
	 * @param work what to read
	 * @return the result
	 */
	<T> T read(Function<JdbcClient, T> work) {
		return Objects.requireNonNull(
				execute(this.reads, (status) -> this.jdbcTemplate.execute((ConnectionCallback<T>) (connection) -> {
					try {
						T result = work.apply(this.client);
						endTransaction(connection);
						return result;
					}
					catch (RuntimeException ex) {
						endTransactionAfter(ex, connection);
						throw ex;
					}
				})));
	}

	private static void endTransaction(Connection connection) throws SQLException {
		if (!connection.getAutoCommit()) {
			connection.rollback();
		}
	}

	/**
	 * What has failed is what matters, and not that a broken connection cannot do that.
	 */
	private static void endTransactionAfter(RuntimeException failure, Connection connection) {
		try {
			endTransaction(connection);
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
		}
	}

	/**
	 * Write in a transaction, and repeat it if the database chose it to end a deadlock.
	 * @param <T> the type of the result
	 * @param work what to write
	 * @return the result
	 */
	<T> T write(Function<JdbcClient, T> work) {
		for (int attempt = 1;; attempt++) {
			try {
				return Objects.requireNonNull(execute(this.writes, (status) -> {
					this.limits.begin(this.jdbcTemplate);
					return work.apply(this.client);
				}));
			}
			catch (DataAccessException ex) {
				if (attempt == MAX_ATTEMPTS || !isDeadlock(ex)) {
					throw ex;
				}
				pause();
			}
		}
	}

	/**
	 * Who handles that the database cannot be reached should not need to know in which
	 * kind of transaction it was tried.
	 */
	private static <T extends @Nullable Object> T execute(TransactionTemplate transaction,
			TransactionCallback<T> work) {
		try {
			return transaction.execute(work);
		}
		catch (TransactionException ex) {
			throw new DataAccessResourceFailureException("The database cannot be used: " + ex.getMessage(), ex);
		}
	}

	/**
	 * Work on a connection of the caller and in its transaction, if there is one.
	 * @param <T> the type of the result
	 * @param connection the connection
	 * @param work what to do
	 * @return the result
	 * @throws SQLException if the database reports an error
	 */
	static <T> T on(Connection connection, Function<JdbcClient, T> work) throws SQLException {
		try {
			return work.apply(JdbcClient.create(template(new SingleConnectionDataSource(connection, true))));
		}
		catch (DataAccessException ex) {
			SQLException sqlException = sqlException(ex);
			if (sqlException != null) {
				throw sqlException;
			}
			throw ex;
		}
	}

	/**
	 * Return whether a statement failed because the tables do not exist. If the error
	 * does not tell, as those of many databases do not, the metadata does.
	 * @param ex the exception
	 * @return {@code true} if so
	 */
	boolean isMissing(DataAccessException ex) {
		return isMissingTable(ex) || (this.tables.dialect().isStandard() && !hasTables());
	}

	private boolean hasTables() {
		return Boolean.TRUE.equals(this.jdbcTemplate.execute((ConnectionCallback<Boolean>) (connection) -> {
			try (ResultSet found = connection.getMetaData().getTables(null, null, "%", new String[] { "TABLE" })) {
				while (found.next()) {
					String schema = found.getString("TABLE_SCHEM");
					if (this.tables.contains(found.getString("TABLE_NAME"))
							&& (schema == null || schema.equalsIgnoreCase(this.tables.schema()))) {
						return true;
					}
				}
				return false;
			}
		}));
	}

	/**
	 * Return whether a statement failed because the tables do not exist.
	 * @param ex the exception
	 * @return {@code true} if so
	 */
	static boolean isMissingTable(DataAccessException ex) {
		SQLException sqlException = sqlException(ex);
		return sqlException != null && (MISSING_TABLE_STATES.contains(String.valueOf(sqlException.getSQLState()))
				|| sqlException.getErrorCode() == MYSQL_UNKNOWN_DATABASE);
	}

	/**
	 * Wait for a random time, so that those who met do not meet again.
	 */
	static void pause() {
		try {
			Thread.sleep(ThreadLocalRandom.current().nextInt(MAX_PAUSE_MILLIS));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for other instances", ex);
		}
	}

	private static boolean isDeadlock(DataAccessException ex) {
		SQLException sqlException = sqlException(ex);
		if (sqlException == null) {
			return false;
		}
		return sqlException.getErrorCode() == H2_LOCK_TIMEOUT || LedgerExceptionTranslator.isBusy(sqlException)
				|| (String.valueOf(sqlException.getSQLState()).startsWith("40")
						&& sqlException.getErrorCode() != MYSQL_LOCK_TIMEOUT);
	}

	private static @Nullable SQLException sqlException(DataAccessException ex) {
		Throwable cause = ex.getCause();
		while (cause instanceof TransactionException) {
			cause = cause.getCause();
		}
		return (cause instanceof SQLException sqlException) ? sqlException : null;
	}

}
