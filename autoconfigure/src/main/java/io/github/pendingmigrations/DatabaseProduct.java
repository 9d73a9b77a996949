package io.github.pendingmigrations;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.Locale;

/**
 * A database that this library has SQL for.
 *
 * @since 0.1.0
 */
public enum DatabaseProduct {

	/** H2. */
	H2(false),

	/** PostgreSQL. */
	POSTGRESQL(true),

	/** MySQL. */
	MYSQL(false),

	/** MariaDB. */
	MARIADB(false);

	private final boolean transactionalDdl;

	DatabaseProduct(boolean transactionalDdl) {
		this.transactionalDdl = transactionalDdl;
	}

	/**
	 * Return whether DDL can be rolled back.
	 * @return {@code true} if it can
	 */
	public boolean hasTransactionalDdl() {
		return this.transactionalDdl;
	}

	/**
	 * Find out what a connection is connected to. The product is asked rather than the
	 * driver, since either driver can talk to MySQL and MariaDB.
	 * @param connection the connection
	 * @return the product
	 * @throws SQLException if the database cannot be asked
	 * @throws UnsupportedDatabaseException if it is another product
	 */
	public static DatabaseProduct of(Connection connection) throws SQLException {
		DatabaseMetaData metaData = connection.getMetaData();
		String name = metaData.getDatabaseProductName();
		String version = metaData.getDatabaseProductVersion();
		return switch (name) {
			case "H2" -> H2;
			case "PostgreSQL" -> POSTGRESQL;
			case "MariaDB" -> MARIADB;
			case "MySQL" -> version.toLowerCase(Locale.ROOT).contains("mariadb") ? MARIADB : MYSQL;
			default -> throw new UnsupportedDatabaseException(name, version);
		};
	}

}
