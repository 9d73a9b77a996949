package io.github.pendingmigrations.autoconfigure;

import org.springframework.context.SmartLifecycle;

/**
 * Starts and stops the workers with the application. They stop after the web server, so
 * that every accepted request is in the database by then.
 */
class RunWorkers implements SmartLifecycle {

	/** Below the phase in which the web server stops, which is 2048 below the default. */
	private static final int PHASE = DEFAULT_PHASE - 3072;

	private final FlywayBeanPostProcessor flyways;

	private volatile boolean running;

	RunWorkers(FlywayBeanPostProcessor flyways) {
		this.flyways = flyways;
	}

	@Override
	public void start() {
		this.flyways.start();
		this.running = true;
	}

	@Override
	public void stop() {
		this.flyways.stop();
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
		return PHASE;
	}

}
