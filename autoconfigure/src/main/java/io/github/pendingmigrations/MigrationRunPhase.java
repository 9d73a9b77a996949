package io.github.pendingmigrations;

/**
 * What a {@link MigrationRunStatus#RUNNING running} run does.
 *
 * @since 0.1.0
 */
public enum MigrationRunPhase {

	/** Makes sure that nobody else executes and that the script is the reviewed one. */
	PREFLIGHT,

	/** Waits for locks, for a few milliseconds at a time. */
	ACQUIRING_LOCK,

	/** Executes statements. */
	EXECUTING,

	/** Holds no connection and waits for the next attempt. */
	BACKING_OFF

}
