package io.github.pendingmigrations.run;

/**
 * How hard a run tries to get its locks.
 *
 * @since 0.1.0
 */
public enum ExecutionProfile {

	/** Polls first, then waits for at most half a second at a time. */
	BALANCED,

	/**
	 * Only polls. Live traffic feels nothing, but a table that is never idle may never
	 * give its lock.
	 */
	GENTLE,

	/** As {@link #BALANCED}, and then waits for up to two seconds at a time. */
	FIRM

}
