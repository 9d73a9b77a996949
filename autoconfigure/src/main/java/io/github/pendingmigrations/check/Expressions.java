package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Locale;
import java.util.Set;

import io.github.pendingmigrations.check.ColumnDefinition.DefaultValue;
import org.jspecify.annotations.Nullable;

/**
 * What expressions and queries call. They are not parsed, only looked through.
 */
final class Expressions {

	/** Words that a parenthesis may follow without being called. */
	private static final Set<String> NO_FUNCTIONS = Set.of("IN", "VALUES", "EXISTS", "AND", "OR", "NOT", "FROM", "JOIN",
			"ON", "USING", "OVER", "AS", "WHERE", "SELECT", "ANY", "ALL", "SOME", "ARRAY", "ROW", "CASE", "WHEN",
			"THEN", "ELSE", "HAVING", "BY", "UNION", "EXCEPT", "INTERSECT", "DISTINCT", "LIMIT", "OFFSET", "IS", "LIKE",
			"ILIKE", "BETWEEN", "RETURNING", "SET", "WITH", "MATERIALIZED", "LATERAL", "FILTER", "GROUP", "WITHIN",
			"INTERVAL", "PARTITION", "CONFLICT", "DO", "ROLLUP", "CUBE", "SETS", "ROWS", "RANGE", "DEFAULT", "KEY",
			"DIV", "MOD", "REGEXP", "RLIKE", "BINARY", "CHARACTER", "CHAR", "VARCHAR", "DECIMAL", "NUMERIC", "INTO",
			"RETURN", "IF", "FIRST", "NEXT", "ONLY", "TABLE", "TOP", "XOR", "TO", "SIMILAR", "INDEX", "UNIQUE",
			"ESCAPE", "AGAINST", "VARYING", "TIME", "TIMESTAMP", "BIT", "FLOAT", "VARBINARY", "NVARCHAR", "USE",
			"FORCE", "IGNORE", "FOR", "OF", "WINDOW", "CAST", "COLUMNS", "PATH", "CHECK", "REFERENCES", "PRIMARY",
			"MATCH");

	private static final Set<String> WRITES = Set.of("INSERT", "UPDATE", "DELETE", "MERGE");

	/**
	 * Classify a default.
	 * @param expression its tokens
	 * @return its kind
	 */
	DefaultValue classify(Tokens expression) {
		if (expression.size() == 1 && expression.get(0).isWord("NULL")) {
			return DefaultValue.NULL;
		}
		boolean isNull = expression.get(0).isWord("NULL") && expression.size() > 2 && expression.get(1).isSymbol(':');
		if (isNull) {
			return DefaultValue.NULL;
		}
		for (int i = 0; i < expression.size(); i++) {
			Token token = expression.get(i);
			boolean call = i + 1 < expression.size() && expression.get(i + 1).isSymbol('(')
					&& (token.kind() == TokenKind.WORD || token.kind() == TokenKind.QUOTED);
			if (call && !isType(expression, i) && !isStable(expression, i)) {
				return DefaultValue.VOLATILE;
			}
			boolean sequence = token.isWord("NEXT") && i + 1 < expression.size()
					&& expression.get(i + 1).isWord("VALUE");
			if (sequence || token.kind() == TokenKind.PLACEHOLDER) {
				return DefaultValue.VOLATILE;
			}
		}
		return DefaultValue.STABLE;
	}

	private static boolean isStable(Tokens expression, int i) {
		Token token = expression.get(i);
		if (token.kind() != TokenKind.WORD) {
			return false;
		}
		if (NO_FUNCTIONS.contains(token.text())) {
			return true;
		}
		boolean noArguments = i + 2 < expression.size() && expression.get(i + 2).isSymbol(')');
		boolean qualified = i > 0 && expression.get(i - 1).isSymbol('.');
		boolean ours = qualified && (i < 2 || !expression.get(i - 2).isWord("PG_CATALOG"));
		// now(x) is not the now() that is known here
		boolean known = BuiltInFunctions.isStable(token.text())
				&& (noArguments || !BuiltInFunctions.hasNoArguments(token.text()));
		return known && !ours;
	}

	private static boolean isType(Tokens expression, int i) {
		return i > 0 && (expression.get(i - 1).isSymbol(':') || expression.get(i - 1).isWord("AS"));
	}

	/**
	 * Look through an expression for calls of functions that nothing is known about.
	 * @param expression its tokens
	 * @param facts where to add what was found
	 */
	void checkCalls(Tokens expression, List<Fact> facts) {
		for (int i = 0; i < expression.size(); i++) {
			Token token = expression.get(i);
			if (token.kind() == TokenKind.PLACEHOLDER) {
				continue;
			}
			boolean open = i + 1 < expression.size() && expression.get(i + 1).isSymbol('(');
			boolean name = token.kind() == TokenKind.WORD || token.kind() == TokenKind.QUOTED;
			if (open && name && !isKnown(expression, i)) {
				facts.add(new Fact.Opaque(expression.source().range(token.start(), token.end()),
						"a call of the function "
								+ expression.source().text(token.start(), token.end()).toLowerCase(Locale.ROOT)
								+ ", which may do anything",
						null));
			}
		}
	}

	private static boolean isKnown(Tokens expression, int i) {
		Token token = expression.get(i);
		boolean qualified = i > 0 && expression.get(i - 1).isSymbol('.');
		if (qualified) {
			return i >= 2 && expression.get(i - 2).isWord("PG_CATALOG") && BuiltInFunctions.isKnown(token.text());
		}
		if (i > 0 && (expression.get(i - 1).isSymbol(':') || expression.get(i - 1).isWord("AS")
				|| expression.get(i - 1).isSymbol(')'))) {
			return true;
		}
		if (token.kind() == TokenKind.QUOTED) {
			return isCommonTable(expression, i);
		}
		return NO_FUNCTIONS.contains(token.text()) || WRITES.contains(token.text())
				|| BuiltInFunctions.isKnown(token.text()) || isCommonTable(expression, i);
	}

	// WITH x (a, b) AS (…)
	private static boolean isCommonTable(Tokens expression, int i) {
		boolean place = i > 0 && (expression.get(i - 1).isWord("WITH") || expression.get(i - 1).isWord("RECURSIVE")
				|| expression.get(i - 1).isSymbol(','));
		if (!place) {
			return false;
		}
		int depth = 0;
		for (int j = i + 1; j < expression.size(); j++) {
			if (expression.get(j).isSymbol('(')) {
				depth++;
			}
			else if (expression.get(j).isSymbol(')') && --depth == 0) {
				return j + 1 < expression.size() && expression.get(j + 1).isWord("AS");
			}
		}
		return false;
	}

	/**
	 * Say what a string that is executed seems to do.
	 * @param tokens the tokens of the statement
	 * @return the words, or {@code null} if there is nothing to be seen
	 */
	@Nullable String hint(Tokens tokens) {
		for (int i = 0; i < tokens.size(); i++) {
			Token token = tokens.get(i);
			boolean string = token.kind() == TokenKind.STRING || token.kind() == TokenKind.DOLLAR_STRING;
			if (!string) {
				continue;
			}
			String text = token.text().toLowerCase(Locale.ROOT);
			for (String word : List.of("drop ", "truncate ", "delete ", "rename ", "alter ")) {
				if (text.contains(word)) {
					return word.trim();
				}
			}
		}
		return null;
	}

}
