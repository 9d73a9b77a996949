package io.github.pendingmigrations.autoconfigure;

import org.springframework.context.SmartLifecycle;

/**
 * What is done for all Flyway beans when the application starts and stops. It goes on
 * while the application is paused.
 */
abstract class FlywayLifecycle implements SmartLifecycle {

	private final int phase;

	private final Runnable onStart;

	private final Runnable onStop;

	private volatile boolean running;

	FlywayLifecycle(int phase, Runnable onStart, Runnable onStop) {
		this.phase = phase;
		this.onStart = onStart;
		this.onStop = onStop;
	}

	@Override
	public void start() {
		this.onStart.run();
		this.running = true;
	}

	@Override
	public void stop() {
		this.onStop.run();
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
		return this.phase;
	}

}
