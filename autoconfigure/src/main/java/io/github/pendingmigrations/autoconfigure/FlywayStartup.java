package io.github.pendingmigrations.autoconfigure;

import io.github.pendingmigrations.command.PendingMigrationsCommand;
import org.flywaydb.core.Flyway;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;

/**
 * Does to the databases of all Flyway beans what a start-up does: with the initializers,
 * and so the migration strategy, of the application. A bean that has none is migrated as
 * well, since that was asked for.
 */
class FlywayStartup implements PendingMigrationsCommand.Startup {

	private final ListableBeanFactory beanFactory;

	private final FlywayBeanPostProcessor flyways;

	FlywayStartup(ListableBeanFactory beanFactory, FlywayBeanPostProcessor flyways) {
		this.beanFactory = beanFactory;
		this.flyways = flyways;
	}

	@Override
	public void migrate() {
		this.beanFactory.getBeansOfType(FlywayMigrationInitializer.class);
		this.beanFactory.getBeansOfType(Flyway.class);
		this.flyways.nodes().forEach(FlywayNode::migrateOnce);
	}

}
