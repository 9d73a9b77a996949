package io.github.pendingmigrations.autoconfigure;

import io.github.pendingmigrations.MigrationChecker;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.StatementLocks;
import io.github.pendingmigrations.check.Rule;
import io.github.pendingmigrations.run.RunListener;
import io.github.pendingmigrations.verify.SqlMigrationChecker;
import org.flywaydb.core.Flyway;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for pending migrations.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = FlywayAutoConfiguration.class)
@ConditionalOnClass(Flyway.class)
@ConditionalOnBooleanProperty(name = "pending-migrations.enabled", matchIfMissing = true)
@EnableConfigurationProperties(PendingMigrationsProperties.class)
public final class PendingMigrationsAutoConfiguration {

	@Bean
	static FlywayBeanPostProcessor pendingMigrationsFlywayBeanPostProcessor(
			ObjectProvider<PendingMigrationsProperties> properties, ObjectProvider<ApplicationVersion> version,
			ObjectProvider<RunListener> listeners, ConfigurableListableBeanFactory beanFactory) {
		return new FlywayBeanPostProcessor(properties, version, listeners, beanFactory);
	}

	@Bean
	static LazyInitializationExcludeFilter pendingMigrationsLazyInitializationExcludeFilter() {
		return LazyInitializationExcludeFilter.forBeanTypes(RunWorkers.class, StartedInstance.class);
	}

	@Bean
	ApplicationVersion pendingMigrationsApplicationVersion(Environment environment,
			ConfigurableListableBeanFactory beanFactory) {
		return ApplicationVersion.of(environment, beanFactory);
	}

	@Bean
	@Lazy
	@ConditionalOnMissingBean(StatementLocks.class)
	SqlStatementLocks pendingMigrationsStatementLocks() {
		return new SqlStatementLocks();
	}

	@Bean
	@Lazy
	@ConditionalOnBooleanProperty(name = "pending-migrations.check.enabled", matchIfMissing = true)
	@ConditionalOnMissingBean(MigrationChecker.class)
	SqlMigrationChecker pendingMigrationsChecker(PendingMigrationsProperties properties, ObjectProvider<Rule> rules) {
		// Nothing of it is loaded before something has to be checked.
		return new SqlMigrationChecker(SingletonSupplier.of(() -> SqlCheckers.create(properties.getCheck(), rules)),
				properties.getCheck().isLiveCatalog(), properties.getSqlPrefix());
	}

	@Bean
	@ConditionalOnBean(Flyway.class)
	@ConditionalOnMissingBean(PendingMigrationsRegistry.class)
	FlywayPendingMigrationsRegistry pendingMigrationsRegistry(FlywayBeanPostProcessor flyways,
			ObjectProvider<Flyway> beans) {
		return new FlywayPendingMigrationsRegistry(flyways, beans);
	}

	@Bean
	@Lazy
	@ConditionalOnSingleCandidate(Flyway.class)
	@ConditionalOnMissingBean
	PendingMigrations pendingMigrations(FlywayBeanPostProcessor flyways, Flyway flyway) {
		return flyways.node(flyway).pendingMigrations();
	}

	@Bean
	ApplicationEventRunListener pendingMigrationsApplicationEventRunListener(ApplicationEventPublisher events) {
		return new ApplicationEventRunListener(events);
	}

	@Bean
	@ConditionalOnBean(Flyway.class)
	RunWorkers pendingMigrationsRunWorkers(FlywayBeanPostProcessor flyways) {
		return new RunWorkers(flyways);
	}

	@Bean
	@ConditionalOnBean(Flyway.class)
	StartedInstance pendingMigrationsStartedInstance(FlywayBeanPostProcessor flyways) {
		return new StartedInstance(flyways);
	}

}
