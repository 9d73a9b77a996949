package io.github.pendingmigrations.autoconfigure;

/**
 * Starts and stops the workers with the application. They stop after the web server, so
 * that every accepted request is in the database by then.
 */
class RunWorkers extends FlywayLifecycle {

	/** Below the phase in which the web server stops, which is 2048 below the default. */
	private static final int PHASE = DEFAULT_PHASE - 3072;

	RunWorkers(FlywayBeanPostProcessor flyways) {
		super(PHASE, flyways::start, flyways::stop);
	}

}
