package io.github.pendingmigrations.autoconfigure;

import java.time.Duration;
import java.time.Instant;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.actuate.CachedOverviews;
import io.github.pendingmigrations.actuate.MigrationRunMetrics;
import io.github.pendingmigrations.actuate.PendingMigrationsMetrics;
import io.github.pendingmigrations.run.RunListener;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the metrics of pending
 * migrations.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PendingMigrationsSnapshotAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, CachedOverviews.class })
public final class PendingMigrationsMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	PendingMigrationsMetrics pendingMigrationsMetrics(CachedOverviews overviews) {
		return new PendingMigrationsMetrics(overviews);
	}

	@Bean
	@ConditionalOnMissingBean
	MigrationRunMetrics pendingMigrationsRunMetrics(MeterRegistry meters, PendingMigrationsRegistry registry) {
		return new MigrationRunMetrics(meters, registry.byFlywayBean().keySet());
	}

	@Bean
	RunListener pendingMigrationsMetricsRunListener(MigrationRunMetrics metrics) {
		return new MetricsRunListener(metrics);
	}

	/**
	 * Passes on what the worker does.
	 *
	 * @param metrics the metrics
	 */
	private record MetricsRunListener(MigrationRunMetrics metrics) implements RunListener {

		@Override
		public void onAttempt(String flywayBean, String outcome) {
			this.metrics.attempt(flywayBean, outcome);
		}

		@Override
		public void onLocksRefused(String flywayBean, Duration waited) {
			this.metrics.lockWait(flywayBean, waited);
		}

		@Override
		public void onLocksReleased(String flywayBean, Duration held) {
			this.metrics.lockHeld(flywayBean, held);
		}

		@Override
		public void onBlockedSessions(String flywayBean, int sessions) {
			this.metrics.blockedSessions(flywayBean, sessions);
		}

		@Override
		public void onFinished(String flywayBean, MigrationRun run) {
			Instant finished = run.finishedAt();
			Duration duration = (run.startedAt() != null && finished != null)
					? Duration.between(run.startedAt(), finished) : Duration.ZERO;
			this.metrics.runFinished(flywayBean, run.status(), duration);
		}

	}

}
