package io.github.pendingmigrations.preflight;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

import io.github.pendingmigrations.DatabaseProduct;

/**
 * What the catalog of a database tells about a migration. Belongs to one inspection.
 */
interface Catalog {

	/**
	 * Return what to look at, in this order: a later part may need what an earlier one
	 * has found.
	 * @return the parts
	 */
	List<Part> parts();

	/**
	 * Prepare a connection for the next part, with limits for its queries.
	 * @param connection the connection
	 * @return what to read with
	 * @throws SQLException if that fails
	 */
	CatalogConnection open(Connection connection) throws SQLException;

	/**
	 * Leave the connection as it was before {@link #open}.
	 * @param connection the connection
	 * @throws SQLException if that fails
	 */
	void close(Connection connection) throws SQLException;

	static LockModes modes(DatabaseProduct product) {
		return (product == DatabaseProduct.POSTGRESQL) ? PostgresqlLockMode.MODES : new ExclusiveOrShared();
	}

	static Catalog of(DatabaseProduct product, String schema, Inspection inspection) {
		return switch (product) {
			case POSTGRESQL -> new PostgresqlCatalog(schema, inspection);
			case MYSQL, MARIADB -> new MysqlCatalog(schema, inspection, product);
			case H2 -> new H2Catalog(schema, inspection);
			// Others join this enumeration
			default -> new NoCatalog(product, inspection);
		};
	}

	/**
	 * A part of what to look at.
	 *
	 * @param name what it finds out, for people, to be continued with 'could not be found
	 * out'
	 * @param look looks
	 */
	record Part(String name, Look look) {
	}

	/**
	 * Looks at a part.
	 */
	@FunctionalInterface
	interface Look {

		void at(CatalogConnection connection) throws SQLException;

	}

}
