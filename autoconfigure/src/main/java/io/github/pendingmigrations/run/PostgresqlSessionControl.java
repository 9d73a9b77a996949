package io.github.pendingmigrations.run;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * {@link SessionControl} for PostgreSQL. In a transaction every setting is local to it.
 */
class PostgresqlSessionControl implements SessionControl {

	/** Distinguishes our advisory locks: the bytes of "pdgmig". */
	private static final long MAGIC = 0x7064_676D_6967L << 16;

	private static final String SET = "SELECT current_setting(?), set_config(?, ?, ?)";

	private static final String DEADLOCK_TIMEOUT_ALLOWED = """
			SELECT current_setting('is_superuser') = 'on'
				OR (current_setting('server_version_num')::int >= 150000
					AND has_parameter_privilege(current_user, 'deadlock_timeout', 'SET'))""";

	/** The waiter evicts autovacuum, and becomes the victim of a deadlock, after this. */
	private static final Duration MAX_DEADLOCK_TIMEOUT = Duration.ofMillis(50);

	private static final int CONNECTION_CHECK_SINCE = 14;

	private final long fence;

	PostgresqlSessionControl(String fenceName) {
		CRC32 hash = new CRC32();
		hash.update(fenceName.getBytes(StandardCharsets.UTF_8));
		this.fence = MAGIC ^ hash.getValue();
	}

	@Override
	public String sessionId(Connection connection) throws SQLException {
		return query(connection, "SELECT pg_backend_pid()");
	}

	@Override
	public boolean tryFence(Connection connection) throws SQLException {
		String function = connection.getAutoCommit() ? "pg_try_advisory_lock" : "pg_try_advisory_xact_lock";
		return "t".equals(query(connection, "SELECT " + function + "(" + this.fence + ")"));
	}

	@Override
	public void releaseFence(Connection connection) throws SQLException {
		if (connection.getAutoCommit()) {
			query(connection, "SELECT pg_advisory_unlock(" + this.fence + ")");
		}
	}

	@Override
	public Restore limit(Connection connection, Limits limits) throws SQLException {
		boolean local = !connection.getAutoCommit();
		Map<String, String> settings = new LinkedHashMap<>();
		settings.put("application_name", "pending-migrations");
		settings.put("lock_timeout", millis(limits.lockTimeout()));
		settings.put("statement_timeout", millis(limits.holdBudget()));
		if (limits.watchIdle()) {
			settings.put("idle_in_transaction_session_timeout", "10s");
		}
		if (connection.getMetaData().getDatabaseMajorVersion() >= CONNECTION_CHECK_SINCE) {
			// Without it a statement runs on after its client was killed.
			settings.put("client_connection_check_interval", "1s");
		}
		if (!limits.lockTimeout().isZero() && "t".equals(query(connection, DEADLOCK_TIMEOUT_ALLOWED))) {
			settings.put("deadlock_timeout", millis(deadlockTimeout(limits.lockTimeout())));
		}
		Map<String, String> before = new LinkedHashMap<>();
		for (Map.Entry<String, String> setting : settings.entrySet()) {
			before.put(setting.getKey(), set(connection, setting.getKey(), setting.getValue(), local));
		}
		return local ? Restore.NOTHING : () -> {
			for (Map.Entry<String, String> setting : before.entrySet()) {
				set(connection, setting.getKey(), setting.getValue(), false);
			}
		};
	}

	private static Duration deadlockTimeout(Duration lockTimeout) {
		Duration half = Duration.ofMillis(Math.max(1, lockTimeout.toMillis() / 2));
		return (half.compareTo(MAX_DEADLOCK_TIMEOUT) < 0) ? half : MAX_DEADLOCK_TIMEOUT;
	}

	private static String millis(Duration duration) {
		return duration.toMillis() + "ms";
	}

	private static String set(Connection connection, String name, String value, boolean local) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(SET)) {
			statement.setString(1, name);
			statement.setString(2, name);
			statement.setString(3, value);
			statement.setBoolean(4, local);
			try (ResultSet resultSet = statement.executeQuery()) {
				resultSet.next();
				return resultSet.getString(1);
			}
		}
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql);
				ResultSet resultSet = statement.executeQuery()) {
			resultSet.next();
			return resultSet.getString(1);
		}
	}

}
