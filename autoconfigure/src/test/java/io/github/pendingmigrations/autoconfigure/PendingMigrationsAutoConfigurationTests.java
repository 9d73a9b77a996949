package io.github.pendingmigrations.autoconfigure;

import java.security.Principal;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.actuate.CachedOverviews;
import io.github.pendingmigrations.actuate.MigrationRunsEndpoint;
import io.github.pendingmigrations.actuate.MigrationRunsEndpointWebExtension;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpointWebExtension;
import io.github.pendingmigrations.actuate.PendingMigrationsHealthIndicator;
import io.github.pendingmigrations.actuate.PendingMigrationsInfoContributor;
import io.github.pendingmigrations.actuate.PendingMigrationsMetrics;
import io.github.pendingmigrations.run.RunListener;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.info.GitProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.security.authentication.TestingAuthenticationToken;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PendingMigrationsAutoConfiguration} and those that build on it.
 */
class PendingMigrationsAutoConfigurationTests {

	private static final AutoConfigurations AUTO_CONFIGURATIONS = AutoConfigurations.of(
			DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class, EndpointAutoConfiguration.class,
			WebEndpointAutoConfiguration.class, PendingMigrationsAutoConfiguration.class,
			PendingMigrationsEndpointAutoConfiguration.class, PendingMigrationsSnapshotAutoConfiguration.class,
			PendingMigrationsHealthContributorAutoConfiguration.class,
			PendingMigrationsInfoContributorAutoConfiguration.class, PendingMigrationsMetricsAutoConfiguration.class);

	private static final String ALL_EXPOSED = "management.endpoints.web.exposure.include=*";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withPropertyValues("spring.datasource.generate-unique-name=true", "spring.flyway.locations=classpath:db/none",
				"spring.flyway.fail-on-missing-locations=false")
		.withConfiguration(AUTO_CONFIGURATIONS);

	private final WebApplicationContextRunner webRunner = new WebApplicationContextRunner()
		.withPropertyValues("spring.datasource.generate-unique-name=true", "spring.flyway.locations=classpath:db/none",
				"spring.flyway.fail-on-missing-locations=false")
		.withConfiguration(AUTO_CONFIGURATIONS);

	@Test
	void managesTheFlywayBean() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(PendingMigrationsRegistry.class).hasSingleBean(PendingMigrations.class);
			assertThat(context.getBean(Flyway.class).getClass()).isNotEqualTo(Flyway.class);
			assertThat(context.getBean(PendingMigrationsRegistry.class).byFlywayBean()).containsOnlyKeys("flyway");
		});
	}

	@Test
	void backsOffWithoutFlyway() {
		this.runner.withPropertyValues("spring.flyway.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(PendingMigrationsRegistry.class)
				.doesNotHaveBean(PendingMigrationsEndpoint.class));
	}

	@Test
	void backsOffWhenDisabled() {
		this.runner.withPropertyValues("pending-migrations.enabled=false").run((context) -> {
			assertThat(context.getBean(Flyway.class).getClass()).isEqualTo(Flyway.class);
			assertThat(context).doesNotHaveBean(PendingMigrationsRegistry.class);
		});
	}

	@Test
	void keepsTheConfigurationOfFlyway() {
		this.runner
			.withPropertyValues("spring.flyway.table=history", "spring.flyway.placeholders.a=b",
					"spring.flyway.out-of-order=true", "spring.flyway.lock-retry-count=7")
			.run((context) -> {
				Configuration configuration = context.getBean(Flyway.class).getConfiguration();
				assertThat(configuration.getTable()).isEqualTo("history");
				assertThat(configuration.getPlaceholders()).isEqualTo(Map.of("a", "b"));
				assertThat(configuration.isOutOfOrder()).isTrue();
				assertThat(configuration.getLockRetryCount()).isEqualTo(7);
				assertThat(configuration.getDataSource()).isSameAs(context.getBean(javax.sql.DataSource.class));
			});
	}

	@Test
	void worksWithoutActuatorHealthAndMetricsOnTheClassPath() {
		this.runner
			.withClassLoader(new FilteredClassLoader(ConditionalOnAvailableEndpoint.class,
					AbstractHealthIndicator.class, MeterRegistry.class))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(PendingMigrations.class));
	}

	@Test
	void endpointsAreAvailableWhenTheyAreExposed() {
		this.webRunner.withPropertyValues(ALL_EXPOSED)
			.run((context) -> assertThat(context).hasSingleBean(PendingMigrationsEndpoint.class)
				.hasSingleBean(PendingMigrationsEndpointWebExtension.class)
				.hasSingleBean(MigrationRunsEndpoint.class)
				.hasSingleBean(MigrationRunsEndpointWebExtension.class));
	}

	@Test
	void pageOffersWhatTheAccessAllows() {
		SecurityContext ops = new SecurityContext() {

			@Override
			public Principal getPrincipal() {
				return new TestingAuthenticationToken("ops", "", "ROLE_PENDING_MIGRATIONS");
			}

			@Override
			public boolean isUserInRole(String role) {
				return false;
			}

		};
		this.webRunner.withPropertyValues(ALL_EXPOSED)
			.run((context) -> assertThat(page(context, ops)).contains("data-apply=\"false\" data-control=\"false\""));
		this.webRunner
			.withPropertyValues(ALL_EXPOSED, "management.endpoint.pendingmigrations.access=UNRESTRICTED",
					"management.endpoint.migrationruns.access=UNRESTRICTED")
			.run((context) -> assertThat(page(context, ops)).contains("data-apply=\"true\" data-control=\"true\""));
		this.webRunner
			.withPropertyValues("management.endpoints.web.exposure.include=pendingmigrations",
					"management.endpoint.pendingmigrations.access=UNRESTRICTED")
			.run((context) -> assertThat(page(context, ops)).contains("data-apply=\"true\" data-control=\"false\""));
	}

	private static @Nullable String page(AssertableWebApplicationContext context, SecurityContext user) {
		return context.getBean(PendingMigrationsEndpointWebExtension.class).page(user).getBody();
	}

	@Test
	void endpointsAreNotAvailableByDefault() {
		this.webRunner.run((context) -> assertThat(context).doesNotHaveBean(PendingMigrationsEndpoint.class)
			.doesNotHaveBean(MigrationRunsEndpoint.class));
	}

	@Test
	void endpointsAreNotAvailableWithoutAccess() {
		this.webRunner
			.withPropertyValues(ALL_EXPOSED, "management.endpoint.pendingmigrations.access=NONE",
					"management.endpoint.migrationruns.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(PendingMigrationsEndpoint.class)
				.doesNotHaveBean(MigrationRunsEndpoint.class));
	}

	@Test
	void webExtensionsAreMissingWhenExposedOverJmxOnly() {
		this.webRunner.withPropertyValues("management.endpoints.jmx.exposure.include=*", "spring.jmx.enabled=true")
			.run((context) -> assertThat(context).hasSingleBean(PendingMigrationsEndpoint.class)
				.doesNotHaveBean(PendingMigrationsEndpointWebExtension.class)
				.doesNotHaveBean(MigrationRunsEndpointWebExtension.class));
	}

	@Test
	void endpointOfTheUserWins() {
		this.webRunner.withPropertyValues(ALL_EXPOSED)
			.withUserConfiguration(CustomEndpoint.class)
			.run((context) -> assertThat(context).hasSingleBean(PendingMigrationsEndpoint.class)
				.hasBean("customEndpoint"));
	}

	@Test
	void healthCanBeSwitchedOff() {
		this.runner.run((context) -> assertThat(context).hasSingleBean(PendingMigrationsHealthIndicator.class));
		this.runner.withPropertyValues("management.health.pendingmigrations.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(PendingMigrationsHealthIndicator.class));
	}

	@Test
	void metricsAreFedByTheWorker() {
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		this.runner.withBean(MeterRegistry.class, () -> registry).run((context) -> {
			RunListener listener = context.getBean("pendingMigrationsMetricsRunListener", RunListener.class);
			listener.onAttempt("flyway", "ok");
			listener.onLocksRefused("flyway", Duration.ofMillis(2));
			listener.onLocksReleased("flyway", Duration.ofMillis(3));
			listener.onBlockedSessions("flyway", 4);
			assertThat(registry.get("pending.migrations.attempts").tag("outcome", "OK").counter().count()).isOne();
			assertThat(registry.get("pending.migrations.lock.wait").timer().count()).isOne();
			assertThat(registry.get("pending.migrations.lock.held").timer().max(TimeUnit.MILLISECONDS)).isEqualTo(3);
			assertThat(registry.get("pending.migrations.blocked.sessions").summary().max()).isEqualTo(4);
		});
	}

	@Test
	void infoSaysWhatWaitsAndCanBeSwitchedOff() {
		this.runner.run((context) -> {
			Info.Builder builder = new Info.Builder();
			context.getBean(PendingMigrationsInfoContributor.class).contribute(builder);
			assertThat(builder.build().getDetails()).containsEntry("pendingMigrations",
					Map.of("flyway", Map.of("pending", 0)));
		});
		this.runner.withPropertyValues("management.info.pendingmigrations.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(PendingMigrationsInfoContributor.class));
	}

	@Test
	void versionAndCommitAreThoseOfTheBuild() {
		Properties build = new Properties();
		build.put("version", "2.0.0");
		Properties git = new Properties();
		git.put("commit.id", "d6f61f5c0b2a");
		this.runner.withBean(BuildProperties.class, () -> new BuildProperties(build))
			.withBean(GitProperties.class, () -> new GitProperties(git))
			.run((context) -> assertThat(context.getBean(ApplicationVersion.class))
				.isEqualTo(new ApplicationVersion("2.0.0", "d6f61f5c0b2a")));
		this.runner.withPropertyValues("pending-migrations.application-version=3", "spring.application.version=2")
			.run((context) -> assertThat(context.getBean(ApplicationVersion.class))
				.isEqualTo(new ApplicationVersion("3", null)));
	}

	@Test
	void metricsNeedARegistry() {
		this.runner.run((context) -> assertThat(context).doesNotHaveBean(PendingMigrationsMetrics.class));
		this.runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.run((context) -> assertThat(context).hasSingleBean(PendingMigrationsMetrics.class)
				.hasBean("pendingMigrationsMetricsRunListener")
				.hasSingleBean(CachedOverviews.class));
	}

	@Test
	void executionIsConfigurable() {
		this.runner
			.withPropertyValues("pending-migrations.execution.hold-budget=7s",
					"pending-migrations.execution.deadline=1h", "pending-migrations.health.overdue-after=3d")
			.run((context) -> {
				PendingMigrationsProperties properties = context.getBean(PendingMigrationsProperties.class);
				assertThat(properties.getExecution().getHoldBudget()).isEqualTo(Duration.ofSeconds(7));
				assertThat(properties.getExecution().getDeadline()).isEqualTo(Duration.ofHours(1));
				assertThat(properties.getHealth().getOverdueAfter()).isEqualTo(Duration.ofDays(3));
			});
	}

	@Test
	void subclassOfFlywayIsLeftAsItIs() {
		this.runner.withUserConfiguration(CustomFlyway.class).run((context) -> {
			assertThat(context.getBean(Flyway.class)).isInstanceOf(CustomFlyway.SpecialFlyway.class);
			assertThat(context.getBean(PendingMigrationsRegistry.class).byFlywayBean()).isEmpty();
		});
	}

	@Test
	void lazyInitializationKeepsTheWorker() {
		this.runner.withPropertyValues("spring.main.lazy-initialization=true")
			.run((context) -> assertThat(context).hasSingleBean(RunWorkers.class));
	}

	@org.springframework.context.annotation.Configuration(proxyBeanMethods = false)
	static class CustomEndpoint {

		@Bean
		PendingMigrationsEndpoint customEndpoint(PendingMigrationsRegistry registry) {
			return new PendingMigrationsEndpoint(registry, io.github.pendingmigrations.actuate.ShowSql.NEVER);
		}

	}

	@org.springframework.context.annotation.Configuration(proxyBeanMethods = false)
	static class CustomFlyway {

		@Bean
		Flyway flyway(javax.sql.DataSource dataSource) {
			Function<Configuration, Flyway> create = SpecialFlyway::new;
			return create.apply(Flyway.configure().dataSource(dataSource).locations("classpath:db/none"));
		}

		static final class SpecialFlyway extends Flyway {

			SpecialFlyway(Configuration configuration) {
				super(configuration);
			}

		}

	}

}
