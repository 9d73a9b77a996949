package io.github.pendingmigrations.check;

/**
 * What a statement does to a table while it holds its lock.
 *
 * @since 0.1.0
 */
public enum LockEffect {

	/** Only the catalog changes: the lock is held for milliseconds. */
	NONE,

	/** All rows are read. */
	SCAN,

	/** An index over all rows is built. */
	BUILD,

	/** All rows are written anew. */
	REWRITE,

	/** Some or all rows are changed, each one locked. */
	ROWS

}
