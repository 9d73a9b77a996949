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
		long lockTimeout = query(connection, "SELECT LOCK_TIMEOUT()");
		set(connection, "LOCK_TIMEOUT", limits.lockWait().limit().toMillis());
		// Zero means no limit there.
		set(connection, "QUERY_TIMEOUT", limits.work().isUnlimited() ? 0 : limits.work().limit().toMillis());
		return () -> {
			set(connection, "LOCK_TIMEOUT", lockTimeout);
			set(connection, "QUERY_TIMEOUT", 0);
		};
	}

	private static void set(Connection connection, String setting, long millis) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("SET " + setting + " " + millis);
		}
	}

	private static long query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet resultSet = statement.executeQuery(sql)) {
			resultSet.next();
			return resultSet.getLong(1);
		}
	}

}
