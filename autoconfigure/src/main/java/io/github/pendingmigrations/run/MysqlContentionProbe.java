package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.pendingmigrations.MigrationRun.Blocker;
import io.github.pendingmigrations.run.Sighting.Obstacle;
import io.github.pendingmigrations.run.Sighting.Obstacle.Kind;
import org.jspecify.annotations.Nullable;

/**
 * {@link ContentionProbe} for MySQL and MariaDB. With the performance schema they say who
 * holds a metadata lock. Without it, which is MariaDB's default, only open transactions
 * can be seen, any of which may hold it. Both need the privilege {@code PROCESS} to see
 * the sessions of other users.
 */
class MysqlContentionProbe implements ContentionProbe {

	private static final String WAITING_FOR = "Waiting for table%lock%";

	private static final String IS_WAITING = """
			SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = ? AND STATE LIKE ?""";

	private static final String BLOCKED = """
			SELECT COUNT(*) AS sessions, COALESCE(MAX(TIME), 0) * 1000 AS longest_ms
			FROM information_schema.PROCESSLIST
			WHERE ID <> ? AND STATE LIKE ?""";

	private static final String COLUMNS = """
			p.ID, p.USER, p.COMMAND, p.INFO,
			TIMESTAMPDIFF(MICROSECOND, CONVERT_TZ(t.trx_started, 'SYSTEM', '+00:00'), UTC_TIMESTAMP(6)) DIV 1000 AS age_ms, t.trx_started AS transaction
			""";

	private static final String OPEN_TRANSACTIONS = "SELECT " + COLUMNS + """
			FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id
			WHERE t.trx_mysql_thread_id NOT IN (?, CONNECTION_ID())
			ORDER BY t.trx_started LIMIT 10""";

	private static final String LOCK_HOLDERS = "SELECT DISTINCT " + COLUMNS + """
			FROM performance_schema.metadata_locks w
				JOIN performance_schema.threads wt ON wt.THREAD_ID = w.OWNER_THREAD_ID AND wt.PROCESSLIST_ID = ?
				JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE = w.OBJECT_TYPE
					AND g.OBJECT_SCHEMA = w.OBJECT_SCHEMA AND g.OBJECT_NAME = w.OBJECT_NAME
					AND g.OWNER_THREAD_ID <> w.OWNER_THREAD_ID AND g.LOCK_STATUS = 'GRANTED'
				JOIN performance_schema.threads gt ON gt.THREAD_ID = g.OWNER_THREAD_ID
				JOIN information_schema.PROCESSLIST p ON p.ID = gt.PROCESSLIST_ID
				LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.ID
			WHERE w.LOCK_STATUS = 'PENDING' AND p.ID <> CONNECTION_ID()""";

	private static final String STILL_OPEN = """
			SELECT TIMESTAMPDIFF(MICROSECOND, CONVERT_TZ(trx_started, 'SYSTEM', '+00:00'), UTC_TIMESTAMP(6)) DIV 1000 AS age_ms
			FROM information_schema.INNODB_TRX
			WHERE trx_mysql_thread_id = ? AND trx_started = ?""";

	private volatile @Nullable Boolean exact;

	@Override
	public Sighting look(Connection connection, String session) throws SQLException {
		long id = Long.parseLong(session);
		boolean exactly = isExact(connection);
		boolean waiting = isWaiting(connection, id);
		List<Obstacle> obstacles = waiting ? obstacles(connection, id, exactly) : List.of();
		try (PreparedStatement statement = connection.prepareStatement(BLOCKED)) {
			statement.setLong(1, id);
			statement.setString(2, WAITING_FOR);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return new Sighting(waiting, obstacles, exactly, row.getInt("sessions"),
						Duration.ofMillis(row.getLong("longest_ms")));
			}
		}
	}

	private boolean isExact(Connection connection) throws SQLException {
		Boolean known = this.exact;
		if (known == null) {
			try (PreparedStatement statement = connection.prepareStatement(
					"SELECT @@performance_schema, (SELECT COUNT(*) FROM performance_schema.setup_instruments "
							+ "WHERE NAME = 'wait/lock/metadata/sql/mdl' AND ENABLED = 'YES')");
					ResultSet row = statement.executeQuery()) {
				known = row.next() && row.getBoolean(1) && row.getInt(2) > 0;
			}
			this.exact = known;
		}
		return known;
	}

	private static boolean isWaiting(Connection connection, long id) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(IS_WAITING)) {
			statement.setLong(1, id);
			statement.setString(2, WAITING_FOR);
			try (ResultSet row = statement.executeQuery()) {
				return row.next() && row.getInt(1) > 0;
			}
		}
	}

	private static List<Obstacle> obstacles(Connection connection, long id, boolean exactly) throws SQLException {
		List<Obstacle> obstacles = new ArrayList<>();
		try (PreparedStatement statement = connection.prepareStatement(exactly ? LOCK_HOLDERS : OPEN_TRANSACTIONS)) {
			statement.setLong(1, id);
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					String transaction = row.getString("transaction");
					String state = "Sleep".equals(row.getString("COMMAND")) ? "idle in transaction" : "active";
					obstacles.add(new Obstacle(new Blocker(row.getLong("ID"), row.getString("USER"), null, state,
							age(row), row.getString("INFO")), Kind.SESSION, (transaction != null) ? transaction : ""));
				}
			}
		}
		return obstacles;
	}

	@Override
	public List<Obstacle> stillThere(Connection connection, List<Obstacle> obstacles) throws SQLException {
		List<Obstacle> there = new ArrayList<>();
		for (Obstacle obstacle : obstacles) {
			try (PreparedStatement statement = connection.prepareStatement(STILL_OPEN)) {
				statement.setLong(1, obstacle.blocker().session());
				statement.setString(2, obstacle.transaction());
				try (ResultSet row = statement.executeQuery()) {
					if (row.next()) {
						there.add(obstacle.withAge(age(row)));
					}
				}
			}
		}
		return there;
	}

	private static @Nullable Duration age(ResultSet row) throws SQLException {
		long millis = row.getLong("age_ms");
		return row.wasNull() ? null : Duration.ofMillis(millis);
	}

}
