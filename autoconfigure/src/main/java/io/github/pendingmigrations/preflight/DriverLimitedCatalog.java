package io.github.pendingmigrations.preflight;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.Lock;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.Table;
import io.github.pendingmigrations.StatementLocks.Removal;
import io.github.pendingmigrations.TableName;
import io.github.pendingmigrations.preflight.Subject.ReadStatement;
import org.jspecify.annotations.Nullable;

/**
 * {@link Catalog} of a database where the driver has to limit queries.
 */
abstract class DriverLimitedCatalog implements Catalog {

	private static final int QUERY_TIMEOUT_SECONDS = 1;

	private final String schema;

	private final Inspection inspection;

	private @Nullable Integer queryTimeoutBefore;

	DriverLimitedCatalog(String schema, Inspection inspection) {
		this.schema = schema;
		this.inspection = inspection;
		inspection.setLocks(inspection.locks()
			.stream()
			.map((lock) -> new Lock(qualify(lock.table()), lock.mode(), lock.work(), lock.statements(), false))
			.toList());
	}

	Inspection inspection() {
		return this.inspection;
	}

	String schema() {
		return this.schema;
	}

	final TableName qualify(TableName name) {
		return (name.schema() != null) ? name : new TableName(this.schema, name.name());
	}

	@Override
	public CatalogConnection open(Connection connection) throws SQLException {
		connection.setAutoCommit(true);
		if (this.queryTimeoutBefore == null) {
			try (Statement statement = connection.createStatement()) {
				this.queryTimeoutBefore = statement.getQueryTimeout();
			}
		}
		return new CatalogConnection(connection, QUERY_TIMEOUT_SECONDS);
	}

	/**
	 * H2 keeps the limit of a statement for the whole session.
	 */
	@Override
	public void close(Connection connection) throws SQLException {
		if (this.queryTimeoutBefore != null) {
			try (Statement statement = connection.createStatement()) {
				statement.setQueryTimeout(this.queryTimeoutBefore);
			}
		}
	}

	/**
	 * Look what depends on each thing that the statements remove, in their order.
	 */
	final void dependants(CatalogConnection connection) throws SQLException {
		Set<Object> gone = new LinkedHashSet<>();
		for (ReadStatement statement : this.inspection.subject().statements()) {
			List<Removal> removals = statement.removals()
				.stream()
				.map((removal) -> new Removal(removal.kind(), qualify(removal.relation()), removal.part(),
						removal.cascade()))
				.toList();
			removals.forEach((removal) -> gone
				.add((removal.kind() == Removal.Kind.RELATION) ? removal.relation() : removal.toString()));
			for (Removal removal : removals) {
				dependants(connection, statement.number(), removal, gone);
			}
		}
	}

	/**
	 * Look what depends on something.
	 * @param connection the connection
	 * @param statement the number of the statement that removes it
	 * @param removal what is removed
	 * @param gone the names of the tables and views, and as text the columns and
	 * constraints, that are removed up to this statement
	 */
	abstract void dependants(CatalogConnection connection, int statement, Removal removal, Set<Object> gone)
			throws SQLException;

	/**
	 * Look at the tables with a query of schema, name, bytes and rows by schema and name.
	 */
	final void tables(CatalogConnection connection, String sql) throws SQLException {
		List<Table> tables = new ArrayList<>();
		for (Lock lock : this.inspection.locks()) {
			List<Table> found = connection.query(sql,
					(row) -> new Table(new TableName(row.getString("schema_name"), row.getString("table_name")),
							CatalogConnection.number(row, "bytes"), CatalogConnection.number(row, "row_count"), true),
					lock.table().schema(), lock.table().name());
			if (found.isEmpty()) {
				this.inspection.add(new Notice(Notice.Code.NO_SUCH_TABLE, Effect.INFORMS, lock.table()
						+ " does not exist now. Nothing can be said about it: look whether an earlier statement or "
						+ "migration creates it."));
			}
			tables.addAll(found);
		}
		tables.forEach(this.inspection::add);
	}

}
