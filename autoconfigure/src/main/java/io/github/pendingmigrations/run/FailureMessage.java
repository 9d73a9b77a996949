package io.github.pendingmigrations.run;

import java.sql.SQLException;
import java.util.regex.Pattern;

import io.github.pendingmigrations.DatabaseProduct;
import org.jspecify.annotations.Nullable;

/**
 * What may be told about an error to everybody who may read the status of a run: neither
 * values of rows nor SQL, which databases like to repeat. The application log has it all.
 */
final class FailureMessage {

	private static final Pattern STANDARD_VALUE = Pattern.compile("(?<=\\()[^)]*(?=\\))|(?<=')[^']*(?=')");

	private static final Pattern POSTGRESQL_VALUE = Pattern.compile(": \".*\"$");

	private static final Pattern MYSQL_CONNECTION = Pattern.compile("^(\\(conn=\\d+\\) )+");

	private static final Pattern MYSQL_DUPLICATE = Pattern.compile("(?s)Duplicate entry '.*' for key");

	private static final Pattern MYSQL_VALUE = Pattern.compile("(?s)value: '.*'(?= for |$)");

	private static final Pattern MYSQL_NEAR = Pattern.compile("(?s) near '.*");

	private static final Pattern H2_STATEMENT = Pattern.compile("(?s); SQL statement:.*");

	private static final Pattern H2_SYNTAX = Pattern.compile("(?s) in SQL statement \".*");

	private static final Pattern H2_ROW = Pattern.compile("(?s) (VALUES )?\\(.*");

	private static final Pattern H2_VALUE = Pattern.compile("(?s)(converting|column \"[^\"]*\":|:) \".*\"");

	private FailureMessage() {
	}

	static @Nullable SQLException sqlException(@Nullable Throwable throwable) {
		for (Throwable cause = throwable; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException sqlException) {
				return sqlException;
			}
		}
		return null;
	}

	static @Nullable String of(DatabaseProduct product, @Nullable Throwable throwable) {
		SQLException exception = sqlException(throwable);
		if (exception == null) {
			return (throwable != null) ? throwable.getMessage() : null;
		}
		String message = exception.getMessage();
		if (message == null) {
			return null;
		}
		return switch (product) {
			case POSTGRESQL -> ofPostgresql(exception, message);
			case MYSQL, MARIADB -> ofMysql(message);
			case H2 -> ofH2(exception, message);
			default -> ofStandard(exception, message);
		};
	}

	private static String ofPostgresql(SQLException exception, String message) {
		// Detail, hint and context follow in lines of their own.
		String primary = firstLine(message);
		return hasState(exception, "22") ? POSTGRESQL_VALUE.matcher(primary).replaceFirst(": \"…\"") : primary;
	}

	private static String ofMysql(String message) {
		String text = MYSQL_CONNECTION.matcher(message).replaceFirst("");
		text = MYSQL_NEAR.matcher(text).replaceFirst("");
		text = MYSQL_DUPLICATE.matcher(text).replaceFirst("Duplicate entry '…' for key");
		return firstLine(MYSQL_VALUE.matcher(text).replaceFirst("value: '…'"));
	}

	private static String ofH2(SQLException exception, String message) {
		String text = H2_STATEMENT.matcher(message).replaceFirst("");
		text = H2_SYNTAX.matcher(text).replaceFirst("");
		if (hasState(exception, "23")) {
			text = H2_ROW.matcher(text).replaceFirst("\"");
		}
		else if (hasState(exception, "22")) {
			text = H2_VALUE.matcher(text).replaceFirst("$1 \"…\"");
		}
		return firstLine(text);
	}

	/**
	 * Nobody knows how all of them quote a value, so nothing quoted stays.
	 */
	private static String ofStandard(SQLException exception, String message) {
		String text = firstLine(message);
		boolean value = hasState(exception, "22") || hasState(exception, "23");
		return value ? STANDARD_VALUE.matcher(text).replaceAll("…") : text;
	}

	private static boolean hasState(SQLException exception, String type) {
		return exception.getSQLState() != null && exception.getSQLState().startsWith(type);
	}

	private static String firstLine(String message) {
		return message.strip().lines().findFirst().orElse("");
	}

}
