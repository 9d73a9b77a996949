package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.github.pendingmigrations.DatabaseProduct;
import org.jspecify.annotations.Nullable;

/**
 * What the session that executes needs from each database: its schema, limits for its
 * waits, a fence that keeps out a successor while it still works, and its id.
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
			default -> new StandardSessionControl(product);
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
	 * Begin a transaction that sees what others commit meanwhile.
	 * @param connection a connection in auto-commit mode
	 * @throws SQLException if that fails
	 */
	default void begin(Connection connection) throws SQLException {
		connection.setAutoCommit(false);
	}

	/**
	 * Try to take the fence, without waiting: for the transaction if there is one,
	 * otherwise for the session.
	 * @param connection the connection
	 * @return {@code false} if another session has it
	 * @throws SQLException if it cannot be asked
	 */
	boolean tryFence(Connection connection) throws SQLException;

	/**
	 * Return which session has the fence.
	 * @param connection the connection
	 * @return the id of the session, or empty if none has it, or that cannot be seen
	 * @throws SQLException if it cannot be asked
	 */
	default Optional<Long> fenceHolder(Connection connection) throws SQLException {
		return Optional.empty();
	}

	/**
	 * Give the fence back, unless the end of its transaction does.
	 * @param connection the connection
	 * @throws SQLException if that fails
	 */
	void releaseFence(Connection connection) throws SQLException;

	/**
	 * Let names without a schema mean those of a schema.
	 * @param connection the connection
	 * @param schema the schema
	 * @return restores what was set before
	 * @throws SQLException if that fails
	 */
	Restore useSchema(Connection connection, String schema) throws SQLException;

	/**
	 * Limit what the following statements may wait and work. Sets everything or nothing.
	 * @param connection the connection
	 * @param limits the limits
	 * @return restores what was set before
	 * @throws SQLException if that fails
	 */
	Restore limit(Connection connection, Limits limits) throws SQLException;

	/**
	 * Limit the next statement of a transaction that has limits already, for less than
	 * {@link #limit} costs.
	 * @param connection the connection
	 * @param limits the limits
	 * @throws SQLException if that fails
	 */
	default void limitNext(Connection connection, Limits limits) throws SQLException {
		limit(connection, limits);
	}

	/**
	 * Return what cannot be done on this database.
	 * @return a sentence for people, or empty if nothing is missing
	 */
	default Optional<String> limitation() {
		return Optional.empty();
	}

	/**
	 * Return whether {@link #limit} limits the work of a statement. Otherwise the driver
	 * has to, which can do so only by the second.
	 * @return {@code false} if it does not
	 */
	default boolean limitsWork() {
		return true;
	}

	/**
	 * Return whether poolers are known for this database that give each transaction
	 * another session, so that it is worth to {@link #keepsSession find out}.
	 * @return {@code true} if there are
	 */
	default boolean canBePooled() {
		return false;
	}

	/**
	 * Find out whether a connection keeps its session between two transactions. One that
	 * goes through a pooler need not, and then what is set for the session, or locked by
	 * it, stays behind with somebody else.
	 * @param connection a connection in auto-commit mode
	 * @param other another connection of the same data source in auto-commit mode
	 * @return {@code false} if it is known not to
	 * @throws SQLException if that cannot be asked
	 */
	default boolean keepsSession(Connection connection, Connection other) throws SQLException {
		return true;
	}

	/**
	 * Return the forms in which a statement can be executed that runs by itself.
	 * @param sql the statement
	 * @return its forms, the least intrusive one first, as it is written last
	 */
	default List<Form> forms(String sql) {
		return List.of(Form.asWritten(sql));
	}

	/**
	 * Find what a failed execution of a statement left behind that stands in the way of
	 * the next one.
	 * @param connection the connection
	 * @param sql the statement that is about to be executed
	 * @return what was found
	 * @throws SQLException if that cannot be asked
	 */
	default Leftovers leftovers(Connection connection, String sql) throws SQLException {
		return Leftovers.NONE;
	}

	/**
	 * Find out what becomes of what a statement had changed when it failed.
	 * @param connection the connection, in the schema of the statement
	 * @param sql the statement
	 * @return how much of that is taken back
	 * @throws SQLException if that cannot be asked
	 */
	default Undo undo(Connection connection, String sql) throws SQLException {
		return Undo.COMPLETE;
	}

	/**
	 * Return how long the session has to wait for a lock until an ordinary autovacuum
	 * gives way, as far as that was seen when limits were set.
	 * @return the time, or {@code null} if there is no autovacuum, or {@link #limit}
	 * makes it give way at once
	 */
	default @Nullable Duration autovacuumYieldsAfter() {
		return null;
	}

	/**
	 * How much is taken back of what a statement had changed when it failed.
	 */
	enum Undo {

		/** Everything. */
		COMPLETE,

		/** Nothing, but whatever it waits for, it waits for before it begins. */
		IF_IT_WAITED,

		/** Nothing, or not everything. */
		NONE

	}

	/**
	 * What a failed execution left behind.
	 *
	 * @param removals the statements that remove it
	 * @param completion the statement that completes what was begun, in place of the one
	 * that began it, or {@code null} to begin anew
	 */
	record Leftovers(List<String> removals, @Nullable String completion) {

		/** Nothing. */
		static final Leftovers NONE = new Leftovers(List.of(), null);

	}

	/**
	 * Limits of a statement.
	 *
	 * @param lockWait how long it may wait for a lock
	 * @param work how long it may take in all
	 * @param idle how long nothing may happen in a transaction before the database ends
	 * the session
	 */
	record Limits(Wait lockWait, Wait work, Wait idle) {

		/** A process that stops must not keep its locks for longer. */
		static final Wait IDLE = Wait.atMost(Duration.ofSeconds(10));

		/** For the statements of our own, which find their rows locked for an instant. */
		static final Limits OWN = new Limits(Wait.atMost(Duration.ofSeconds(5)), Wait.UNLIMITED, IDLE);

		/**
		 * For the statements of our own behind those that hold locks.
		 */
		static final Limits RECORD = new Limits(Wait.atMost(Duration.ofSeconds(1)), Wait.atMost(Duration.ofSeconds(2)),
				IDLE);

		/**
		 * For statements that wait politely, such as {@code CREATE INDEX CONCURRENTLY}.
		 */
		static final Limits NONE = new Limits(Wait.UNLIMITED, Wait.UNLIMITED, Wait.UNLIMITED);

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
