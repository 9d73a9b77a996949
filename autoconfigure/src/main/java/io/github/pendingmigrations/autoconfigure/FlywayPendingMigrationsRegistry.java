package io.github.pendingmigrations.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrationsRegistry;
import org.flywaydb.core.Flyway;

import org.springframework.beans.factory.ObjectProvider;

/**
 * {@link PendingMigrationsRegistry} of the Flyway beans in the application context.
 */
class FlywayPendingMigrationsRegistry implements PendingMigrationsRegistry {

	private final FlywayBeanPostProcessor flyways;

	private final ObjectProvider<Flyway> beans;

	FlywayPendingMigrationsRegistry(FlywayBeanPostProcessor flyways, ObjectProvider<Flyway> beans) {
		this.flyways = flyways;
		this.beans = beans;
	}

	@Override
	public Map<String, PendingMigrations> byFlywayBean() {
		// Those that are lazy are known only after they have been created.
		this.beans.forEach((flyway) -> {
		});
		Map<String, PendingMigrations> services = new LinkedHashMap<>();
		this.flyways.nodes().forEach((node) -> services.put(node.name(), node.pendingMigrations()));
		return services;
	}

}
