package io.github.pendingmigrations.run;

import java.sql.SQLException;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.SqlBody;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a statement of a migration, or a migration written in Java, failed.
 */
class StatementFailedException extends Exception {

	private final int statement;

	private final int line;

	StatementFailedException(int statement, int line, Throwable cause) {
		super(cause);
		this.statement = statement;
		this.line = line;
	}

	/**
	 * Create the exception for what a migration left to the end of its transaction.
	 * @param body the migration
	 * @param cause why it could not be committed
	 * @return the exception, at the last statement
	 */
	static StatementFailedException atCommit(PendingScript.Body body, SQLException cause) {
		int line = (body instanceof SqlBody sql && body.size() > 0) ? sql.statements().get(body.size() - 1).line() : 0;
		return new StatementFailedException(body.size(), line, cause);
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
		return FailureMessage.sqlException(getCause());
	}

	SqlFailure kind(DatabaseProduct product) {
		SQLException exception = sqlException();
		return (exception != null) ? SqlFailure.of(product, exception) : SqlFailure.SQL_ERROR;
	}

}
