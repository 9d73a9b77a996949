package io.github.pendingmigrations.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

import io.github.pendingmigrations.MigrationChecks;
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
		return byFlywayBean(FlywayNode::pendingMigrations);
	}

	@Override
	public Map<String, MigrationChecks> checksByFlywayBean() {
		return byFlywayBean(FlywayNode::checks);
	}

	private <T> Map<String, T> byFlywayBean(Function<FlywayNode, T> part) {
		// Those that are lazy are known only after they have been created.
		this.beans.forEach((flyway) -> {
		});
		Map<String, T> parts = new LinkedHashMap<>();
		this.flyways.nodes().forEach((node) -> parts.put(node.name(), part.apply(node)));
		return parts;
	}

}
