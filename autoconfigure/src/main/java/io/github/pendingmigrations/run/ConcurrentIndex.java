package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * An index that {@code CREATE INDEX CONCURRENTLY} of PostgreSQL creates. If that fails or
 * is cancelled, an invalid index is left which the next attempt would trip over.
 *
 * @param name the name of the index, as the catalog has it
 * @param table the name of the table, as it is written
 */
record ConcurrentIndex(String name, String table) {

	private static final String IDENTIFIER = "(?:\"(?:[^\"]|\"\")+\"|[\\w$\\u0080-\\uFFFF]+)";

	private static final Pattern CREATE = Pattern
		.compile("(?i)CREATE\\s+(?:UNIQUE\\s+)?INDEX\\s+CONCURRENTLY\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(" + IDENTIFIER
				+ ")\\s+ON\\s+(?:ONLY\\s+)?(" + IDENTIFIER + "(?:\\s*\\.\\s*" + IDENTIFIER + ")?)");

	/** An index that somebody builds at this moment is invalid as well. */
	private static final String FIND_INVALID = """
			SELECT format('%I.%I', n.nspname, c.relname)
			FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE i.indrelid = to_regclass(?) AND c.relname = ? AND NOT i.indisvalid
				AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)""";

	static @Nullable ConcurrentIndex createdBy(String sql) {
		Matcher matcher = CREATE.matcher(SqlText.withoutLeadingComments(sql));
		return matcher.lookingAt() ? new ConcurrentIndex(catalogName(matcher.group(1)), matcher.group(2)) : null;
	}

	private static String catalogName(String identifier) {
		return identifier.startsWith("\"") ? identifier.substring(1, identifier.length() - 1).replace("\"\"", "\"")
				: identifier.toLowerCase(Locale.ROOT);
	}

	/**
	 * Find the index, if it exists and is of no use.
	 * @param connection the connection
	 * @return its quoted name, or empty
	 * @throws SQLException if that cannot be asked
	 */
	Optional<String> findInvalid(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(FIND_INVALID)) {
			statement.setString(1, this.table);
			statement.setString(2, this.name);
			try (ResultSet resultSet = statement.executeQuery()) {
				return resultSet.next() ? Optional.of(resultSet.getString(1)) : Optional.empty();
			}
		}
	}

}
