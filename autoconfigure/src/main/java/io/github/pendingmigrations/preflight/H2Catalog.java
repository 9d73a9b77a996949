package io.github.pendingmigrations.preflight;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.github.pendingmigrations.Preflight.Blocker;
import io.github.pendingmigrations.Preflight.Dependant;
import io.github.pendingmigrations.Preflight.Dependant.Consequence;
import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.Lock;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.PreparedTransaction;
import io.github.pendingmigrations.StatementLocks.Removal;
import io.github.pendingmigrations.StatementLocks.Removal.Kind;
import io.github.pendingmigrations.TableName;

/**
 * {@link Catalog} of H2.
 */
final class H2Catalog extends DriverLimitedCatalog {

	private static final String ADMINISTRATOR = """
			SELECT CURRENT_USER AS USER_NAME, EXISTS (SELECT 1 FROM INFORMATION_SCHEMA.USERS
				WHERE USER_NAME = CURRENT_USER AND IS_ADMIN) AS IS_ADMIN""";

	private static final String HOLDERS = """
			SELECT L.TABLE_SCHEMA, L.TABLE_NAME, L.SESSION_ID, L.LOCK_TYPE, S.USER_NAME, S.SESSION_STATE,
				S.EXECUTING_STATEMENT
			FROM INFORMATION_SCHEMA.LOCKS L
			LEFT JOIN INFORMATION_SCHEMA.SESSIONS S ON S.SESSION_ID = L.SESSION_ID
			WHERE L.SESSION_ID <> SESSION_ID() ORDER BY L.SESSION_ID""";

	private static final String PREPARED = """
			SELECT TRANSACTION_NAME FROM INFORMATION_SCHEMA.IN_DOUBT WHERE TRANSACTION_STATE = 'IN_DOUBT'""";

	private static final String TABLES = """
			SELECT TABLE_SCHEMA AS SCHEMA_NAME, TABLE_NAME, CAST(NULL AS BIGINT) AS BYTES,
				ROW_COUNT_ESTIMATE AS ROW_COUNT
			FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?""";

	private static final String FOREIGN_KEYS = """
			SELECT F.CONSTRAINT_NAME, F.TABLE_SCHEMA, F.TABLE_NAME
			FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS R
			JOIN INFORMATION_SCHEMA.TABLE_CONSTRAINTS F ON F.CONSTRAINT_SCHEMA = R.CONSTRAINT_SCHEMA
				AND F.CONSTRAINT_NAME = R.CONSTRAINT_NAME
			JOIN INFORMATION_SCHEMA.TABLE_CONSTRAINTS U ON U.CONSTRAINT_SCHEMA = R.UNIQUE_CONSTRAINT_SCHEMA
				AND U.CONSTRAINT_NAME = R.UNIQUE_CONSTRAINT_NAME
			WHERE U.TABLE_SCHEMA = ? AND U.TABLE_NAME = ? AND F.TABLE_NAME <> U.TABLE_NAME
			ORDER BY 2, 3, 1""";

	private static final String VIEWS = """
			SELECT TABLE_SCHEMA, TABLE_NAME FROM INFORMATION_SCHEMA.VIEWS
			WHERE LOCATE(?, VIEW_DEFINITION) > 0 AND LOCATE(?, VIEW_DEFINITION) > 0 ORDER BY 1, 2""";

	private static final String INDEXES = """
			SELECT C.INDEX_NAME, (SELECT COUNT(*) FROM INFORMATION_SCHEMA.INDEX_COLUMNS O
				WHERE O.INDEX_SCHEMA = C.INDEX_SCHEMA AND O.INDEX_NAME = C.INDEX_NAME) AS COLUMNS
			FROM INFORMATION_SCHEMA.INDEX_COLUMNS C
			WHERE C.TABLE_SCHEMA = ? AND C.TABLE_NAME = ? AND C.COLUMN_NAME = ? ORDER BY 1""";

	H2Catalog(String schema, Inspection inspection) {
		super(schema, inspection);
	}

	@Override
	public List<Part> parts() {
		return List.of(new Part("locks that others hold", this::holders),
				new Part("prepared transactions", this::prepared), new Part("dependants", this::dependants),
				new Part("tables", (connection) -> tables(connection, TABLES)));
	}

	private void holders(CatalogConnection connection) throws SQLException {
		Map<TableName, String> wanted = new LinkedHashMap<>();
		for (Lock lock : inspection().locks()) {
			wanted.put(lock.table(), lock.mode());
		}
		connection.query(HOLDERS, (row) -> {
			TableName table = new TableName(row.getString("TABLE_SCHEMA"), row.getString("TABLE_NAME"));
			String mode = row.getString("LOCK_TYPE");
			String wantedMode = wanted.get(table);
			if (wantedMode != null && inspection().modes().conflict(wantedMode, mode)) {
				inspection().add(new Blocker(row.getLong("SESSION_ID"), row.getString("USER_NAME"), null,
						row.getString("SESSION_STATE"), null, table, mode, row.getString("EXECUTING_STATEMENT")));
			}
			return table;
		});
		connection.query(ADMINISTRATOR, (row) -> {
			if (!row.getBoolean("IS_ADMIN")) {
				inspection().add(new Notice(Notice.Code.NOT_VISIBLE, Effect.INFORMS,
						"The database user " + row.getString("USER_NAME")
								+ " sees only its own sessions: those of other users may stand in the way. "
								+ "ALTER USER … ADMIN TRUE would show them."));
			}
			return true;
		});
	}

	private void prepared(CatalogConnection connection) throws SQLException {
		connection
			.query(PREPARED,
					(row) -> new PreparedTransaction(row.getString("TRANSACTION_NAME"), null, null, null, null))
			.forEach(inspection()::add);
	}

	@Override
	void dependants(CatalogConnection connection, int statement, Removal removal, Set<Object> gone)
			throws SQLException {
		TableName relation = removal.relation();
		String column = removal.part();
		if (removal.kind() == Kind.CONSTRAINT) {
			return;
		}
		if (column == null) {
			connection.query(FOREIGN_KEYS, (row) -> {
				TableName table = new TableName(row.getString("TABLE_SCHEMA"), row.getString("TABLE_NAME"));
				String constraint = row.getString("CONSTRAINT_NAME");
				if (!gone.contains(table) && !gone.contains(table + "." + constraint)) {
					tell("foreign key " + constraint + " of table " + table, removal, statement,
							removal.cascade() ? Consequence.CASCADES : Consequence.FAILS);
				}
				return table;
			}, relation.schema(), relation.name());
		}
		else {
			connection.query(INDEXES, (row) -> {
				tell("index " + row.getString("INDEX_NAME"), removal, statement,
						(row.getInt("COLUMNS") == 1) ? Consequence.GOES_TOO : Consequence.FAILS);
				return true;
			}, relation.schema(), relation.name(), column);
		}
		connection.query(VIEWS, (row) -> {
			TableName view = new TableName(row.getString("TABLE_SCHEMA"), row.getString("TABLE_NAME"));
			if (!gone.contains(view)) {
				tell("view " + view, removal, statement, removal.cascade() ? Consequence.CASCADES : Consequence.FAILS);
			}
			return view;
		}, quote(String.valueOf(relation.schema())) + "." + quote(relation.name()),
				(column != null) ? quote(column) : quote(relation.name()));
	}

	private void tell(String description, Removal removal, int statement, Consequence consequence) {
		inspection().add(new Dependant(description, removal.toString(), consequence, statement));
	}

	private static String quote(String name) {
		return '"' + name.replace("\"", "\"\"") + '"';
	}

}
