package io.github.pendingmigrations;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.Locale;

/**
 * A database that Flyway supports.
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
	MARIADB(false),

	/** HyperSQL. */
	HSQLDB(false),

	/** Apache Derby. */
	DERBY(false),

	/** SQLite. */
	SQLITE(false),

	/** Microsoft SQL Server. */
	SQLSERVER(false),

	/** Oracle Database. */
	ORACLE(false),

	/** IBM Db2. */
	DB2(false),

	/** Any other one, for which there is nothing but the SQL standard. */
	OTHER(false);

	private final boolean transactionalDdl;

	DatabaseProduct(boolean transactionalDdl) {
		this.transactionalDdl = transactionalDdl;
	}

	/**
	 * Return whether a script can be executed in one transaction, which needs DDL that
	 * can be rolled back. Where that is not known for every statement, it is not.
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
	 */
	public static DatabaseProduct of(Connection connection) throws SQLException {
		DatabaseMetaData metaData = connection.getMetaData();
		String name = metaData.getDatabaseProductName();
		return switch (name) {
			case "H2" -> H2;
			case "PostgreSQL" -> POSTGRESQL;
			case "MariaDB" -> MARIADB;
			case "MySQL" -> isMariaDb(metaData) ? MARIADB : MYSQL;
			case "HSQL Database Engine" -> HSQLDB;
			case "Apache Derby" -> DERBY;
			case "SQLite" -> SQLITE;
			case "Microsoft SQL Server" -> SQLSERVER;
			case "Oracle" -> ORACLE;
			default -> name.startsWith("DB2") ? DB2 : OTHER;
		};
	}

	private static boolean isMariaDb(DatabaseMetaData metaData) throws SQLException {
		return metaData.getDatabaseProductVersion().toLowerCase(Locale.ROOT).contains("mariadb");
	}

}
