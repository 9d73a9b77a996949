package io.github.pendingmigrations.run;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.zip.CRC32;

/**
 * {@link SessionControl} for MySQL and MariaDB. Their {@code lock_wait_timeout} bounds
 * the wait for a metadata lock and has a granularity of one second; only MariaDB
 * understands zero as not to wait at all.
 */
class MysqlSessionControl implements SessionControl {

	private final String fence;

	private final boolean mariaDb;

	MysqlSessionControl(String fenceName, boolean mariaDb) {
		// Names of locks are limited to 64 characters.
		CRC32 hash = new CRC32();
		hash.update(fenceName.getBytes(StandardCharsets.UTF_8));
		this.fence = "pending-migrations-" + Long.toHexString(hash.getValue());
		this.mariaDb = mariaDb;
	}

	@Override
	public String sessionId(Connection connection) throws SQLException {
		return Long.toString(query(connection, "SELECT CONNECTION_ID()"));
	}

	@Override
	public boolean tryFence(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("SELECT GET_LOCK(?, 0)")) {
			statement.setString(1, this.fence);
			try (ResultSet resultSet = statement.executeQuery()) {
				return resultSet.next() && resultSet.getInt(1) == 1;
			}
		}
	}

	@Override
	public void releaseFence(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("SELECT RELEASE_LOCK(?)")) {
			statement.setString(1, this.fence);
			statement.executeQuery().close();
		}
	}

	@Override
	public Restore useSchema(Connection connection, String schema) throws SQLException {
		String before = connection.getCatalog();
		connection.setCatalog(schema);
		return (before != null) ? () -> connection.setCatalog(before) : Restore.NOTHING;
	}

	@Override
	public Restore limit(Connection connection, Limits limits) throws SQLException {
		if (limits.lockWait().isUnlimited()) {
			return Restore.NOTHING;
		}
		long lockWait = query(connection, "SELECT @@SESSION.lock_wait_timeout");
		long rowLockWait = query(connection, "SELECT @@SESSION.innodb_lock_wait_timeout");
		long seconds = (limits.lockWait().limit().toMillis() + 999) / 1000;
		set(connection, this.mariaDb ? seconds : Math.max(seconds, 1), Math.max(seconds, 1));
		return () -> set(connection, lockWait, rowLockWait);
	}

	private static void set(Connection connection, long lockWait, long rowLockWait) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("SET SESSION lock_wait_timeout = " + lockWait + ", SESSION innodb_lock_wait_timeout = "
					+ rowLockWait);
		}
	}

	private static long query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet resultSet = statement.executeQuery(sql)) {
			resultSet.next();
			return resultSet.getLong(1);
		}
	}

}
