package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.pendingmigrations.run.SessionControl.Leftovers;

/**
 * Finds what a statement of PostgreSQL with {@code CONCURRENTLY} leaves behind if it
 * fails or is cancelled: invalid indexes, over which the next attempt would trip or which
 * nobody would remove, and partitions that are half detached.
 */
final class ConcurrentLeftovers {

	private static final String IDENTIFIER = "(?:\"(?:[^\"]|\"\")+\"|[\\w$\\u0080-\\uFFFF]+)";

	private static final String NAME = "(" + IDENTIFIER + "(?:\\s*\\.\\s*" + IDENTIFIER + ")?)";

	private static final Pattern CREATE_INDEX = Pattern
		.compile("(?i)CREATE\\s+(?:UNIQUE\\s+)?INDEX\\s+CONCURRENTLY\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(" + IDENTIFIER
				+ ")\\s+ON\\s+(?:ONLY\\s+)?" + NAME);

	private static final Pattern REINDEX = Pattern
		.compile("(?i)REINDEX\\s+(?:\\([^)]*\\)\\s*)?(?:VERBOSE\\s+)?(INDEX|TABLE)\\s+CONCURRENTLY\\s+" + NAME);

	private static final Pattern DETACH = Pattern.compile("(?i)(ALTER\\s+TABLE\\s+(?:IF\\s+EXISTS\\s+)?" + NAME
			+ "\\s+DETACH\\s+PARTITION\\s+" + NAME + ")\\s+CONCURRENTLY\\b");

	/**
	 * An index that somebody builds at this moment is invalid as well. Of the sessions of
	 * other roles the view of the progress shows nothing but their ids, so their locks
	 * tell the table.
	 */
	private static final String INVALID_INDEXES = """
			SELECT format('%I.%I', n.nspname, c.relname)
			FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE NOT i.indisvalid
				AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index p JOIN pg_locks l ON l.pid = p.pid
					WHERE l.locktype = 'relation' AND l.relation = i.indrelid
						AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
				AND\s""";

	private static final String OF_CREATE = INVALID_INDEXES + "i.indrelid = to_regclass(?) AND c.relname = ?";

	private static final String OF_REINDEX_TABLE = INVALID_INDEXES
			+ "i.indrelid = to_regclass(?) AND c.relname ~ '_cc(new|old)[0-9]*$'";

	private static final String OF_REINDEX_INDEX = INVALID_INDEXES + """
			EXISTS (SELECT 1 FROM pg_index o JOIN pg_class oc ON oc.oid = o.indexrelid
				WHERE o.indexrelid = to_regclass(?) AND o.indrelid = i.indrelid
					AND left(c.relname, length(oc.relname)) = oc.relname
					AND substr(c.relname, length(oc.relname) + 1) ~ '^_cc(new|old)[0-9]*$')""";

	/** Servers before version 14 know neither the column nor the statement. */
	private static final String HALF_DETACHED = """
			SELECT 1 FROM pg_inherits
			WHERE inhparent = to_regclass(?) AND inhrelid = to_regclass(?) AND inhdetachpending""";

	private ConcurrentLeftovers() {
	}

	/**
	 * Look.
	 * @param connection the connection
	 * @param sql the statement that is about to be executed, without comments before it
	 * @return what was found
	 * @throws SQLException if that cannot be asked
	 */
	static Leftovers of(Connection connection, String sql) throws SQLException {
		Matcher create = CREATE_INDEX.matcher(sql);
		if (create.lookingAt()) {
			return removals(query(connection, OF_CREATE, create.group(2), catalogName(create.group(1))));
		}
		Matcher reindex = REINDEX.matcher(sql);
		if (reindex.lookingAt()) {
			boolean index = reindex.group(1).equalsIgnoreCase("INDEX");
			return removals(query(connection, index ? OF_REINDEX_INDEX : OF_REINDEX_TABLE, reindex.group(2)));
		}
		Matcher detach = DETACH.matcher(sql);
		if (detach.lookingAt() && !query(connection, HALF_DETACHED, detach.group(2), detach.group(3)).isEmpty()) {
			return new Leftovers(List.of(), detach.group(1) + " FINALIZE");
		}
		return Leftovers.NONE;
	}

	private static Leftovers removals(List<String> indexes) {
		return new Leftovers(indexes.stream().map((index) -> "DROP INDEX CONCURRENTLY " + index).toList(), null);
	}

	private static String catalogName(String identifier) {
		return identifier.startsWith("\"") ? identifier.substring(1, identifier.length() - 1).replace("\"\"", "\"")
				: identifier.toLowerCase(Locale.ROOT);
	}

	private static List<String> query(Connection connection, String sql, String... arguments) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			for (int i = 0; i < arguments.length; i++) {
				statement.setString(i + 1, arguments[i]);
			}
			List<String> found = new ArrayList<>();
			try (ResultSet row = statement.executeQuery()) {
				while (row.next()) {
					found.add(row.getString(1));
				}
			}
			return found;
		}
	}

}
