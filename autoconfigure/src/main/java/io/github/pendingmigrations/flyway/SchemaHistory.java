package io.github.pendingmigrations.flyway;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

import javax.sql.DataSource;

import io.github.pendingmigrations.DatabaseProduct;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Reads Flyway's history table, and never writes it.
 */
class SchemaHistory {

	private static final Set<String> TABLE_MISSING = Set.of("42P01", "42S02", "42S03", "42S04", "3F000", "90079");

	/** It has no schemas of its own, but this name for them. */
	private static final String SQLITE_SCHEMA = "main";

	/** MySQL and MariaDB, whose schemas are databases. */
	private static final int UNKNOWN_DATABASE = 1049;

	/** H2 keeps rows of its own kind with a negative rank. */
	private static final String QUERY = "SELECT %1$sversion%1$s, %1$stype%1$s FROM %2$s"
			+ " WHERE %1$ssuccess%1$s = ? AND %1$sinstalled_rank%1$s > 0";

	private final DataSource dataSource;

	private final String table;

	private final @Nullable String configuredSchema;

	private final Set<String> schemas;

	SchemaHistory(DataSource dataSource, Configuration configuration) {
		this.dataSource = dataSource;
		this.table = configuration.getTable();
		this.configuredSchema = configuredSchema(configuration);
		this.schemas = new LinkedHashSet<>(List.of(configuration.getSchemas()));
		addTo(this.schemas, this.configuredSchema);
	}

	/**
	 * Return the schema that holds the history table.
	 * @param connection a connection
	 * @param configuration the configuration of Flyway
	 * @return the name, as the database spells it
	 * @throws SQLException if the database cannot be asked
	 */
	static String schema(Connection connection, Configuration configuration) throws SQLException {
		String configured = configuredSchema(configuration);
		if (configured != null) {
			return configured;
		}
		return schema(connection);
	}

	private static String schema(Connection connection) throws SQLException {
		String current = connection.getSchema();
		if (current == null || current.isEmpty()) {
			current = connection.getCatalog();
		}
		if (current == null && DatabaseProduct.of(connection) == DatabaseProduct.SQLITE) {
			return SQLITE_SCHEMA;
		}
		if (current == null) {
			throw new SQLException("The connection has no current schema: set 'spring.flyway.default-schema'");
		}
		return current;
	}

	private static @Nullable String configuredSchema(Configuration configuration) {
		if (configuration.getDefaultSchema() != null) {
			return configuration.getDefaultSchema();
		}
		return (configuration.getSchemas().length > 0) ? configuration.getSchemas()[0] : null;
	}

	/**
	 * Read what has been applied.
	 * @return the history; one that does not exist if the table does not
	 */
	History read() {
		try (Connection connection = this.dataSource.getConnection()) {
			return read(connection);
		}
		catch (SQLException ex) {
			throw new HistoryUnreadableException(ex);
		}
	}

	private History read(Connection connection) throws SQLException {
		String quote = connection.getMetaData().getIdentifierQuoteString();
		String name = quote(this.table, quote);
		if (this.configuredSchema != null) {
			name = quote(this.configuredSchema, quote) + "." + name;
		}
		boolean autoCommit = connection.getAutoCommit();
		try (PreparedStatement statement = connection.prepareStatement(QUERY.formatted(quote, name))) {
			statement.setBoolean(1, true);
			List<Row> rows = new ArrayList<>();
			try (ResultSet resultSet = statement.executeQuery()) {
				while (resultSet.next()) {
					String version = resultSet.getString(1);
					rows.add(new Row((version != null) ? MigrationVersion.fromVersion(version) : null,
							resultSet.getString(2)));
				}
			}
			return new History(true, List.copyOf(rows));
		}
		catch (SQLException ex) {
			if (TABLE_MISSING.contains(String.valueOf(ex.getSQLState())) || ex.getErrorCode() == UNKNOWN_DATABASE
					|| !exists(connection)) {
				return new History(false, List.of());
			}
			throw ex;
		}
		finally {
			if (!autoCommit) {
				connection.rollback();
			}
		}
	}

	/**
	 * Ask the metadata whether the table exists, where no error tells.
	 */
	private boolean exists(Connection connection) throws SQLException {
		try (ResultSet tables = connection.getMetaData().getTables(null, null, "%", new String[] { "TABLE" })) {
			while (tables.next()) {
				String schema = tables.getString("TABLE_SCHEM");
				if (tables.getString("TABLE_NAME").equalsIgnoreCase(this.table)
						&& (this.configuredSchema == null || schema == null || schema.equals(this.configuredSchema))) {
					return true;
				}
			}
			return false;
		}
	}

	/**
	 * Return whether there are tables or views other than the history table and those
	 * that a test accepts: in Flyway's schemas, and in those that an unqualified name
	 * reaches.
	 * @param accepted the names that do not count
	 * @return {@code true} if there are
	 */
	boolean hasOtherTables(Predicate<String> accepted) {
		try (Connection connection = this.dataSource.getConnection()) {
			Set<String> reachable = new LinkedHashSet<>(this.schemas);
			boolean inCatalogs = connection.getMetaData().getDatabaseProductName().matches("MySQL|MariaDB");
			reachable.addAll(inCatalogs ? List.of(connection.getCatalog()) : searchPath(connection));
			for (String schema : reachable) {
				if (hasOtherTables(connection.getMetaData(), inCatalogs ? schema : connection.getCatalog(),
						inCatalogs ? null : schema, accepted)) {
					return true;
				}
			}
			return false;
		}
		catch (SQLException ex) {
			throw new HistoryUnreadableException(ex);
		}
	}

	private static List<String> searchPath(Connection connection) throws SQLException {
		if (!connection.getMetaData().getDatabaseProductName().equals("PostgreSQL")) {
			return List.of(schema(connection));
		}
		try (PreparedStatement statement = connection.prepareStatement("SELECT unnest(current_schemas(false))");
				ResultSet resultSet = statement.executeQuery()) {
			List<String> schemas = new ArrayList<>();
			while (resultSet.next()) {
				schemas.add(resultSet.getString(1));
			}
			return schemas;
		}
	}

	private static void addTo(Set<String> schemas, @Nullable String schema) {
		if (schema != null) {
			schemas.add(schema);
		}
	}

	private boolean hasOtherTables(DatabaseMetaData metaData, @Nullable String catalog, @Nullable String schema,
			Predicate<String> accepted) throws SQLException {
		try (ResultSet tables = metaData.getTables(catalog, escape(metaData, schema), "%", null)) {
			while (tables.next()) {
				String name = tables.getString("TABLE_NAME");
				if (isRelation(tables.getString("TABLE_TYPE")) && !name.equalsIgnoreCase(this.table)
						&& !accepted.test(name)) {
					return true;
				}
			}
			return false;
		}
	}

	private static boolean isRelation(@Nullable String type) {
		return type != null && !type.startsWith("SYSTEM") && (type.contains("TABLE") || type.contains("VIEW"));
	}

	private static @Nullable String escape(DatabaseMetaData metaData, @Nullable String name) throws SQLException {
		String escape = metaData.getSearchStringEscape();
		return (name != null) ? name.replace("_", escape + "_").replace("%", escape + "%") : null;
	}

	private static String quote(String name, String quote) {
		return quote + name.replace(quote, quote + quote) + quote;
	}

	/**
	 * A successful row.
	 *
	 * @param version the version, or {@code null} of a repeatable migration
	 * @param type Flyway's name of its type
	 */
	record Row(@Nullable MigrationVersion version, String type) {

		boolean isAfter(MigrationVersion other) {
			return this.version != null && this.version.compareTo(other) > 0;
		}

	}

	/**
	 * What has been applied.
	 *
	 * @param exists whether the history table exists
	 * @param rows the successful rows
	 */
	record History(boolean exists, List<Row> rows) {

		/**
		 * Return whether Flyway has recorded nothing but the creation of the schema.
		 * @return {@code true} if no migration and no baseline is recorded
		 */
		boolean isEmpty() {
			return this.rows.stream().allMatch((row) -> "SCHEMA".equals(row.type()));
		}

		/**
		 * Return whether a pending migration lies below the baseline, so that the state
		 * of the database includes it. The pending part of the baseline's own version is
		 * included only if a baseline migration created that state.
		 * @param version the version of the pending migration
		 * @return {@code true} if it never has to run here
		 */
		boolean includesPending(MigrationVersion version) {
			return this.rows.stream().anyMatch((row) -> {
				MigrationVersion baseline = row.version();
				if (baseline == null || !row.type().contains("BASELINE")) {
					return false;
				}
				int order = version.compareTo(baseline);
				return order < 0 || (order == 0 && !"BASELINE".equals(row.type()));
			});
		}

		/**
		 * Return whether Flyway has not run a versioned migration and still would.
		 * @param version the version
		 * @param configuration the configuration of Flyway
		 * @return {@code true} if it is outstanding
		 */
		boolean wouldRun(MigrationVersion version, Configuration configuration) {
			MigrationVersion last = MigrationVersion.EMPTY;
			for (Row row : this.rows) {
				if (row.version() == null) {
					continue;
				}
				boolean baseline = row.type().contains("BASELINE");
				int order = version.compareTo(row.version());
				if (order == 0 || (baseline && order < 0)) {
					return false;
				}
				if (row.version().compareTo(last) > 0) {
					last = row.version();
				}
			}
			return configuration.isOutOfOrder() || version.compareTo(last) > 0;
		}

	}

	/**
	 * Thrown when the history table exists and cannot be read.
	 */
	static final class HistoryUnreadableException extends RuntimeException {

		HistoryUnreadableException(SQLException cause) {
			super("Flyway's history table cannot be read: " + cause.getMessage(), cause);
		}

	}

}
