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
 * {@link ContentionProbe} for PostgreSQL. Of sessions of other roles it sees the pid at
 * least, and everything with the role {@code pg_read_all_stats}. A prepared transaction
 * has no session: its pid is 0.
 */
class PostgresqlContentionProbe implements ContentionProbe {

	private static final String BLOCKERS = """
			SELECT b.pid, a.usename, a.application_name, a.state, a.query, a.backend_type,
				EXISTS (SELECT 1 FROM pg_stat_progress_vacuum v WHERE v.pid = b.pid) AS vacuums,
				(extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::bigint AS age_ms,
				coalesce(a.xact_start::text, '') AS transaction
			FROM (SELECT DISTINCT unnest(pg_blocking_pids(?)) AS pid) b
				LEFT JOIN pg_stat_activity a ON a.pid = b.pid""";

	private static final String BLOCKED = """
			SELECT count(*) AS sessions,
				coalesce(max(extract(epoch FROM clock_timestamp() - query_start) * 1000), 0)::bigint AS longest_ms
			FROM pg_stat_activity
			WHERE wait_event_type = 'Lock' AND pid <> ? AND ? = ANY (pg_blocking_pids(pid))""";

	private static final String STILL_OPEN = """
			SELECT (extract(epoch FROM clock_timestamp() - xact_start) * 1000)::bigint AS age_ms
			FROM pg_stat_activity
			WHERE pid = ? AND coalesce(xact_start::text, '') = ?""";

	private static final String PREPARED = """
			SELECT p.gid, p.owner, (extract(epoch FROM clock_timestamp() - p.prepared) * 1000)::bigint AS age_ms
			FROM pg_prepared_xacts p WHERE p.database = current_database() ORDER BY p.prepared LIMIT 1""";

	private static final String TO_PREVENT_WRAPAROUND = "(to prevent wraparound)";

	@Override
	public Sighting look(Connection connection, String session) throws SQLException {
		int pid = Integer.parseInt(session);
		List<Obstacle> obstacles = obstacles(connection, pid);
		try (PreparedStatement statement = connection.prepareStatement(BLOCKED)) {
			statement.setInt(1, pid);
			statement.setInt(2, pid);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return new Sighting(!obstacles.isEmpty(), obstacles, true, row.getInt("sessions"),
						Duration.ofMillis(row.getLong("longest_ms")));
			}
		}
	}

	private static List<Obstacle> obstacles(Connection connection, int pid) throws SQLException {
		List<Obstacle> obstacles = new ArrayList<>();
		try (PreparedStatement statement = connection.prepareStatement(BLOCKERS)) {
			statement.setInt(1, pid);
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					obstacles.add((row.getInt("pid") != 0) ? session(row) : prepared(connection));
				}
			}
		}
		return obstacles;
	}

	private static Obstacle session(ResultSet row) throws SQLException {
		Kind kind = kind(row.getString("backend_type"), row.getBoolean("vacuums"), row.getString("query"));
		String state = (kind == Kind.SESSION) ? row.getString("state")
				: (kind == Kind.AUTOVACUUM) ? "autovacuum" : "autovacuum " + TO_PREVENT_WRAPAROUND;
		return new Obstacle(new Blocker(row.getLong("pid"), row.getString("usename"), row.getString("application_name"),
				state, age(row), row.getString("query")), kind, row.getString("transaction"));
	}

	/** Nobody but a superuser sees what kind a background process is. */
	private static Kind kind(@Nullable String backendType, boolean vacuums, @Nullable String query) {
		boolean autovacuum = (backendType != null) ? backendType.equals("autovacuum worker") : vacuums;
		if (!autovacuum) {
			return Kind.SESSION;
		}
		return (query != null && query.contains(TO_PREVENT_WRAPAROUND)) ? Kind.WRAPAROUND_VACUUM : Kind.AUTOVACUUM;
	}

	private static Obstacle prepared(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(PREPARED);
				ResultSet row = statement.executeQuery()) {
			boolean found = row.next();
			String gid = found ? row.getString("gid") : "";
			return new Obstacle(
					new Blocker(0, found ? row.getString("owner") : null, null,
							"prepared transaction" + (found ? " '" + gid + "'" : ""), found ? age(row) : null, null),
					Kind.PREPARED_TRANSACTION, gid);
		}
	}

	@Override
	public List<Obstacle> stillThere(Connection connection, List<Obstacle> obstacles) throws SQLException {
		List<Obstacle> there = new ArrayList<>();
		for (Obstacle obstacle : obstacles) {
			if (obstacle.kind() == Kind.PREPARED_TRANSACTION) {
				Obstacle now = prepared(connection);
				if (now.transaction().equals(obstacle.transaction())) {
					there.add(now);
				}
				continue;
			}
			try (PreparedStatement statement = connection.prepareStatement(STILL_OPEN)) {
				statement.setInt(1, (int) obstacle.blocker().session());
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
