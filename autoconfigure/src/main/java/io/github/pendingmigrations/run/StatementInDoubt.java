package io.github.pendingmigrations.run;

import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.PendingMigrations.Statement;

/**
 * Tells from the answer of the database whether a statement that may have been executed
 * before has taken effect then. Only a statement that does one thing proves that by
 * failing: what it removes is gone, or what it adds is there.
 */
final class StatementInDoubt {

	/** Something to add is there: a table, an index, a column, a constraint. */
	private static final Set<String> POSTGRESQL_ADDED = Set.of("42P07", "42701", "42710");

	/** Something to remove is not there: a table, a column, another object. */
	private static final Set<String> POSTGRESQL_REMOVED = Set.of("42P01", "42703", "42704");

	private static final Set<Integer> MYSQL_ADDED = Set.of(1050, 1060, 1061, 1826);

	private static final Set<Integer> MYSQL_REMOVED = Set.of(1051, 1091);

	private static final Set<Integer> H2_ADDED = Set.of(42101, 42111, 42121);

	private static final Set<Integer> H2_REMOVED = Set.of(42102, 42112, 42122);

	/** What says how, and not what. */
	private static final Pattern OPTION = Pattern.compile(",\\s*(algorithm|lock)\\s*=?\\s*\\w+");

	private StatementInDoubt() {
	}

	static boolean isDone(DatabaseProduct product, Statement statement, StatementFailedException failure) {
		SQLException exception = failure.sqlException();
		return exception != null && isDone(product, statement.sql(), exception);
	}

	static boolean isDone(DatabaseProduct product, String sql, SQLException exception) {
		String text = OPTION.matcher(SqlText.withoutLeadingComments(sql).toLowerCase(Locale.ROOT)).replaceAll("");
		if (doesSeveralThings(text)) {
			return false;
		}
		boolean alters = text.startsWith("alter table");
		// That the table itself is missing says nothing about a column of it.
		boolean removes = text.startsWith("drop ") || (alters && text.contains(" drop ") && !isMissingTable(exception));
		boolean adds = text.startsWith("create ") || (alters && text.contains(" add "));
		return switch (product) {
			case POSTGRESQL -> (adds && POSTGRESQL_ADDED.contains(String.valueOf(exception.getSQLState())))
					|| (removes && POSTGRESQL_REMOVED.contains(String.valueOf(exception.getSQLState())));
			case MYSQL, MARIADB -> (adds && MYSQL_ADDED.contains(exception.getErrorCode()))
					|| (removes && MYSQL_REMOVED.contains(exception.getErrorCode()));
			case H2 -> (adds && H2_ADDED.contains(exception.getErrorCode()))
					|| (removes && H2_REMOVED.contains(exception.getErrorCode()));
			// Their errors do not tell for sure.
			default -> false;
		};
	}

	private static boolean isMissingTable(SQLException exception) {
		return "42P01".equals(exception.getSQLState()) || exception.getErrorCode() == 42102;
	}

	/**
	 * Return whether there is a comma outside parentheses. One that belongs to a text
	 * makes the answer yes, which only means that a person decides.
	 */
	private static boolean doesSeveralThings(String text) {
		int depth = 0;
		for (char character : text.toCharArray()) {
			depth += (character == '(') ? 1 : (character == ')') ? -1 : 0;
			if (character == ',' && depth == 0) {
				return true;
			}
		}
		return false;
	}

}
