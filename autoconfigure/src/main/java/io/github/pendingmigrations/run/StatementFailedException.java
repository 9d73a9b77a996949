package io.github.pendingmigrations.run;

import java.sql.SQLException;
import java.util.regex.Pattern;

import io.github.pendingmigrations.DatabaseProduct;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a statement of a migration, or a migration written in Java, failed.
 */
class StatementFailedException extends Exception {

	private static final Pattern REPEATED_SQL = Pattern.compile("; SQL statement:|\\R+(Query is:|\\(conn=)");

	private final int statement;

	private final int line;

	StatementFailedException(int statement, int line, Throwable cause) {
		super(cause);
		this.statement = statement;
		this.line = line;
	}

	int getStatement() {
		return this.statement;
	}

	int getLine() {
		return this.line;
	}

	/**
	 * Return the error of the database.
	 * @return the error, or {@code null} if it was none
	 */
	@Nullable SQLException sqlException() {
		for (Throwable cause = getCause(); cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException sqlException) {
				return sqlException;
			}
		}
		return null;
	}

	SqlFailure kind(DatabaseProduct product) {
		SQLException exception = sqlException();
		return (exception != null) ? SqlFailure.of(product, exception) : SqlFailure.SQL_ERROR;
	}

	/**
	 * Return what the database said, without the SQL that some drivers repeat: who may
	 * read the status of a run may not always read that.
	 * @return the message
	 */
	String describe() {
		SQLException sql = sqlException();
		Throwable cause = (sql != null) ? sql : getCause();
		String message = (cause != null && cause.getMessage() != null) ? cause.getMessage() : toString();
		return REPEATED_SQL.split(message, 2)[0];
	}

}
