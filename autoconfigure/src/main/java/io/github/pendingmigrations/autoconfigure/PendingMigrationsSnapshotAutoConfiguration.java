package io.github.pendingmigrations.autoconfigure;

import java.time.Duration;

import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.actuate.CachedOverviews;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the snapshot that health and
 * metrics share, so that neither costs a query each time.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PendingMigrationsAutoConfiguration.class)
@ConditionalOnBean(PendingMigrationsRegistry.class)
public final class PendingMigrationsSnapshotAutoConfiguration {

	private static final Duration TIME_TO_LIVE = Duration.ofSeconds(5);

	@Bean
	@ConditionalOnMissingBean
	CachedOverviews pendingMigrationsCachedOverviews(PendingMigrationsRegistry registry) {
		return new CachedOverviews(registry, TIME_TO_LIVE);
	}

}
