package io.github.pendingmigrations.jdbc;

import java.sql.SQLException;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;

/**
 * Knows the codes of SQLite, which has no SQLSTATE.
 */
final class LedgerExceptionTranslator extends SQLExceptionSubclassTranslator {

	private static final int SQLITE_BUSY = 5;

	private static final int SQLITE_LOCKED = 6;

	private static final int SQLITE_CONSTRAINT = 19;

	@Override
	protected @Nullable DataAccessException doTranslate(String task, @Nullable String sql, SQLException ex) {
		return (isOfSqlite(ex) && ex.getErrorCode() == SQLITE_CONSTRAINT)
				? new DuplicateKeyException(buildMessage(task, sql, ex), ex) : super.doTranslate(task, sql, ex);
	}

	/**
	 * Return whether somebody else is writing, for which SQLite waits only for a while.
	 * @param ex the exception
	 * @return {@code true} if so
	 */
	static boolean isBusy(SQLException ex) {
		return isOfSqlite(ex) && (ex.getErrorCode() == SQLITE_BUSY || ex.getErrorCode() == SQLITE_LOCKED);
	}

	private static boolean isOfSqlite(SQLException ex) {
		return ex.getSQLState() == null && ex.getClass().getName().startsWith("org.sqlite.");
	}

}
