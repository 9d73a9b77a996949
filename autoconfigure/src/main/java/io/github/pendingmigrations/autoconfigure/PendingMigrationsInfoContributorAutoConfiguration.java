package io.github.pendingmigrations.autoconfigure;

import io.github.pendingmigrations.actuate.CachedOverviews;
import io.github.pendingmigrations.actuate.PendingMigrationsInfoContributor;

import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for
 * {@link PendingMigrationsInfoContributor}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PendingMigrationsSnapshotAutoConfiguration.class)
@ConditionalOnClass({ InfoContributor.class, ConditionalOnEnabledInfoContributor.class })
@ConditionalOnBean(CachedOverviews.class)
@ConditionalOnEnabledInfoContributor("pendingmigrations")
public final class PendingMigrationsInfoContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	PendingMigrationsInfoContributor pendingMigrationsInfoContributor(CachedOverviews overviews) {
		return new PendingMigrationsInfoContributor(overviews);
	}

}
