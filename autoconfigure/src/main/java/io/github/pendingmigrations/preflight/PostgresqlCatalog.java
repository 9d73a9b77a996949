package io.github.pendingmigrations.preflight;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

import io.github.pendingmigrations.Preflight.InvalidIndex;
import io.github.pendingmigrations.Preflight.Replica;
import io.github.pendingmigrations.Preflight.Replica.Source;
import io.github.pendingmigrations.Preflight.Table;
import io.github.pendingmigrations.TableName;
import org.jspecify.annotations.Nullable;

/**
 * {@link Catalog} of PostgreSQL. Every part is a transaction of its own, which is rolled
 * back, so that its settings end with it and its failure is no other part's.
 */
final class PostgresqlCatalog implements Catalog {

	/** Less than the time that all parts have together. */
	private static final String STATEMENT_TIMEOUT = "900ms";

	/** Sizes open the table, which somebody may have locked exclusively. */
	private static final String LOCK_TIMEOUT = "100ms";

	private static final Set<String> COULD_NOT_LOCK = Set.of("55P03", "57014");

	private static final String SIZES = """
			SELECT n.nspname, c.relname, c.reltuples,
				pg_total_relation_size(c.oid) AS bytes
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE c.oid = ANY (?::int8[]::oid[]) ORDER BY 1, 2""";

	private static final String ESTIMATED_SIZES = """
			SELECT n.nspname, c.relname, c.reltuples,
				current_setting('block_size')::int8 * (c.relpages
					+ coalesce((SELECT sum(ic.relpages) FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
						WHERE i.indrelid = c.oid), 0)
					+ coalesce((SELECT t.relpages FROM pg_class t WHERE t.oid = c.reltoastrelid), 0)) AS bytes
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE c.oid = ANY (?::int8[]::oid[]) ORDER BY 1, 2""";

	private static final String INVALID_INDEXES = """
			SELECT n.nspname, ic.relname, tn.nspname AS table_schema, tc.relname AS table_name,
				EXISTS (SELECT 1 FROM pg_stat_progress_create_index p WHERE p.index_relid = ic.oid) AS building
			FROM pg_index i
			JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_namespace n ON n.oid = ic.relnamespace
			JOIN pg_class tc ON tc.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = tc.relnamespace
			WHERE NOT i.indisvalid AND ic.relkind = 'i' AND i.indrelid = ANY (?::int8[]::oid[])
			ORDER BY 1, 2""";

	private static final String REPLICAS = """
			SELECT coalesce(application_name, '') AS name, state, EXTRACT(EPOCH FROM replay_lag) AS lag
			FROM pg_stat_replication ORDER BY 1""";

	private final String schema;

	private final Inspection inspection;

	private final PostgresqlRelations relations;

	PostgresqlCatalog(String schema, Inspection inspection) {
		this.schema = schema;
		this.inspection = inspection;
		this.relations = new PostgresqlRelations(inspection);
	}

	@Override
	public List<Part> parts() {
		return List.of(new Part("tables", this.relations::resolve),
				new Part("dependants", new PostgresqlDependants(this.inspection, this.relations)::read),
				new Part("partitions and child tables", this.relations::addChildren),
				new Part("locks that others hold", new PostgresqlHolders(this.inspection, this.relations)::read),
				new Part("invalid indexes", this::invalidIndexes), new Part("sizes of tables", this::sizes),
				new Part("replicas", this::replicas));
	}

	@Override
	public CatalogConnection open(Connection connection) throws SQLException {
		connection.setAutoCommit(false);
		try (PreparedStatement statement = connection
			.prepareStatement("SELECT set_config('statement_timeout', ?, true), set_config('lock_timeout', ?, true), "
					+ "set_config('search_path', concat_ws(', ', quote_ident(?), "
					+ "nullif(current_setting('search_path'), '')), true)")) {
			statement.setString(1, STATEMENT_TIMEOUT);
			statement.setString(2, LOCK_TIMEOUT);
			statement.setString(3, this.schema);
			statement.executeQuery().close();
		}
		return new CatalogConnection(connection, 0);
	}

	@Override
	public void close(Connection connection) throws SQLException {
		connection.rollback();
	}

	private void invalidIndexes(CatalogConnection connection) throws SQLException {
		connection
			.query(INVALID_INDEXES,
					(row) -> new InvalidIndex(new TableName(row.getString("nspname"), row.getString("relname")),
							new TableName(row.getString("table_schema"), row.getString("table_name")),
							row.getBoolean("building")),
					connection.numbers(this.relations.ids()))
			.forEach(this.inspection::add);
	}

	private void sizes(CatalogConnection connection) throws SQLException {
		List<Table> tables;
		try {
			tables = sizes(connection, SIZES, false);
		}
		catch (SQLException ex) {
			if (!COULD_NOT_LOCK.contains(ex.getSQLState())) {
				throw ex;
			}
			connection.rollback();
			tables = sizes(connection, ESTIMATED_SIZES, true);
		}
		tables.forEach(this.inspection::add);
	}

	private List<Table> sizes(CatalogConnection connection, String sql, boolean estimated) throws SQLException {
		return connection.query(sql,
				(row) -> new Table(new TableName(row.getString("nspname"), row.getString("relname")),
						row.getLong("bytes"), rows(row), estimated),
				connection.numbers(this.relations.tableIds()));
	}

	/**
	 * Nobody has counted them before the first vacuum or analyze: that is -1, and 0
	 * before PostgreSQL 14.
	 */
	private static @Nullable Long rows(ResultSet row) throws SQLException {
		long rows = (long) row.getFloat("reltuples");
		return (rows > 0) ? rows : null;
	}

	private void replicas(CatalogConnection connection) throws SQLException {
		connection.query(REPLICAS, (row) -> {
			String name = row.getString("name");
			Duration lag = CatalogConnection.seconds(row, "lag");
			return new Replica(name.isEmpty() ? "unnamed" : name, Source.PRIMARY, row.getString("state"), lag, null);
		}).forEach(this.inspection::add);
	}

}
