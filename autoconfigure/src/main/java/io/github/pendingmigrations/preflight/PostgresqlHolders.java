package io.github.pendingmigrations.preflight;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.pendingmigrations.Preflight.Blocker;
import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.Lock;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.PreparedTransaction;
import io.github.pendingmigrations.Preflight.Vacuum;
import io.github.pendingmigrations.TableName;
import io.github.pendingmigrations.preflight.PostgresqlRelations.Relation;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who holds locks on the relations that a migration wants to lock: sessions,
 * vacuums and prepared transactions.
 */
final class PostgresqlHolders {

	/**
	 * A user without privileges sees the user and the application of other sessions, and
	 * nulls for the rest. An autovacuum worker has no user. A prepared transaction has no
	 * session, and is found by the lock on its own id.
	 */
	private static final String HOLDERS = """
			WITH held AS MATERIALIZED (SELECT * FROM pg_locks WHERE granted)
			SELECT l.pid, l.relation::int8 AS relation, l.mode, a.usename, a.application_name, a.state,
				a.backend_type, a.query, EXTRACT(EPOCH FROM clock_timestamp() - a.xact_start) AS age,
				p.gid, p.owner, EXTRACT(EPOCH FROM clock_timestamp() - p.prepared) AS prepared_age
			FROM held l
			LEFT JOIN pg_stat_activity a ON a.pid = l.pid
			LEFT JOIN held x ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid'
				AND x.virtualtransaction = l.virtualtransaction
			LEFT JOIN pg_prepared_xacts p ON p.transaction = x.transactionid
			WHERE l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_backend_pid()
				AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
				AND l.relation = ANY (?::int8[]::oid[])
			ORDER BY a.xact_start, l.pid LIMIT 2000""";

	private static final String PREPARED = """
			SELECT gid, owner, EXTRACT(EPOCH FROM clock_timestamp() - prepared) AS age
			FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared""";

	private static final String USER = "SELECT current_user AS name";

	private static final String WRAPAROUND = "(to prevent wraparound)";

	private final Inspection inspection;

	private final PostgresqlRelations relations;

	PostgresqlHolders(Inspection inspection, PostgresqlRelations relations) {
		this.inspection = inspection;
		this.relations = relations;
	}

	void read(CatalogConnection connection) throws SQLException {
		Map<TableName, String> wanted = new LinkedHashMap<>();
		for (Lock lock : this.inspection.locks()) {
			wanted.put(lock.table(), lock.mode());
		}
		Map<String, PreparedTransaction> prepared = new LinkedHashMap<>();
		connection
			.query(PREPARED,
					(row) -> new PreparedTransaction(row.getString("gid"), row.getString("owner"),
							CatalogConnection.seconds(row, "age"), null, null))
			.forEach((transaction) -> prepared.put(transaction.id(), transaction));
		Map<Long, Blocker> blockers = new LinkedHashMap<>();
		Map<Long, Vacuum> vacuums = new LinkedHashMap<>();
		boolean[] hidden = new boolean[1];
		connection.query(HOLDERS, (row) -> {
			Relation relation = this.relations.byId(row.getLong("relation"));
			String mode = PostgresqlLockMode.of(row.getString("mode")).toString();
			String wantedMode = (relation != null) ? wanted.get(relation.name()) : null;
			if (relation == null || wantedMode == null || !this.inspection.modes().conflict(wantedMode, mode)) {
				return false;
			}
			String gid = row.getString("gid");
			long session = row.getLong("pid");
			if (gid != null) {
				prepared.put(gid, new PreparedTransaction(gid, row.getString("owner"),
						CatalogConnection.seconds(row, "prepared_age"), relation.name(), mode));
			}
			else if (session != 0 && isAutovacuum(row)) {
				vacuums.putIfAbsent(session, vacuum(session, relation, row));
			}
			else if (session != 0) {
				hidden[0] = hidden[0] || row.getString("backend_type") == null;
				blockers.merge(session, blocker(session, relation, mode, row), this::strongest);
			}
			return true;
		}, connection.numbers(this.relations.ids()));
		prepared.values().forEach(this.inspection::add);
		vacuums.values().forEach(this.inspection::add);
		blockers.values().forEach(this.inspection::add);
		if (hidden[0]) {
			tellWhatIsHidden(connection);
		}
	}

	private Blocker strongest(Blocker one, Blocker other) {
		String first = one.holds();
		String second = other.holds();
		return (first != null && second != null
				&& this.inspection.modes().strength(second) > this.inspection.modes().strength(first)) ? other : one;
	}

	private static boolean isAutovacuum(ResultSet row) throws SQLException {
		String type = row.getString("backend_type");
		return (type != null) ? type.equals("autovacuum worker") : row.getString("usename") == null;
	}

	private static Vacuum vacuum(long session, Relation relation, ResultSet row) throws SQLException {
		boolean visible = row.getString("backend_type") != null;
		String query = row.getString("query");
		boolean wraparound = visible ? query != null && query.contains(WRAPAROUND) : relation.overdue();
		return new Vacuum(session, relation.name(), wraparound, visible, CatalogConnection.seconds(row, "age"));
	}

	private static Blocker blocker(long session, Relation relation, String mode, ResultSet row) throws SQLException {
		Duration age = CatalogConnection.seconds(row, "age");
		boolean visible = row.getString("backend_type") != null;
		return new Blocker(session, row.getString("usename"), blankToNull(row.getString("application_name")),
				row.getString("state"), age, relation.name(), mode, visible ? row.getString("query") : null);
	}

	private static @Nullable String blankToNull(@Nullable String text) {
		return (text != null && !text.isBlank()) ? text : null;
	}

	private void tellWhatIsHidden(CatalogConnection connection) throws SQLException {
		String user = connection.query(USER, (row) -> row.getString("name")).get(0);
		this.inspection.add(new Notice(Notice.Code.NOT_VISIBLE, Effect.INFORMS,
				"The database user " + user
						+ " must not see what sessions of other users do, nor since when. GRANT pg_read_all_stats TO "
						+ user + " shows it."));
	}

}
