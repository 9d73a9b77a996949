package io.github.pendingmigrations.check;

/**
 * Whether a script is run in a transaction.
 *
 * @since 0.1.0
 */
public enum TransactionMode {

	/** Always. */
	ALWAYS,

	/** Never. */
	NEVER,

	/**
	 * As Flyway does: unless all its statements must run outside one; both kinds in one
	 * script are refused.
	 */
	AUTOMATIC

}
