package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.pendingmigrations.run.SessionControl.Undo;
import org.jspecify.annotations.Nullable;

/**
 * Tells from the storage engines of MySQL and MariaDB what becomes of the rows that a
 * statement had changed when it failed: MyISAM, Aria and others keep them. A table counts
 * if the statement names it anywhere, or a view, trigger or function that it uses does.
 */
final class TableEngines {

	/** Changes a table as a whole, or not at all. */
	private static final Pattern DDL = Pattern
		.compile("(?i)(?:ALTER|ANALYZE|CHECK|CREATE|DROP|GRANT|OPTIMIZE|RENAME|REPAIR|REVOKE|TRUNCATE)\\b");

	private static final Pattern WORD = Pattern.compile("[\\w$\\u0080-\\uFFFF]+");

	private static final Pattern QUOTED = Pattern.compile("`([^`]+)`|\"([^\"]+)\"");

	private static final int PARAMETERS = 8;

	private static final int SECONDS = 10;

	/**
	 * Conditions on names alone are evaluated before the server opens a table.
	 */
	private static final String NAMED = """
			SELECT 'table' AS kind, t.table_name AS name, e.transactions, NULL AS definition
			FROM information_schema.tables t LEFT JOIN information_schema.engines e ON e.engine = t.engine
			WHERE t.table_type NOT LIKE '%%VIEW' AND %1$s
			UNION ALL
			SELECT 'view', t.table_name, NULL, t.view_definition
			FROM information_schema.views t WHERE %1$s
			UNION ALL
			SELECT 'trigger', t.event_object_table, NULL, t.action_statement
			FROM information_schema.triggers t WHERE %2$s
			UNION ALL
			SELECT 'routine', t.routine_name, NULL, t.routine_definition
			FROM information_schema.routines t WHERE %3$s""".formatted(occurs("table_schema", "table_name"),
			occurs("event_object_schema", "event_object_table"), occurs("routine_schema", "routine_name"));

	private TableEngines() {
	}

	private static String occurs(String schema, String name) {
		return """
				LOCATE(LOWER(t.%2$s), ?) > 0 AND (t.%1$s = DATABASE() OR LOCATE(LOWER(t.%1$s), ?) > 0)
				AND t.%1$s NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')""".formatted(schema,
				name);
	}

	/**
	 * Look.
	 * @param connection the connection, in the schema of the statement
	 * @param sql the statement
	 * @return what becomes of what it had changed when it failed
	 * @throws SQLException if that cannot be asked
	 */
	static Undo undo(Connection connection, String sql) throws SQLException {
		if (DDL.matcher(SqlText.withoutLeadingComments(sql)).lookingAt()) {
			return Undo.COMPLETE;
		}
		Found found = new Found();
		String text = sql;
		try (PreparedStatement statement = connection.prepareStatement(NAMED)) {
			statement.setQueryTimeout(SECONDS);
			while (!text.isEmpty()) {
				text = look(statement, text.toLowerCase(Locale.ROOT), found);
			}
		}
		return !found.keeps ? Undo.COMPLETE : found.rollsBack ? Undo.NONE : Undo.IF_IT_WAITED;
	}

	/**
	 * Look at what a text names.
	 * @return the definitions that it uses, and that nobody has looked at
	 */
	private static String look(PreparedStatement statement, String text, Found found) throws SQLException {
		for (int i = 1; i <= PARAMETERS; i++) {
			statement.setString(i, text);
		}
		Set<String> names = names(text);
		StringBuilder definitions = new StringBuilder();
		try (ResultSet row = statement.executeQuery()) {
			while (row.next()) {
				if (!names.contains(row.getString("name").toLowerCase(Locale.ROOT))) {
					continue;
				}
				String definition = row.getString("definition");
				if (definition == null || definition.isBlank()) {
					found.add(row.getString("kind"), row.getString("transactions"));
				}
				else if (found.definitions.add(definition)) {
					definitions.append(definition).append('\n');
				}
			}
		}
		return definitions.toString();
	}

	private static Set<String> names(String text) {
		Set<String> names = new HashSet<>();
		for (Matcher word = WORD.matcher(text); word.find();) {
			names.add(word.group());
		}
		for (Matcher quoted = QUOTED.matcher(text); quoted.find();) {
			names.add((quoted.group(1) != null) ? quoted.group(1) : quoted.group(2));
		}
		return names;
	}

	/**
	 * What was found.
	 */
	private static final class Found {

		private final Set<String> definitions = new HashSet<>();

		private boolean keeps;

		private boolean rollsBack;

		/** Who may not see a definition must not conclude anything from it. */
		void add(String kind, @Nullable String transactions) {
			boolean table = kind.equals("table");
			this.rollsBack |= !table || "YES".equals(transactions);
			this.keeps |= !"YES".equals(transactions);
		}

	}

}
