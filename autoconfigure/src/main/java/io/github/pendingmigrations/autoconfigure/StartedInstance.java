package io.github.pendingmigrations.autoconfigure;

import org.springframework.context.SmartLifecycle;

/**
 * Tells when the application has started: after everything else that starts, since a
 * start that fails does not complete a rollout. It is the first to stop.
 */
class StartedInstance implements SmartLifecycle {

	private final FlywayBeanPostProcessor flyways;

	private volatile boolean running;

	StartedInstance(FlywayBeanPostProcessor flyways) {
		this.flyways = flyways;
	}

	@Override
	public void start() {
		this.flyways.ready();
		this.running = true;
	}

	@Override
	public void stop() {
		this.flyways.stopping();
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public boolean isPauseable() {
		return false;
	}

	@Override
	public int getPhase() {
		return Integer.MAX_VALUE;
	}

}
