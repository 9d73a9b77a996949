package io.github.pendingmigrations.run;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

import io.github.pendingmigrations.DatabaseProduct;
import org.jspecify.annotations.Nullable;

/**
 * {@link SessionControl} for PostgreSQL. In a transaction every setting is local to it.
 */
class PostgresqlSessionControl implements SessionControl {

	/** Distinguishes our advisory locks: the bytes of "pdgmig". */
	private static final long MAGIC = 0x7064_676D_6967L << 16;

	private static final String FENCE_HOLDER = """
			SELECT pid FROM pg_locks
			WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid::bigint = ? AND objid::bigint = ?
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())""";

	/** Null if it may be set. */
	private static final String FIXED_DEADLOCK_TIMEOUT = """
			SELECT CASE WHEN current_setting('is_superuser') = 'on'%s THEN NULL
				ELSE (extract(epoch FROM current_setting('deadlock_timeout')::interval) * 1000)::int END""";

	private static final String MAY_BE_GRANTED = " OR has_parameter_privilege(current_user, 'deadlock_timeout', 'SET')";

	/** A function that does not exist fails a statement, whether it is called or not. */
	private static final int GRANTABLE_SINCE = 15;

	/** The waiter evicts autovacuum, and becomes the victim of a deadlock, after this. */
	private static final Duration MAX_DEADLOCK_TIMEOUT = Duration.ofMillis(50);

	/** Without it a statement runs on after its client was killed. */
	private static final Map<String, String> CONNECTION_CHECK = Map.of("client_connection_check_interval", "1s");

	private static final int CONNECTION_CHECK_SINCE = 14;

	/** A setting that means nothing to the server. */
	private static final String PROBE = "pending_migrations.probe";

	private final long fence;

	/**
	 * The system below some servers does not offer it; {@code null} until it was tried.
	 */
	private volatile @Nullable Boolean connectionCheckOffered;

	private volatile @Nullable Duration autovacuumYieldsAfter;

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
	public void begin(Connection connection) throws SQLException {
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			statement.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
		}
	}

	@Override
	public boolean tryFence(Connection connection) throws SQLException {
		String function = connection.getAutoCommit() ? "pg_try_advisory_lock" : "pg_try_advisory_xact_lock";
		return "t".equals(query(connection, "SELECT " + function + "(" + this.fence + ")"));
	}

	@Override
	public Optional<Long> fenceHolder(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(FENCE_HOLDER)) {
			statement.setLong(1, this.fence >>> Integer.SIZE);
			statement.setLong(2, this.fence & 0xFFFF_FFFFL);
			try (ResultSet resultSet = statement.executeQuery()) {
				return resultSet.next() ? Optional.of(resultSet.getLong(1)) : Optional.empty();
			}
		}
	}

	@Override
	public void releaseFence(Connection connection) throws SQLException {
		if (connection.getAutoCommit()) {
			query(connection, "SELECT pg_advisory_unlock(" + this.fence + ")");
		}
	}

	@Override
	public Restore useSchema(Connection connection, String schema) throws SQLException {
		String before = query(connection, "SELECT current_setting('search_path')");
		String quoted = '"' + schema.replace("\"", "\"\"") + '"';
		return set(connection, Map.of("search_path", before.isBlank() ? quoted : quoted + ", " + before));
	}

	@Override
	public Restore limit(Connection connection, Limits limits) throws SQLException {
		Map<String, String> settings = timeouts(limits);
		settings.put("application_name", "pending-migrations");
		if (!limits.idle().isUnlimited()) {
			settings.put("idle_in_transaction_session_timeout", timeout(limits.idle()));
		}
		if (!limits.lockWait().isUnlimited()) {
			boolean grantable = connection.getMetaData().getDatabaseMajorVersion() >= GRANTABLE_SINCE;
			String fixed = queryOrNull(connection, FIXED_DEADLOCK_TIMEOUT.formatted(grantable ? MAY_BE_GRANTED : ""));
			this.autovacuumYieldsAfter = (fixed != null) ? Duration.ofMillis(Long.parseLong(fixed)) : null;
			if (fixed == null) {
				settings.put("deadlock_timeout", millis(deadlockTimeout(limits.lockWait().limit())));
			}
		}
		if (Boolean.TRUE.equals(this.connectionCheckOffered)) {
			settings.putAll(CONNECTION_CHECK);
		}
		Restore restore = set(connection, settings);
		Restore restoreCheck = (this.connectionCheckOffered != null) ? Restore.NOTHING : tryConnectionCheck(connection);
		return (restore != Restore.NOTHING) ? () -> {
			restore.restore();
			restoreCheck.restore();
		} : Restore.NOTHING;
	}

	@Override
	public void limitNext(Connection connection, Limits limits) throws SQLException {
		set(connection, timeouts(limits));
	}

	@Override
	public Leftovers leftovers(Connection connection, String sql) throws SQLException {
		return ConcurrentLeftovers.of(connection, SqlText.withoutLeadingComments(sql));
	}

	@Override
	public boolean canBePooled() {
		return true;
	}

	/**
	 * Occupies the session of an idle connection if that is up for grabs. Asking the same
	 * connection twice is not enough, since a pooler gives it the same session as long as
	 * nobody else wants it.
	 */
	@Override
	public boolean keepsSession(Connection connection, Connection other) throws SQLException {
		String value = Long.toString(System.nanoTime());
		String session = query(connection, "SELECT pg_backend_pid()");
		setProbe(connection, value);
		other.setAutoCommit(false);
		try {
			if (query(other, "SELECT pg_backend_pid()").equals(session)) {
				return false;
			}
			return query(connection, "SELECT pg_backend_pid()").equals(session)
					&& value.equals(query(connection, "SELECT current_setting('" + PROBE + "', true)"));
		}
		finally {
			other.rollback();
			other.setAutoCommit(true);
			setProbe(connection, "");
		}
	}

	private static void setProbe(Connection connection, String value) throws SQLException {
		query(connection, "SELECT set_config('" + PROBE + "', '" + value + "', false)");
	}

	@Override
	public @Nullable Duration autovacuumYieldsAfter() {
		return this.autovacuumYieldsAfter;
	}

	/**
	 * Find out whether the server offers it, without spoiling the transaction.
	 */
	private Restore tryConnectionCheck(Connection connection) throws SQLException {
		if (connection.getMetaData().getDatabaseMajorVersion() < CONNECTION_CHECK_SINCE) {
			this.connectionCheckOffered = false;
			return Restore.NOTHING;
		}
		Savepoint savepoint = connection.getAutoCommit() ? null : connection.setSavepoint();
		try {
			Restore restore = set(connection, CONNECTION_CHECK);
			if (savepoint != null) {
				connection.releaseSavepoint(savepoint);
			}
			this.connectionCheckOffered = true;
			return restore;
		}
		catch (SQLException ex) {
			if (SqlFailure.of(DatabaseProduct.POSTGRESQL, ex) == SqlFailure.CONNECTION_LOST) {
				throw ex;
			}
			if (savepoint != null) {
				connection.rollback(savepoint);
			}
			this.connectionCheckOffered = false;
			return Restore.NOTHING;
		}
	}

	private static Map<String, String> timeouts(Limits limits) {
		Map<String, String> settings = new LinkedHashMap<>();
		settings.put("lock_timeout", timeout(limits.lockWait()));
		settings.put("statement_timeout", timeout(limits.work()));
		return settings;
	}

	private static String timeout(Wait wait) {
		// Zero means no limit there.
		return wait.isUnlimited() ? "0" : millis(wait.limit());
	}

	private static String millis(Duration duration) {
		return Math.max(1, duration.toMillis()) + "ms";
	}

	private static Duration deadlockTimeout(Duration lockTimeout) {
		Duration half = lockTimeout.dividedBy(2);
		return (half.compareTo(MAX_DEADLOCK_TIMEOUT) < 0) ? half : MAX_DEADLOCK_TIMEOUT;
	}

	/**
	 * Set all or nothing, in one round trip.
	 */
	private static Restore set(Connection connection, Map<String, String> settings) throws SQLException {
		boolean local = !connection.getAutoCommit();
		String sql = settings.keySet()
			.stream()
			.map((name) -> "current_setting('" + name + "'), set_config('" + name + "', ?, " + local + ")")
			.collect(Collectors.joining(", ", "SELECT ", ""));
		Map<String, String> before = new LinkedHashMap<>();
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			int parameter = 1;
			for (String value : settings.values()) {
				statement.setString(parameter++, value);
			}
			try (ResultSet resultSet = statement.executeQuery()) {
				resultSet.next();
				int column = 1;
				for (String name : settings.keySet()) {
					before.put(name, resultSet.getString(column));
					column += 2;
				}
			}
		}
		return local ? Restore.NOTHING : () -> set(connection, before);
	}

	private static String query(Connection connection, String sql) throws SQLException {
		return Objects.requireNonNull(queryOrNull(connection, sql), sql);
	}

	private static @Nullable String queryOrNull(Connection connection, String sql) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql);
				ResultSet resultSet = statement.executeQuery()) {
			resultSet.next();
			return resultSet.getString(1);
		}
	}

}
