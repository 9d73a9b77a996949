package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * {@link SessionControl} for H2, which has no session-level lock to use as a fence: there
 * the lease alone keeps a successor out.
 */
class H2SessionControl implements SessionControl {

	@Override
	public String sessionId(Connection connection) throws SQLException {
		return Long.toString(query(connection, "SELECT SESSION_ID()"));
	}

	@Override
	public boolean tryFence(Connection connection) {
		return true;
	}

	@Override
	public void releaseFence(Connection connection) {
	}

	@Override
	public Restore useSchema(Connection connection, String schema) throws SQLException {
		String before = connection.getSchema();
		connection.setSchema(schema);
		return () -> connection.setSchema(before);
	}

	@Override
	public Restore limit(Connection connection, Limits limits) throws SQLException {
		if (limits.lockWait().isUnlimited()) {
			return Restore.NOTHING;
		}
		long before = query(connection, "SELECT LOCK_TIMEOUT()");
		set(connection, limits.lockWait().limit().toMillis());
		return () -> set(connection, before);
	}

	private static void set(Connection connection, long millis) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("SET LOCK_TIMEOUT " + millis);
		}
	}

	private static long query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet resultSet = statement.executeQuery(sql)) {
			resultSet.next();
			return resultSet.getLong(1);
		}
	}

}
