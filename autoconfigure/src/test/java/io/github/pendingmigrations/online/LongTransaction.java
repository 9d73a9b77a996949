package io.github.pendingmigrations.online;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.pendingmigrations.test.TestDatabase;

/**
 * A transaction that has read the table and stays open.
 */
final class LongTransaction implements AutoCloseable {

	private final Connection connection;

	private LongTransaction(Connection connection) {
		this.connection = connection;
	}

	static LongTransaction on(TestDatabase database) throws SQLException {
		Connection connection = database.openConnection();
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			statement.executeQuery("select id, title from item where id = 1").close();
		}
		return new LongTransaction(connection);
	}

	/**
	 * End it.
	 * @return when, in the nanoseconds of the JVM
	 * @throws SQLException if it had been ended by somebody else
	 */
	long end() throws SQLException {
		this.connection.commit();
		return System.nanoTime();
	}

	@Override
	public void close() throws SQLException {
		this.connection.close();
	}

}
