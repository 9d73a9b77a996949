package io.github.pendingmigrations.autoconfigure;

import io.github.pendingmigrations.command.PendingMigrationsCommand;

/**
 * The worker of one Flyway bean, which starts when there is work for it.
 */
class FlywayWorkers implements PendingMigrationsCommand.Workers {

	private final FlywayBeanPostProcessor flyways;

	FlywayWorkers(FlywayBeanPostProcessor flyways) {
		this.flyways = flyways;
	}

	@Override
	public void start(String flywayBean) {
		this.flyways.nodes().stream().filter((node) -> node.name().equals(flywayBean)).forEach(FlywayNode::start);
	}

	@Override
	public void stop() {
		this.flyways.stop();
	}

}
