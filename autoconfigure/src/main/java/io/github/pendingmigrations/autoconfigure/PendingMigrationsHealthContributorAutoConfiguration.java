package io.github.pendingmigrations.autoconfigure;

import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.actuate.CachedOverviews;
import io.github.pendingmigrations.actuate.PendingMigrationsHealthIndicator;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for
 * {@link PendingMigrationsHealthIndicator}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PendingMigrationsSnapshotAutoConfiguration.class)
@ConditionalOnClass({ AbstractHealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean({ PendingMigrationsRegistry.class, CachedOverviews.class })
@ConditionalOnEnabledHealthIndicator("pendingmigrations")
@EnableConfigurationProperties(PendingMigrationsProperties.class)
public final class PendingMigrationsHealthContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = { "pendingMigrationsHealthIndicator", "pendingMigrationsHealthContributor" })
	PendingMigrationsHealthIndicator pendingMigrationsHealthContributor(CachedOverviews overviews,
			PendingMigrationsProperties properties) {
		PendingMigrationsProperties.Health health = properties.getHealth();
		return new PendingMigrationsHealthIndicator(overviews, health.getDownOn(), health.getOverdueAfter());
	}

}
