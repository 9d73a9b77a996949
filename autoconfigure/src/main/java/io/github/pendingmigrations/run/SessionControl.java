package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import io.github.pendingmigrations.DatabaseProduct;

/**
 * What the session that executes needs from each database: limits for its waits, a fence
 * that keeps out a successor while it still works, and its id. Whatever is set is
 * restored.
 */
interface SessionControl {

	/**
	 * Return the control for a database.
	 * @param product the database
	 * @param fenceName a name that is the same for everybody who works on the same tables
	 * @return the control
	 */
	static SessionControl of(DatabaseProduct product, String fenceName) {
		return switch (product) {
			case POSTGRESQL -> new PostgresqlSessionControl(fenceName);
			case MYSQL, MARIADB -> new MysqlSessionControl(fenceName, product == DatabaseProduct.MARIADB);
			case H2 -> new H2SessionControl();
		};
	}

	/**
	 * Return the id of a session as an administrator of the database knows it.
	 * @param connection the connection
	 * @return the id
	 * @throws SQLException if it cannot be asked
	 */
	String sessionId(Connection connection) throws SQLException;

	/**
	 * Try to take the fence for the session, without waiting.
	 * @param connection the connection
	 * @return {@code false} if another session has it
	 * @throws SQLException if it cannot be asked
	 */
	boolean tryFence(Connection connection) throws SQLException;

	/**
	 * Give the fence back.
	 * @param connection the connection
	 * @throws SQLException if that fails
	 */
	void releaseFence(Connection connection) throws SQLException;

	/**
	 * Limit what the following statements may wait and work.
	 * @param connection the connection
	 * @param limits the limits
	 * @return restores what was set before
	 * @throws SQLException if that fails
	 */
	Restore limit(Connection connection, Limits limits) throws SQLException;

	/**
	 * Limits of a statement.
	 *
	 * @param lockTimeout how long it may wait for a lock, or zero for no limit
	 * @param holdBudget how long it may work, or zero for no limit
	 * @param watchIdle whether to give up a transaction in which nothing happens
	 */
	record Limits(Duration lockTimeout, Duration holdBudget, boolean watchIdle) {

		/** For the statements of our own, which find their rows locked for an instant. */
		static final Limits OWN = new Limits(Duration.ofSeconds(5), Duration.ZERO, false);

		/**
		 * For statements that wait politely, such as {@code CREATE INDEX CONCURRENTLY}.
		 */
		static final Limits NONE = new Limits(Duration.ZERO, Duration.ZERO, false);

	}

	/**
	 * Restores settings.
	 */
	@FunctionalInterface
	interface Restore {

		/** Nothing to restore: the transaction did. */
		Restore NOTHING = () -> {
		};

		/**
		 * Restore them.
		 * @throws SQLException if that fails
		 */
		void restore() throws SQLException;

	}

}
