package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.run.Sighting.Obstacle;

/**
 * Sees from another session who blocks the one that executes, and whom it blocks.
 */
interface ContentionProbe {

	/** Sees nothing. */
	ContentionProbe NONE = new ContentionProbe() {

		@Override
		public Sighting look(Connection connection, String session) {
			return Sighting.CLEAR;
		}

		@Override
		public List<Obstacle> stillThere(Connection connection, List<Obstacle> obstacles) {
			return List.of();
		}

	};

	/**
	 * Return the probe for a database.
	 * @param product the database
	 * @return the probe
	 */
	static ContentionProbe of(DatabaseProduct product) {
		return switch (product) {
			case POSTGRESQL -> new PostgresqlContentionProbe();
			case MYSQL, MARIADB -> new MysqlContentionProbe();
			case H2 -> new H2ContentionProbe();
			default -> NONE;
		};
	}

	/**
	 * Look at a session.
	 * @param connection another connection
	 * @param session the session, as {@link SessionControl#sessionId} names it
	 * @return what there is to see
	 * @throws SQLException if the database does not show it
	 */
	Sighting look(Connection connection, String session) throws SQLException;

	/**
	 * Look which obstacles are still there.
	 * @param connection a connection
	 * @param obstacles what was seen before
	 * @return those of them whose transaction is still open, with its age now
	 * @throws SQLException if the database does not show it
	 */
	List<Obstacle> stillThere(Connection connection, List<Obstacle> obstacles) throws SQLException;

}
