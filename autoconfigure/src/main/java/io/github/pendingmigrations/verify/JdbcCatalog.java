package io.github.pendingmigrations.verify;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.pendingmigrations.MigrationChecker.CheckedDatabase;
import io.github.pendingmigrations.check.Catalog;
import io.github.pendingmigrations.check.Dialect;
import io.github.pendingmigrations.check.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * {@link Catalog} of a live database. What it cannot find out within a second it does not
 * know, so that a lock of somebody else delays nothing.
 */
class JdbcCatalog implements Catalog, AutoCloseable {

	private static final int TIMEOUT_SECONDS = 1;

	/** Sizes above are what drivers report for none. */
	private static final int LARGEST_SIZE = 1_000_000;

	private final Connection connection;

	private final boolean autoCommit;

	private final String schema;

	private final Dialect dialect;

	private JdbcCatalog(Connection connection, String schema, Dialect dialect) throws SQLException {
		this.connection = connection;
		this.autoCommit = connection.getAutoCommit();
		this.schema = schema;
		this.dialect = dialect;
	}

	/**
	 * Open the catalog.
	 * @param database the database
	 * @param dialect its dialect
	 * @return the catalog
	 * @throws SQLException if it cannot be reached
	 */
	static JdbcCatalog open(CheckedDatabase database, Dialect dialect) throws SQLException {
		return new JdbcCatalog(database.dataSource().getConnection(), database.schema(), dialect);
	}

	@Override
	public boolean isEmpty(ObjectName table) {
		String name = new ObjectName(schemaOf(table), table.name()).toSql(this.dialect);
		try (Statement statement = this.connection.createStatement()) {
			statement.setQueryTimeout(TIMEOUT_SECONDS);
			statement.setMaxRows(1);
			try (ResultSet rows = statement.executeQuery("SELECT 1 FROM " + name)) {
				return !rows.next();
			}
		}
		catch (SQLException ex) {
			return false;
		}
		finally {
			endTransaction();
		}
	}

	@Override
	public @Nullable String columnType(ObjectName table, String column) {
		return column(table, column, (row) -> {
			String type = row.getString("TYPE_NAME");
			int size = row.getInt("COLUMN_SIZE");
			boolean text = type.toLowerCase(java.util.Locale.ROOT).contains("char");
			return (text && size < LARGEST_SIZE) ? type + "(" + size + ")" : type;
		});
	}

	@Override
	public boolean isNeverNull(ObjectName table, String column) {
		return "NO".equals(column(table, column, (row) -> row.getString("IS_NULLABLE")));
	}

	private @Nullable String column(ObjectName table, String column, Reader reader) {
		boolean catalogs = this.dialect == Dialect.MYSQL || this.dialect == Dialect.MARIADB;
		String owner = schemaOf(table);
		try {
			String escape = this.connection.getMetaData().getSearchStringEscape();
			try (ResultSet rows = this.connection.getMetaData()
				.getColumns(catalogs ? owner : this.connection.getCatalog(), catalogs ? null : escape(owner, escape),
						escape(table.name(), escape), escape(column, escape))) {
				return rows.next() ? reader.read(rows) : null;
			}
		}
		catch (SQLException ex) {
			return null;
		}
		finally {
			endTransaction();
		}
	}

	private static String escape(String name, String escape) {
		return name.replace("_", escape + "_").replace("%", escape + "%");
	}

	private String schemaOf(ObjectName table) {
		return (table.schema() != null) ? table.schema() : this.schema;
	}

	private void endTransaction() {
		try {
			if (!this.autoCommit) {
				this.connection.rollback();
			}
		}
		catch (SQLException ex) {
			// The next question fails as well and is answered with 'not known'.
			return;
		}
	}

	@Override
	public void close() throws SQLException {
		this.connection.close();
	}

	/**
	 * Reads from the row of a column.
	 */
	@FunctionalInterface
	private interface Reader {

		@Nullable String read(ResultSet row) throws SQLException;

	}

}
