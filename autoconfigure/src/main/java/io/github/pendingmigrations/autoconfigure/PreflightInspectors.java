package io.github.pendingmigrations.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import javax.sql.DataSource;

import io.github.pendingmigrations.PendingMigrationsReplica;
import io.github.pendingmigrations.PreflightInspector;
import io.github.pendingmigrations.StatementLocks;
import io.github.pendingmigrations.flyway.ManagedFlyway.Target;
import io.github.pendingmigrations.preflight.JdbcPreflightInspector;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Creates the inspector of each Flyway bean. Its beans are looked up only when something
 * is inspected: they may need beans that wait for Flyway.
 */
class PreflightInspectors {

	private final ConfigurableListableBeanFactory beanFactory;

	PreflightInspectors(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	PreflightInspector create(String flywayBean, Target target) {
		ObjectProvider<StatementLocks> reader = this.beanFactory.getBeanProvider(StatementLocks.class);
		return new JdbcPreflightInspector(target.product(), target.dataSource(), target.schema(),
				(product, sql) -> reader.getIfAvailable(() -> StatementLocks.UNKNOWN).read(product, sql),
				() -> replicas(flywayBean));
	}

	private Map<String, DataSource> replicas(String flywayBean) {
		Map<String, DataSource> replicas = new LinkedHashMap<>();
		for (String name : this.beanFactory.getBeanNamesForAnnotation(PendingMigrationsReplica.class)) {
			PendingMigrationsReplica replica = this.beanFactory.findAnnotationOnBean(name,
					PendingMigrationsReplica.class);
			if (replica != null && (replica.flyway().isEmpty() || replica.flyway().equals(flywayBean))) {
				replicas.put(name, this.beanFactory.getBean(name, DataSource.class));
			}
		}
		return replicas;
	}

}
