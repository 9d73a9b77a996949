package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import io.github.pendingmigrations.run.SessionControl.Restore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * A connection in auto-commit mode that goes back to its pool only if nobody can have
 * changed its session for good.
 */
final class BorrowedConnection implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(BorrowedConnection.class);

	private final DataSource dataSource;

	private final Connection connection;

	private final boolean autoCommit;

	private boolean tainted;

	private BorrowedConnection(DataSource dataSource, Connection connection, boolean autoCommit) {
		this.dataSource = dataSource;
		this.connection = connection;
		this.autoCommit = autoCommit;
	}

	static BorrowedConnection of(DataSource dataSource) throws SQLException {
		Connection connection = dataSource.getConnection();
		try {
			boolean autoCommit = connection.getAutoCommit();
			connection.setAutoCommit(true);
			return new BorrowedConnection(dataSource, connection, autoCommit);
		}
		catch (SQLException ex) {
			connection.close();
			throw ex;
		}
	}

	Connection connection() {
		return this.connection;
	}

	/**
	 * Remember that somebody else's SQL has changed the session, or may have.
	 */
	void taintSession() {
		this.tainted = true;
	}

	/**
	 * Take back what is not committed and go back to auto-commit mode. Only a broken
	 * connection cannot do that, of which the database takes everything back by itself.
	 */
	void settle() {
		try {
			if (!this.connection.isClosed()) {
				if (!this.connection.getAutoCommit()) {
					this.connection.rollback();
				}
				this.connection.setAutoCommit(true);
			}
		}
		catch (SQLException ex) {
			logger.debug("A connection is broken", ex);
			this.tainted = true;
		}
	}

	/**
	 * Restore settings of the session, or do not give it back.
	 * @param restore restores them
	 */
	void restore(Restore restore) {
		try {
			restore.restore();
		}
		catch (SQLException ex) {
			logger.debug("The settings of a session could not be restored", ex);
			this.tainted = true;
		}
	}

	/**
	 * Give it back, or make an end of it. What was done with it is done, so it is not an
	 * error if that fails.
	 */
	@Override
	public void close() {
		try (Connection closing = this.connection) {
			if (this.tainted) {
				ConnectionDisposal.dispose(this.dataSource, closing);
			}
			else if (!closing.isClosed()) {
				closing.setAutoCommit(this.autoCommit);
			}
		}
		catch (SQLException | RuntimeException ex) {
			logger.warn("A connection could not be given back in order", ex);
		}
	}

}
