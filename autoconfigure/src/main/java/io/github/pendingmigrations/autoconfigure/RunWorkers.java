package io.github.pendingmigrations.autoconfigure;

import org.flywaydb.core.Flyway;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;

/**
 * Starts and stops the workers with the application. They stop after the web server, so
 * that every accepted request is in the database by then.
 */
class RunWorkers implements SmartLifecycle {

	/** Below the phase in which the web server stops, which is 2048 below the default. */
	private static final int PHASE = DEFAULT_PHASE - 3072;

	private final FlywayBeanPostProcessor flyways;

	private final ObjectProvider<Flyway> beans;

	private volatile boolean running;

	RunWorkers(FlywayBeanPostProcessor flyways, ObjectProvider<Flyway> beans) {
		this.flyways = flyways;
		this.beans = beans;
	}

	@Override
	public void start() {
		this.beans.forEach((flyway) -> {
		});
		this.flyways.nodes().forEach(FlywayNode::start);
		this.running = true;
	}

	@Override
	public void stop() {
		this.flyways.nodes().forEach(FlywayNode::stop);
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
