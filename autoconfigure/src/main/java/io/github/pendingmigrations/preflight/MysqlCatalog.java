package io.github.pendingmigrations.preflight;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.Preflight.Blocker;
import io.github.pendingmigrations.Preflight.Dependant;
import io.github.pendingmigrations.Preflight.Dependant.Consequence;
import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.Lock;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.PreparedTransaction;
import io.github.pendingmigrations.Preflight.Replica;
import io.github.pendingmigrations.Preflight.Replica.Source;
import io.github.pendingmigrations.StatementLocks.Removal;
import io.github.pendingmigrations.StatementLocks.Removal.Kind;
import io.github.pendingmigrations.TableName;
import org.jspecify.annotations.Nullable;

/**
 * {@link Catalog} of MySQL and MariaDB. Who holds which metadata lock is known only with
 * the {@code performance_schema}, or MariaDB's plugin {@code metadata_lock_info};
 * otherwise every open transaction may stand in the way.
 */
final class MysqlCatalog extends DriverLimitedCatalog {

	private static final String SESSIONS = """
			SELECT ID AS id, USER AS user_name, DB AS db, COMMAND AS command, STATE AS state, INFO AS info
			FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() ORDER BY ID LIMIT 2000""";

	/**
	 * The server stores the start in the time zone of its system.
	 */
	private static final String TRANSACTIONS = """
			SELECT trx_mysql_thread_id AS id,
				TIMESTAMPDIFF(MICROSECOND, CONVERT_TZ(trx_started, 'SYSTEM', '+00:00'), UTC_TIMESTAMP(6))
					/ 1000000 AS age
			FROM information_schema.INNODB_TRX ORDER BY trx_started LIMIT 2000""";

	private static final String PLUGIN = """
			SELECT COUNT(*) AS found FROM information_schema.PLUGINS
			WHERE PLUGIN_NAME = 'METADATA_LOCK_INFO' AND PLUGIN_STATUS = 'ACTIVE'""";

	private static final String PLUGIN_LOCKS = """
			SELECT THREAD_ID AS id, LOCK_MODE AS mode, TABLE_SCHEMA AS schema_name, TABLE_NAME AS table_name
			FROM information_schema.METADATA_LOCK_INFO WHERE TABLE_NAME <> ''""";

	private static final String PERFORMANCE_SCHEMA = """
			SELECT COUNT(*) AS found FROM performance_schema.setup_instruments
			WHERE NAME = 'wait/lock/metadata/sql/mdl' AND ENABLED = 'YES' AND @@performance_schema = 1""";

	private static final String PERFORMANCE_SCHEMA_LOCKS = """
			SELECT t.PROCESSLIST_ID AS id, m.LOCK_TYPE AS mode, m.OBJECT_SCHEMA AS schema_name,
				m.OBJECT_NAME AS table_name
			FROM performance_schema.metadata_locks m
			JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID
			WHERE m.OBJECT_TYPE = 'TABLE' AND m.LOCK_STATUS = 'GRANTED'""";

	private static final String TABLES = """
			SELECT TABLE_SCHEMA AS schema_name, TABLE_NAME AS table_name, DATA_LENGTH + INDEX_LENGTH AS bytes,
				TABLE_ROWS AS row_count
			FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?""";

	private static final String FOREIGN_KEYS = """
			SELECT DISTINCT CONSTRAINT_NAME AS name, TABLE_SCHEMA AS schema_name, TABLE_NAME AS table_name,
				REFERENCED_TABLE_SCHEMA AS referenced_schema, REFERENCED_TABLE_NAME AS referenced_name
			FROM information_schema.KEY_COLUMN_USAGE
			WHERE REFERENCED_TABLE_NAME IS NOT NULL AND @@SESSION.foreign_key_checks = 1 AND (
				(REFERENCED_TABLE_SCHEMA = ? AND REFERENCED_TABLE_NAME = ? AND (? IS NULL OR REFERENCED_COLUMN_NAME = ?))
				OR (TABLE_SCHEMA = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?))
			ORDER BY 2, 3, 1""";

	private static final String VIEWS = """
			SELECT TABLE_SCHEMA AS schema_name, TABLE_NAME AS table_name FROM information_schema.VIEWS
			WHERE LOCATE(?, VIEW_DEFINITION) > 0 AND LOCATE(?, VIEW_DEFINITION) > 0 ORDER BY 1, 2""";

	private static final String INDEXES = """
			SELECT s.INDEX_NAME AS name, (SELECT COUNT(*) FROM information_schema.STATISTICS o
				WHERE o.TABLE_SCHEMA = s.TABLE_SCHEMA AND o.TABLE_NAME = s.TABLE_NAME
					AND o.INDEX_NAME = s.INDEX_NAME) AS columns_
			FROM information_schema.STATISTICS s
			WHERE s.TABLE_SCHEMA = ? AND s.TABLE_NAME = ? AND s.COLUMN_NAME = ? ORDER BY 1""";

	private final DatabaseProduct product;

	MysqlCatalog(String schema, Inspection inspection, DatabaseProduct product) {
		super(schema, inspection);
		this.product = product;
	}

	@Override
	public List<Part> parts() {
		return List.of(new Part("locks that others hold", this::holders),
				new Part("prepared transactions", this::prepared), new Part("dependants", this::dependants),
				new Part("tables", (connection) -> tables(connection, TABLES)));
	}

	private void holders(CatalogConnection connection) throws SQLException {
		Map<Long, Session> sessions = new LinkedHashMap<>();
		connection.query(SESSIONS, MysqlCatalog::session).forEach((session) -> sessions.put(session.id(), session));
		sessions.values()
			.stream()
			.filter((session) -> session.command().startsWith("Binlog Dump"))
			.map((session) -> new Replica(session.user() + " (connection " + session.id() + ")", Source.PRIMARY,
					session.state(), null, null))
			.forEach(inspection()::add);
		Map<Long, Duration> ages = transactions(connection);
		List<Held> held = held(connection);
		if (held == null) {
			if (!mayWaitForAnybody()) {
				return;
			}
			ages.forEach((id, age) -> {
				Session session = sessions.get(id);
				if (session != null && (session.db() == null || schema().equalsIgnoreCase(session.db()))) {
					inspection().add(session.blocker(age, null, null));
				}
			});
			return;
		}
		for (Held lock : held) {
			Session session = sessions.get(lock.session());
			Lock wanted = wanted(lock.table());
			if (session != null && wanted != null && inspection().modes().conflict(wanted.mode(), lock.mode())) {
				inspection().add(session.blocker(ages.get(session.id()), wanted.table(), lock.mode()));
			}
		}
	}

	/**
	 * Return whether an open transaction can be in the way: who merely reads and writes
	 * rows does not wait for another one's metadata locks.
	 */
	private boolean mayWaitForAnybody() {
		return inspection().locks().stream().anyMatch((lock) -> inspection().modes().strength(lock.mode()) > 0)
				|| inspection().subject()
					.statements()
					.stream()
					.anyMatch((statement) -> !statement.reading().understood());
	}

	private @Nullable Lock wanted(TableName table) {
		return inspection().locks()
			.stream()
			.filter((lock) -> lock.table().toString().equalsIgnoreCase(table.toString()))
			.findFirst()
			.orElse(null);
	}

	private Map<Long, Duration> transactions(CatalogConnection connection) {
		Map<Long, Duration> ages = new LinkedHashMap<>();
		try {
			connection.query(TRANSACTIONS, (row) -> {
				Duration age = CatalogConnection.seconds(row, "age");
				return ages.put(row.getLong("id"), (age != null) ? age : Duration.ZERO);
			});
		}
		catch (SQLException ex) {
			inspection().add(new Notice(Notice.Code.NOT_VISIBLE, Effect.INFORMS, "Open transactions cannot be seen: "
					+ ex.getMessage() + ". GRANT PROCESS ON *.* TO the database user shows them."));
		}
		return ages;
	}

	/**
	 * Find out who holds which metadata lock.
	 * @return the locks, or {@code null} if the server does not tell
	 */
	private @Nullable List<Held> held(CatalogConnection connection) throws SQLException {
		if (this.product == DatabaseProduct.MARIADB && exists(connection, PLUGIN)) {
			return connection.query(PLUGIN_LOCKS, MysqlCatalog::lock);
		}
		try {
			if (exists(connection, PERFORMANCE_SCHEMA)) {
				return connection.query(PERFORMANCE_SCHEMA_LOCKS, MysqlCatalog::lock);
			}
		}
		catch (SQLException ex) {
			// It is also missing for those who must not read it
			inspection().add(new Notice(Notice.Code.NOT_VISIBLE, Effect.INFORMS,
					"The performance_schema cannot be read: " + ex.getMessage()
							+ ". GRANT SELECT ON performance_schema.* TO the database user shows who holds which "
							+ "metadata lock."));
		}
		inspection().add(new Notice(Notice.Code.NOT_AVAILABLE, Effect.INFORMS,
				"This server does not tell which session has locked which table, so every open transaction in this "
						+ "database is listed. "
						+ ((this.product == DatabaseProduct.MARIADB)
								? "INSTALL SONAME 'metadata_lock_info' would tell, or the " : "The ")
						+ "performance_schema with its instrument wait/lock/metadata/sql/mdl"
						+ ((this.product == DatabaseProduct.MARIADB) ? "." : " would tell.")));
		return null;
	}

	private static boolean exists(CatalogConnection connection, String sql) throws SQLException {
		return connection.query(sql, (row) -> row.getInt("found") > 0).get(0);
	}

	/**
	 * What they have locked is not told.
	 */
	private void prepared(CatalogConnection connection) throws SQLException {
		connection
			.query("XA RECOVER",
					(row) -> new PreparedTransaction(String.valueOf(row.getString("data")), null, null, null, null))
			.forEach(inspection()::add);
	}

	@Override
	void dependants(CatalogConnection connection, int statement, Removal removal, Set<Object> gone)
			throws SQLException {
		TableName relation = removal.relation();
		String schema = relation.schema();
		String column = removal.part();
		if (removal.kind() == Kind.CONSTRAINT) {
			return;
		}
		connection.query(FOREIGN_KEYS, (row) -> {
			TableName table = new TableName(row.getString("schema_name"), row.getString("table_name"));
			String name = row.getString("name");
			if (!gone.contains(table) && !gone.contains(table + "." + name)
					&& !(column == null && table.equals(relation))) {
				tell("foreign key " + name + " of table " + table, removal, statement, Consequence.FAILS);
			}
			return table;
		}, schema, relation.name(), column, column, schema, relation.name(), column);
		if (column != null) {
			connection.query(INDEXES, (row) -> {
				tell("index " + row.getString("name")
						+ ((row.getInt("columns_") > 1) ? ", which loses the column" : ""), removal, statement,
						Consequence.GOES_TOO);
				return true;
			}, schema, relation.name(), column);
		}
		connection.query(VIEWS, (row) -> {
			TableName view = new TableName(row.getString("schema_name"), row.getString("table_name"));
			if (!gone.contains(view)) {
				tell("view " + view, removal, statement, Consequence.BREAKS);
			}
			return view;
		}, quote(String.valueOf(schema)) + "." + quote(relation.name()),
				(column != null) ? "." + quote(column) : quote(relation.name()));
	}

	private void tell(String description, Removal removal, int statement, Consequence consequence) {
		inspection().add(new Dependant(description, removal.toString(), consequence, statement));
	}

	private static String quote(String name) {
		return '`' + name.replace("`", "``") + '`';
	}

	private static Held lock(ResultSet row) throws SQLException {
		return new Held(row.getLong("id"), new TableName(row.getString("schema_name"), row.getString("table_name")),
				row.getString("mode").replaceFirst("^MDL_", "").toUpperCase(Locale.ROOT));
	}

	private static Session session(ResultSet row) throws SQLException {
		return new Session(row.getLong("id"), row.getString("user_name"), row.getString("db"),
				String.valueOf(row.getString("command")), row.getString("state"), row.getString("info"));
	}

	/**
	 * A metadata lock.
	 *
	 * @param session the connection that holds it
	 * @param table the table
	 * @param mode the mode
	 */
	private record Held(long session, TableName table, String mode) {
	}

	/**
	 * A connection.
	 *
	 * @param id its id
	 * @param user its user
	 * @param db its current database
	 * @param command what it does
	 * @param state how far it is with that
	 * @param query its current statement
	 */
	private record Session(long id, @Nullable String user, @Nullable String db, String command, @Nullable String state,
			@Nullable String query) {

		Blocker blocker(@Nullable Duration age, @Nullable TableName table, @Nullable String holds) {
			String doing = (this.command.equals("Sleep") && age != null) ? "idle in transaction"
					: (this.state != null && !this.state.isEmpty()) ? this.state : this.command;
			return new Blocker(this.id, this.user, null, doing, age, table, holds, this.query);
		}

	}

}
