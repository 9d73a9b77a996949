package io.github.pendingmigrations.actuate;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;

import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;

/**
 * Tells a database that cannot be reached from every other error.
 */
final class DatabaseUnavailable {

	static final String ERROR = "DATABASE_UNAVAILABLE";

	/** What drivers say may contain addresses and users, so that is left to the log. */
	static final String MESSAGE = "The database cannot be reached: no connection was to be had, or it broke. "
			+ "Look whether it runs and try again.";

	static final int STATUS = 503;

	/**
	 * PostgreSQL shuts down, starts, has dropped the database, has closed a session that
	 * was idle, or has no connection left.
	 */
	private static final Set<String> POSTGRESQL_STATES = Set.of("57P01", "57P02", "57P03", "57P04", "57P05", "25P03",
			"53300");

	private DatabaseUnavailable() {
	}

	/**
	 * Return whether an error comes from a database that cannot be reached.
	 * @param error the error
	 * @return {@code true} if so
	 */
	static boolean isCauseOf(Throwable error) {
		boolean opening = false;
		for (Throwable cause = error; cause != null; cause = cause.getCause()) {
			opening |= cause instanceof CannotGetJdbcConnectionException
					|| cause instanceof CannotCreateTransactionException;
			if (cause instanceof SQLException sqlException && (opening || isOfConnection(sqlException))) {
				return true;
			}
		}
		return false;
	}

	private static boolean isOfConnection(SQLException ex) {
		String state = ex.getSQLState();
		return ex instanceof SQLTransientConnectionException || ex instanceof SQLNonTransientConnectionException
				|| ex instanceof SQLRecoverableException
				|| (state != null && (state.startsWith("08") || POSTGRESQL_STATES.contains(state)));
	}

}
