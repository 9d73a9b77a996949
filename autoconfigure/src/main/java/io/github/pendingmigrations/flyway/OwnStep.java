package io.github.pendingmigrations.flyway;

import java.util.regex.Pattern;

/**
 * Statements of PostgreSQL that are to be executed outside a transaction, although
 * Flyway's parser takes them for others.
 */
final class OwnStep {

	private static final String START = "(?is)\\A(?:\\s|--[^\\n]*\\n|/\\*.*?\\*/)*+";

	/** They are refused in a transaction. */
	private static final Pattern REFUSED = Pattern.compile(START
			+ "(?:REINDEX\\b[^;]*?\\bCONCURRENTLY\\b|ALTER\\s+TABLE\\b[^;]*?\\bDETACH\\s+PARTITION\\b[^;]*?\\b(?:CONCURRENTLY|FINALIZE)\\b).*");

	/**
	 * It reads the whole table, in a mode that hinders nobody: it needs no limits, and
	 * must not keep the locks of others.
	 */
	private static final Pattern VALIDATION = Pattern
		.compile(START + "ALTER\\s+TABLE\\b[^;,]*?\\bVALIDATE\\s+CONSTRAINT\\b[^;,]*");

	private OwnStep() {
	}

	static boolean isRefusedInTransaction(String sql) {
		return REFUSED.matcher(sql).matches();
	}

	static boolean isValidation(String sql) {
		return VALIDATION.matcher(sql).matches();
	}

}
