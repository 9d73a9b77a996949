package io.github.pendingmigrations.run;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * {@link SessionControl} for MySQL and MariaDB. Their {@code lock_wait_timeout} bounds
 * the wait for a metadata lock and has a granularity of one second. MariaDB understands
 * zero as not to wait at all, and its {@code max_statement_time} bounds waits, too, to
 * the millisecond; MySQL has neither.
 */
class MysqlSessionControl implements SessionControl {

	private static final String MYSQL_SETTINGS = "SELECT @@SESSION.lock_wait_timeout, "
			+ "@@SESSION.innodb_lock_wait_timeout, 0, 0";

	private static final String MARIADB_SETTINGS = "SELECT @@SESSION.lock_wait_timeout, "
			+ "@@SESSION.innodb_lock_wait_timeout, @@SESSION.max_statement_time, @@SESSION.idle_transaction_timeout";

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

	/**
	 * What a lock reads would otherwise be too new for the snapshot: MariaDB 11.8 fails
	 * with an error then (innodb_snapshot_isolation).
	 */
	@Override
	public void begin(Connection connection) throws SQLException {
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			statement.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
		}
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
	public Optional<Long> fenceHolder(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("SELECT IS_USED_LOCK(?)")) {
			statement.setString(1, this.fence);
			try (ResultSet resultSet = statement.executeQuery()) {
				resultSet.next();
				long session = resultSet.getLong(1);
				return resultSet.wasNull() ? Optional.empty() : Optional.of(session);
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
		Settings before = this.mariaDb ? read(connection, MARIADB_SETTINGS) : read(connection, MYSQL_SETTINGS);
		long seconds = (limits.lockWait().limit().toMillis() + 999) / 1000;
		long millis = limits.work().isUnlimited() ? 0 : Math.max(1, limits.work().limit().toMillis());
		set(connection, new Settings(this.mariaDb ? seconds : Math.max(seconds, 1), Math.max(seconds, 1),
				BigDecimal.valueOf(millis, 3), limits.idle().limit().toSeconds()));
		return () -> set(connection, before);
	}

	@Override
	public boolean limitsWork() {
		return this.mariaDb;
	}

	@Override
	public List<Form> forms(String sql) {
		return OnlineAlter.forms(sql);
	}

	@Override
	public Undo undo(Connection connection, String sql) throws SQLException {
		return TableEngines.undo(connection, sql);
	}

	private void set(Connection connection, Settings settings) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(
					"SET SESSION lock_wait_timeout = " + settings.lockWait() + ", SESSION innodb_lock_wait_timeout = "
							+ settings.rowLockWait()
							+ (this.mariaDb
									? ", SESSION max_statement_time = " + settings.statementTime().toPlainString()
											+ ", SESSION idle_transaction_timeout = " + settings.idleTransaction()
									: ""));
		}
	}

	private static Settings read(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet resultSet = statement.executeQuery(sql)) {
			resultSet.next();
			return new Settings(resultSet.getLong(1), resultSet.getLong(2), resultSet.getBigDecimal(3),
					resultSet.getLong(4));
		}
	}

	private static long query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet resultSet = statement.executeQuery(sql)) {
			resultSet.next();
			return resultSet.getLong(1);
		}
	}

	/**
	 * Settings of a session, in seconds.
	 *
	 * @param lockWait how long to wait for a metadata lock
	 * @param rowLockWait how long to wait for a row
	 * @param statementTime how long a statement may take in all, or 0
	 * @param idleTransaction how long nothing may happen in a transaction, or 0
	 */
	private record Settings(long lockWait, long rowLockWait, BigDecimal statementTime, long idleTransaction) {
	}

}
