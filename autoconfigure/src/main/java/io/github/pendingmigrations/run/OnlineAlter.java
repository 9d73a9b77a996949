package io.github.pendingmigrations.run;

import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The forms in which MySQL and MariaDB can execute an {@code ALTER TABLE}, from the one
 * that live traffic feels least: instantly, in place while others write, as it is
 * written. A statement that says itself how it wants to be executed, or that is not
 * understood beyond doubt, has only the last form.
 */
final class OnlineAlter {

	private static final Pattern ALTER_TABLE = Pattern.compile("(?i)\\s*ALTER\\s+TABLE\\s.*", Pattern.DOTALL);

	/** What decides by itself, or does not go together with an algorithm. */
	private static final Pattern DECIDED = Pattern.compile(
			"(?i)\\b(ALGORITHM|LOCK)\\s*=|\\b(NOWAIT|WAIT|PARTITION|PARTITIONING|PARTITIONS|TABLESPACE)\\b|\\bORDER\\s+BY\\b");

	private OnlineAlter() {
	}

	static List<Form> forms(String sql) {
		Form asWritten = Form.asWritten(sql);
		String code = codeOf(sql);
		if (code == null || !ALTER_TABLE.matcher(code).matches() || DECIDED.matcher(code).find()) {
			return List.of(asWritten);
		}
		String statement = sql.substring(0, code.stripTrailing().length());
		return List.of(new Form(statement + ", ALGORITHM=INSTANT", Form.Bound.WAIT_AND_WORK),
				new Form(statement + ", ALGORITHM=INPLACE, LOCK=NONE", Form.Bound.WAIT), asWritten);
	}

	/**
	 * Blank out comments and everything quoted, and leave every other character where it
	 * is.
	 * @return the code, or {@code null} if it is not understood
	 */
	private static @Nullable String codeOf(String sql) {
		StringBuilder code = new StringBuilder(sql.length());
		int position = 0;
		while (position < sql.length()) {
			int end = position + 1;
			char character = sql.charAt(position);
			boolean blank = true;
			if (character == '\'' || character == '"' || character == '`') {
				end = sql.indexOf(character, position + 1) + 1;
			}
			else if (sql.startsWith("/*", position)) {
				end = sql.indexOf("*/", position + 2) + 2;
				if (end < position + 4 || isExecuted(sql, position)) {
					return null;
				}
			}
			else if (character == '#' || (sql.startsWith("--", position)
					&& (position + 2 == sql.length() || Character.isWhitespace(sql.charAt(position + 2))))) {
				int newLine = sql.indexOf('\n', position);
				end = (newLine < 0) ? sql.length() : newLine;
			}
			else {
				blank = false;
			}
			if (end == 0 || character == '\\' || sql.substring(position, end).indexOf('\\') >= 0) {
				return null;
			}
			code.append(blank ? " ".repeat(end - position) : String.valueOf(character));
			if (blank && (character == '\'' || character == '"' || character == '`')) {
				// Something stands there, so that it does not look like the end.
				code.setCharAt(end - 1, 'q');
			}
			position = end;
		}
		return (code.indexOf(";") < 0) ? code.toString() : null;
	}

	private static boolean isExecuted(String sql, int position) {
		return sql.startsWith("/*!", position) || sql.startsWith("/*M!", position) || sql.startsWith("/*+", position);
	}

}
