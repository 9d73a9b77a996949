package io.github.pendingmigrations.autoconfigure;

import javax.sql.DataSource;

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

	private final ObjectProvider<StatementLocks> reader;

	private final QualifiedDataSources dataSources;

	PreflightInspectors(ConfigurableListableBeanFactory beanFactory, QualifiedDataSources dataSources) {
		this.reader = beanFactory.getBeanProvider(StatementLocks.class);
		this.dataSources = dataSources;
	}

	PreflightInspector create(String flywayBean, Target target, DataSource dataSource) {
		return new JdbcPreflightInspector(target.product(), dataSource, target.schema(),
				(product, sql) -> this.reader.getIfAvailable(() -> StatementLocks.UNKNOWN).read(product, sql),
				() -> this.dataSources.replicas(flywayBean));
	}

}
