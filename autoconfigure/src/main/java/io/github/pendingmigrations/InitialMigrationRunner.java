package io.github.pendingmigrations;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Applies pending migrations while an empty database is initialized.
 *
 * @since 0.1.0
 */
public interface InitialMigrationRunner {

	/**
	 * Apply a migration on a connection, and record it, unless the ledger says that it
	 * has been applied. Takes part in the transaction of the connection, if there is one.
	 * @param connection the connection
	 * @param script the migration
	 * @throws SQLException if that fails
	 */
	void applyOn(Connection connection, PendingScript script) throws SQLException;

	/**
	 * Apply a migration on a connection of its own, unless the ledger says that it has
	 * been applied or that the database has come into use, while keeping out everybody
	 * else who does the same.
	 * @param script the migration
	 */
	void apply(PendingScript script);

}
