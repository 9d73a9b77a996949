package io.github.pendingmigrations.run;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Looks at the text of statements.
 */
final class SqlText {

	private static final Pattern LEADING_COMMENT = Pattern.compile("^\\s*(--[^\\n]*(\\n|$)|/\\*(?s:.*?)\\*/)");

	private static final Pattern SESSION_ONLY = Pattern.compile("(?i)(SET|RESET|USE)\\s.*", Pattern.DOTALL);

	/** Or nothing of the session, as {@code SET STATEMENT … FOR DELETE …} of MariaDB. */
	private static final Pattern BEYOND_SESSION = Pattern
		.compile("(?i)^SET\\s+(STATEMENT|GLOBAL|PERSIST|PERSIST_ONLY|PASSWORD|TRANSACTION|DEFAULT\\s+ROLE)\\b"
				+ "|^RESET\\s+(MASTER|SLAVE|REPLICA|BINARY|QUERY|PERSIST)\\b"
				+ "|@@(GLOBAL|PERSIST|PERSIST_ONLY)\\.|,\\s*(GLOBAL|PERSIST|PERSIST_ONLY)\\s");

	private static final String NOT_FALSE = "(?!\\s+(?:FALSE|OFF|0)\\b)";

	/** Everything else has limits. */
	private static final Pattern POLITE = Pattern
		.compile("(?is)(?:CREATE\\s+(?:UNIQUE\\s+)?|DROP\\s+)INDEX\\s+CONCURRENTLY\\b"
				+ "|REINDEX\\s*(?:\\([^)]*\\)\\s*)?\\w+\\s+CONCURRENTLY\\b" + "|REINDEX\\s*\\([^)]*\\bCONCURRENTLY\\b"
				+ NOT_FALSE
				+ "|ALTER\\s+TABLE\\s[^,]*\\b(?:VALIDATE\\s+CONSTRAINT|DETACH\\s+PARTITION\\s[^,]*\\s(?:CONCURRENTLY|FINALIZE))\\b"
				+ "|VACUUM\\b(?!\\s*\\([^)]*\\bFULL\\b" + NOT_FALSE + ")(?!\\s+FULL\\b)");

	private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|--[^\\n]*");

	private static final Pattern TRANSACTION_CONTROL = Pattern.compile(
			"(?is)(?:COMMIT|END|ABORT|BEGIN|START\\s+TRANSACTION|PREPARE\\s+TRANSACTION|ROLLBACK(?!.*\\bTO\\b))\\b");

	private static final Pattern PROCEDURE = Pattern
		.compile("(?i)(?:<<|(?:CALL|EXEC|EXECUTE|DECLARE|BEGIN|IF|FOR|LOOP|WHILE|REPEAT|CASE)\\b)");

	private static final Pattern DROP_MANY = Pattern.compile("(?i)DROP\\s+(DATABASE|SCHEMA)\\b");

	private static final Pattern DROP = Pattern.compile("(?i)DROP\\s");

	private static final Pattern END_OF_STATEMENT = Pattern.compile(";[ \\t]*(\\R|$)");

	private SqlText() {
	}

	static String withoutLeadingComments(String sql) {
		String text = sql;
		for (var matcher = LEADING_COMMENT.matcher(text); matcher.find(); matcher = LEADING_COMMENT.matcher(text)) {
			text = text.substring(matcher.end());
		}
		return text.strip();
	}

	/**
	 * Return whether a statement changes only the session, so that another session needs
	 * it again.
	 * @param sql the statement
	 * @return {@code true} if so
	 */
	static boolean changesOnlySession(String sql) {
		String text = withoutLeadingComments(sql);
		return SESSION_ONLY.matcher(text).matches() && !BEYOND_SESSION.matcher(text).find();
	}

	/**
	 * Return whether a statement of PostgreSQL that runs outside a transaction lets
	 * others read and write meanwhile.
	 * @param sql the statement
	 * @return {@code false} for one that may lock its tables exclusively
	 */
	static boolean hindersNobody(String sql) {
		return POLITE.matcher(COMMENT.matcher(sql).replaceAll(" ").strip()).lookingAt();
	}

	/**
	 * Return whether a statement ends the transaction that it runs in, or begins another.
	 * @param sql the statement
	 * @return {@code true} if so
	 */
	static boolean controlsTransaction(String sql) {
		return TRANSACTION_CONTROL.matcher(withoutLeadingComments(sql)).lookingAt();
	}

	/**
	 * Return whether a statement executes others, any of which can commit what came
	 * before it.
	 * @param sql the statement
	 * @return {@code true} if so
	 */
	static boolean executesOthers(String sql) {
		return PROCEDURE.matcher(withoutLeadingComments(sql)).lookingAt();
	}

	/**
	 * Return whether a statement that fails can have had an effect nevertheless, where
	 * DDL is not transactional: MariaDB drops each of several tables by itself.
	 * @param sql the statement
	 * @return {@code true} if so
	 */
	static boolean canFailHalfway(String sql) {
		String text = withoutLeadingComments(sql);
		return executesOthers(text) || DROP_MANY.matcher(text).lookingAt()
				|| (DROP.matcher(text).lookingAt() && text.indexOf(',') >= 0);
	}

	/**
	 * Split statements that end with a semicolon at the end of a line.
	 * @param sql the statements, or {@code null}
	 * @return the statements
	 */
	static List<String> split(@Nullable String sql) {
		return (sql != null) ? Arrays.stream(END_OF_STATEMENT.split(sql)).filter((part) -> !part.isBlank()).toList()
				: List.of();
	}

}
