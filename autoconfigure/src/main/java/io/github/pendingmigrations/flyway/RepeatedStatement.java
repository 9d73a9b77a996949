package io.github.pendingmigrations.flyway;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.pendingmigrations.PendingMigrations.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a statement can be repeated until it changes no row. Refuses what
 * certainly cannot; whether the others come to an end only their execution shows.
 */
final class RepeatedStatement {

	/** Comments and everything quoted first, so that nothing is found in them. */
	private static final Pattern TOKEN = Pattern.compile("--[^\\n]*|/\\*.*?\\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
			+ "|`[^`]*`|\\$(\\w*)\\$.*?\\$\\1\\$|(?<word>[\\p{L}_][\\w$]*)|(?<paren>[()])", Pattern.DOTALL);

	private static final Set<String> CHANGES = Set.of("INSERT", "UPDATE", "DELETE");

	private static final Set<String> VERBS = Set.of("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "SELECT",
			"VALUES", "TABLE");

	private RepeatedStatement() {
	}

	/**
	 * Return why a statement cannot be repeated.
	 * @param statement the statement
	 * @return the reason, to be put behind the place of the statement, or {@code null}
	 */
	static @Nullable String obstacle(Statement statement) {
		List<String> words = new ArrayList<>();
		String verb = null;
		int depth = 0;
		Matcher matcher = TOKEN.matcher(statement.sql());
		while (matcher.find()) {
			String paren = matcher.group("paren");
			if (paren != null) {
				depth += paren.equals("(") ? 1 : -1;
			}
			String word = matcher.group("word");
			if (word != null) {
				String upper = word.toUpperCase(Locale.ROOT);
				boolean first = words.isEmpty() && !upper.equals("WITH");
				if (verb == null && (first || (depth == 0 && VERBS.contains(upper)))) {
					verb = upper;
				}
				words.add(upper);
			}
		}
		if (verb == null || !CHANGES.contains(verb)) {
			return "cannot be repeated until it changes no row, because it is no UPDATE, DELETE or INSERT … SELECT";
		}
		if (verb.equals("INSERT") && !words.contains("SELECT") && !words.contains("TABLE")) {
			return "would be repeated for ever, because it inserts the same rows each time";
		}
		if (verb.equals("UPDATE") && !words.contains("WHERE")) {
			return "would be repeated for ever, because it has no WHERE that leaves out what is done";
		}
		return null;
	}

}
