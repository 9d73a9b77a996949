package io.github.pendingmigrations.check;

import java.util.Set;

/**
 * Words that cannot be names without quotes.
 */
final class Keywords {

	private static final Set<String> RESERVED = Set.of("ALL", "ALTER", "AND", "ANY", "AS", "ASC", "BETWEEN", "BY",
			"CASE", "CHECK", "COLLATE", "COLUMN", "CONSTRAINT", "CREATE", "CROSS", "DEFAULT", "DELETE", "DESC",
			"DISTINCT", "DROP", "ELSE", "END", "EXCEPT", "EXISTS", "FALSE", "FETCH", "FOR", "FOREIGN", "FROM", "FULL",
			"GRANT", "GROUP", "HAVING", "IN", "INNER", "INSERT", "INTERSECT", "INTO", "IS", "JOIN", "LEFT", "LIKE",
			"LIMIT", "NATURAL", "NOT", "NULL", "ON", "OR", "ORDER", "OUTER", "PRIMARY", "REFERENCES", "REVOKE", "RIGHT",
			"SELECT", "SET", "TABLE", "THEN", "TO", "TRUE", "UNION", "UNIQUE", "UPDATE", "USER", "USING", "VALUES",
			"WHEN", "WHERE", "WITH");

	private Keywords() {
	}

	/**
	 * Return whether a word is reserved in every dialect.
	 * @param word the word, in upper case
	 * @return {@code true} if it is
	 */
	static boolean isReserved(String word) {
		return RESERVED.contains(word);
	}

}
