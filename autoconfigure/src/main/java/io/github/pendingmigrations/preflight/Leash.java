package io.github.pendingmigrations.preflight;

import java.sql.Connection;
import java.sql.SQLException;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Holds the connection that a thread works with, so that another one can cut it.
 */
final class Leash {

	private static final Log logger = LogFactory.getLog(Leash.class);

	private @Nullable Connection connection;

	private boolean cut;

	/**
	 * Remember the connection in use.
	 * @param connection the connection, or {@code null} if there is none any more
	 * @throws SQLException if it must not be used, because the time is up
	 */
	synchronized void hold(@Nullable Connection connection) throws SQLException {
		this.connection = connection;
		if (this.cut && connection != null) {
			throw new SQLException("The time for this is up");
		}
	}

	synchronized boolean isCut() {
		return this.cut;
	}

	/**
	 * Cut the connection in use, however busy it is. Drivers may block while they do
	 * that, so it happens on a thread of its own.
	 */
	synchronized void cut() {
		this.cut = true;
		Connection inUse = this.connection;
		if (inUse != null) {
			start(() -> abort(inUse));
		}
	}

	private static void abort(Connection connection) {
		try {
			connection.abort(Leash::start);
		}
		catch (SQLException | RuntimeException ex) {
			logger.debug("A connection could not be cut", ex);
		}
	}

	private static void start(Runnable work) {
		Thread thread = new Thread(work, "pending-migrations-preflight-cut");
		thread.setDaemon(true);
		thread.start();
	}

}
