package io.github.pendingmigrations.actuate;

import io.github.pendingmigrations.PendingMigrationState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * {@link MeterBinder} for pending migrations. All meters have the tag {@code flyway}, the
 * name of the Flyway bean:
 * <ul>
 * <li>{@code pending.migrations}, gauge: how many migrations there are in a state; tag
 * {@code state}, the name of a {@link PendingMigrationState}, all of which are there from
 * the start</li>
 * <li>{@code pending.migrations.oldest.age}, gauge in seconds: how long the oldest of
 * those that still have to be applied has been waiting, 0 if there is none</li>
 * <li>{@code pending.migrations.instances}, gauge: how many instances of the application
 * are alive; tag {@code current}, whether they know every migration that waits</li>
 * <li>{@code pending.migrations.run.active}, gauge: 1 while a run occupies the database,
 * else 0</li>
 * </ul>
 * They are {@code NaN} until the database could be read for the first time, and keep
 * their values while it cannot be read later. Runs are measured by
 * {@link MigrationRunMetrics}.
 *
 * @since 0.1.0
 */
public class PendingMigrationsMetrics implements MeterBinder {

	private final CachedOverviews overviews;

	/**
	 * Create the metrics.
	 * @param overviews what the databases say
	 */
	public PendingMigrationsMetrics(CachedOverviews overviews) {
		this.overviews = overviews;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.overviews.byFlywayBean().forEach((name, overview) -> {
			for (PendingMigrationState state : PendingMigrationState.values()) {
				Gauge.builder("pending.migrations", overview, (cached) -> cached.count(state))
					.description("Migrations in a state")
					.tag("flyway", name)
					.tag("state", state.name())
					.register(registry);
			}
			Gauge.builder("pending.migrations.oldest.age", overview, CachedOverview::oldestAgeInSeconds)
				.description("Time that the oldest migration has been waiting to be applied")
				.tag("flyway", name)
				.baseUnit("seconds")
				.register(registry);
			for (boolean current : new boolean[] { true, false }) {
				Gauge.builder("pending.migrations.instances", overview, (cached) -> cached.instances(current))
					.description("Instances of the application that are alive")
					.tag("flyway", name)
					.tag("current", Boolean.toString(current))
					.register(registry);
			}
			Gauge.builder("pending.migrations.run.active", overview, CachedOverview::activeRuns)
				.description("Whether a run occupies the database")
				.tag("flyway", name)
				.register(registry);
		});
	}

}
