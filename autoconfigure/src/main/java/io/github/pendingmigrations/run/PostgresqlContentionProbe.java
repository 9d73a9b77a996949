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

	/**
	 * The lock of a prepared transaction shows neither a session nor its name, but the
	 * virtual transaction that it was (after a restart {@code -1/} and its id). That
	 * leads to the lock on its own id, which the other view has. As soon as nobody waits
	 * any more, there is nothing to be seen.
	 */
	private static final String PREPARED = """
			WITH locks AS MATERIALIZED (SELECT * FROM pg_locks)
			SELECT DISTINCT p.gid, p.owner, p.prepared,
				(extract(epoch FROM clock_timestamp() - p.prepared) * 1000)::bigint AS age_ms
			FROM locks w
				JOIN locks h ON h.granted AND h.pid IS NULL AND
					(h.locktype, h.database, h.relation, h.page, h.tuple, h.virtualxid, h.transactionid, h.classid,
						h.objid, h.objsubid) IS NOT DISTINCT FROM
					(w.locktype, w.database, w.relation, w.page, w.tuple, w.virtualxid, w.transactionid, w.classid,
						w.objid, w.objsubid)
				JOIN locks x ON x.pid IS NULL AND x.locktype = 'transactionid'
					AND x.virtualtransaction = h.virtualtransaction
				JOIN pg_prepared_xacts p ON p.transaction = x.transactionid
			WHERE w.pid = ? AND NOT w.granted AND CASE w.mode
				WHEN 'AccessShareLock' THEN h.mode = 'AccessExclusiveLock'
				WHEN 'RowShareLock' THEN h.mode IN ('ExclusiveLock', 'AccessExclusiveLock')
				WHEN 'RowExclusiveLock' THEN h.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock',
					'ShareUpdateExclusiveLock')
				WHEN 'ShareUpdateExclusiveLock' THEN h.mode NOT IN ('AccessShareLock', 'RowShareLock',
					'RowExclusiveLock')
				WHEN 'ShareLock' THEN h.mode NOT IN ('AccessShareLock', 'RowShareLock', 'ShareLock')
				WHEN 'ShareRowExclusiveLock' THEN h.mode NOT IN ('AccessShareLock', 'RowShareLock')
				WHEN 'ExclusiveLock' THEN h.mode <> 'AccessShareLock'
				ELSE TRUE END
			ORDER BY p.prepared""";

	private static final String ONLY_PREPARED = """
			SELECT min(gid) AS gid, min(owner) AS owner,
				(extract(epoch FROM clock_timestamp() - min(prepared)) * 1000)::bigint AS age_ms
			FROM pg_prepared_xacts WHERE database = current_database() HAVING count(*) = 1""";

	private static final String STILL_PREPARED = """
			SELECT (extract(epoch FROM clock_timestamp() - prepared) * 1000)::bigint AS age_ms
			FROM pg_prepared_xacts WHERE database = current_database() AND gid = ?""";

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
					if (row.getInt("pid") != 0) {
						obstacles.add(session(row));
					}
					else {
						obstacles.addAll(prepared(connection, pid));
					}
				}
			}
		}
		return obstacles;
	}

	private static Obstacle session(ResultSet row) throws SQLException {
		Kind kind = kind(row.getString("backend_type"), row.getString("usename"), row.getString("query"));
		String state = (kind == Kind.SESSION) ? row.getString("state")
				: (kind == Kind.AUTOVACUUM) ? "autovacuum" : "autovacuum " + TO_PREVENT_WRAPAROUND;
		return new Obstacle(new Blocker(row.getLong("pid"), row.getString("usename"), row.getString("application_name"),
				state, age(row), row.getString("query")), kind, row.getString("transaction"));
	}

	/**
	 * Others than superusers do not see what kind a background process is, but that it
	 * has no user.
	 */
	private static Kind kind(@Nullable String backendType, @Nullable String user, @Nullable String query) {
		boolean autovacuum = (backendType != null) ? backendType.equals("autovacuum worker") : user == null;
		if (!autovacuum) {
			return Kind.SESSION;
		}
		return (query != null && query.contains(TO_PREVENT_WRAPAROUND)) ? Kind.WRAPAROUND_VACUUM : Kind.AUTOVACUUM;
	}

	private static List<Obstacle> prepared(Connection connection, int pid) throws SQLException {
		List<Obstacle> obstacles = new ArrayList<>();
		try (PreparedStatement statement = connection.prepareStatement(PREPARED)) {
			statement.setInt(1, pid);
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					obstacles.add(prepared(row));
				}
			}
		}
		return obstacles.isEmpty() ? List.of(onlyPrepared(connection)) : obstacles;
	}

	/**
	 * Where the wait is over already, only one that has no other beside it can be named.
	 */
	private static Obstacle onlyPrepared(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(ONLY_PREPARED);
				ResultSet row = statement.executeQuery()) {
			return row.next() ? prepared(row) : new Obstacle(
					new Blocker(0, null, null, "prepared transaction", null, null), Kind.PREPARED_TRANSACTION, "");
		}
	}

	private static Obstacle prepared(ResultSet row) throws SQLException {
		String gid = row.getString("gid");
		return new Obstacle(
				new Blocker(0, row.getString("owner"), null, "prepared transaction '" + gid + "'", age(row), null),
				Kind.PREPARED_TRANSACTION, gid);
	}

	@Override
	public List<Obstacle> stillThere(Connection connection, List<Obstacle> obstacles) throws SQLException {
		List<Obstacle> there = new ArrayList<>();
		for (Obstacle obstacle : obstacles) {
			boolean prepared = obstacle.kind() == Kind.PREPARED_TRANSACTION;
			try (PreparedStatement statement = connection.prepareStatement(prepared ? STILL_PREPARED : STILL_OPEN)) {
				if (!prepared) {
					statement.setInt(1, (int) obstacle.blocker().session());
				}
				statement.setString(prepared ? 1 : 2, obstacle.transaction());
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
