package io.github.pendingmigrations.check;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The SQL dialect that a script is written in.
 *
 * @since 0.1.0
 */
public enum Dialect {

	/** PostgreSQL. */
	POSTGRESQL,

	/** MySQL. */
	MYSQL,

	/** MariaDB. */
	MARIADB,

	/** H2. */
	H2,

	/**
	 * Any other database. Only what standard SQL says is read, everything else is
	 * unknown.
	 */
	ANSI;

	private static final int POSTGRESQL_NAME_BYTES = 63;

	/**
	 * Return the dialect of a database product.
	 * @param productName the name that JDBC's metadata gives, for example
	 * {@code PostgreSQL}
	 * @return the dialect, {@link #ANSI} for a product that is not known
	 */
	public static Dialect of(String productName) {
		return switch (productName.toLowerCase(Locale.ROOT)) {
			case "postgresql" -> POSTGRESQL;
			case "mysql" -> MYSQL;
			case "mariadb" -> MARIADB;
			case "h2" -> H2;
			default -> ANSI;
		};
	}

	/**
	 * Return whether this is MySQL or MariaDB.
	 * @return {@code true} if it is
	 */
	boolean isMysqlFamily() {
		return this == MYSQL || this == MARIADB;
	}

	/**
	 * Return whether a script's DDL can be rolled back.
	 * @return {@code true} if it can
	 */
	boolean hasTransactionalDdl() {
		return this == POSTGRESQL;
	}

	/**
	 * Fold a name that is written without quotes.
	 * @param name the name as it is written
	 * @return the name as the database stores it
	 */
	String fold(String name) {
		return switch (this) {
			case POSTGRESQL -> truncate(lowerAscii(name));
			case MYSQL, MARIADB -> name;
			case H2, ANSI -> name.toUpperCase(Locale.ROOT);
		};
	}

	/**
	 * Return a name that is written in quotes as the database stores it.
	 * @param name the name without its quotes
	 * @return the name as the database stores it
	 */
	String quoted(String name) {
		return (this == POSTGRESQL) ? truncate(name) : name;
	}

	/**
	 * Write a name so that the database reads it as it is.
	 * @param name the name as the database stores it
	 * @return the name, in quotes if it needs them
	 */
	String write(String name) {
		if (isMysqlFamily()) {
			return isPlain(name) ? name : '`' + name.replace("`", "``") + '`';
		}
		return (isPlain(name) && fold(name).equals(name)) ? name : '"' + name.replace("\"", "\"\"") + '"';
	}

	private static boolean isPlain(String name) {
		if (name.isEmpty() || Keywords.isReserved(name.toUpperCase(Locale.ROOT))) {
			return false;
		}
		for (int i = 0; i < name.length(); i++) {
			char c = name.charAt(i);
			boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
			if (!letter && (i == 0 || c < '0' || c > '9')) {
				return false;
			}
		}
		return true;
	}

	private static String lowerAscii(String name) {
		for (int i = 0; i < name.length(); i++) {
			char c = name.charAt(i);
			if (c >= 'A' && c <= 'Z') {
				StringBuilder lower = new StringBuilder(name);
				for (int j = i; j < lower.length(); j++) {
					char d = lower.charAt(j);
					if (d >= 'A' && d <= 'Z') {
						lower.setCharAt(j, (char) (d + 32));
					}
				}
				return lower.toString();
			}
		}
		return name;
	}

	// PostgreSQL cuts names at 63 bytes, so two longer ones may be the same
	private static String truncate(String name) {
		if (name.length() * 3 <= POSTGRESQL_NAME_BYTES) {
			return name;
		}
		byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
		if (bytes.length <= POSTGRESQL_NAME_BYTES) {
			return name;
		}
		int end = POSTGRESQL_NAME_BYTES;
		while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
			end--;
		}
		return new String(bytes, 0, end, StandardCharsets.UTF_8);
	}

}
