package io.github.pendingmigrations.actuate;

/**
 * What makes the health of pending migrations {@code DOWN}. A migration that merely waits
 * never does: waiting is its purpose, and an orchestrator would restart a healthy
 * application.
 *
 * @since 0.1.0
 */
public enum HealthDownOn {

	/**
	 * Nothing.
	 */
	NEVER,

	/**
	 * A migration that failed, wholly or halfway.
	 */
	FAILED,

	/**
	 * A migration that has been waiting for longer than a set time, not counting one
	 * whose delay has not passed yet.
	 */
	OVERDUE

}
