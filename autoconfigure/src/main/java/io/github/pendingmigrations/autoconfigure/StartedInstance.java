package io.github.pendingmigrations.autoconfigure;

/**
 * Tells when the application has started: after everything else that starts, since a
 * start that fails does not complete a rollout. It is the first to stop.
 */
class StartedInstance extends FlywayLifecycle {

	StartedInstance(FlywayBeanPostProcessor flyways) {
		super(Integer.MAX_VALUE, flyways::ready, flyways::stopping);
	}

}
