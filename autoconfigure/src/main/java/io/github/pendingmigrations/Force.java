package io.github.pendingmigrations;

/**
 * What a request to apply migrations overrides. It is kept with the run.
 *
 * @since 0.1.0
 */
public enum Force {

	/** Nothing. */
	NONE,

	/**
	 * That the rollout is not complete: instances are alive, or were a moment ago, that
	 * do not know a migration, or it is not known because none is alive.
	 */
	ROLLOUT

}
