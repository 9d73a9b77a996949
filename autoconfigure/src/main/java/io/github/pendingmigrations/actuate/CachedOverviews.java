package io.github.pendingmigrations.actuate;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrationsRegistry;

/**
 * Short-lived copies of what the databases say about pending migrations, shared by
 * {@link PendingMigrationsHealthIndicator health} and {@link PendingMigrationsMetrics
 * metrics}, which are asked often and by several systems at once.
 *
 * @since 0.1.0
 */
public final class CachedOverviews {

	private final PendingMigrationsRegistry registry;

	private final Duration timeToLive;

	private final LongSupplier nanoTime;

	private final Clock clock;

	private final Map<String, CachedOverview> byFlywayBean = new ConcurrentHashMap<>();

	/**
	 * Create the copies.
	 * @param registry the services
	 * @param timeToLive how old a copy may be
	 */
	public CachedOverviews(PendingMigrationsRegistry registry, Duration timeToLive) {
		this(registry, timeToLive, System::nanoTime, Clock.systemUTC());
	}

	CachedOverviews(PendingMigrationsRegistry registry, Duration timeToLive, LongSupplier nanoTime, Clock clock) {
		this.registry = registry;
		this.timeToLive = timeToLive;
		this.nanoTime = nanoTime;
		this.clock = clock;
	}

	Map<String, CachedOverview> byFlywayBean() {
		Map<String, CachedOverview> result = new LinkedHashMap<>();
		this.registry.byFlywayBean()
			.forEach((name, service) -> result.put(name,
					this.byFlywayBean.computeIfAbsent(name, (key) -> cached(service))));
		return result;
	}

	private CachedOverview cached(PendingMigrations service) {
		return new CachedOverview(service, this.timeToLive, this.nanoTime, this.clock);
	}

}
