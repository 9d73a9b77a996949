package io.github.pendingmigrations.actuate;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations.Overview;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.PointOfNoReturn;
import io.github.pendingmigrations.actuate.CachedOverview.Reading;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * {@link HealthIndicator} for pending migrations. Its details have one entry per Flyway
 * bean: how many migrations are outstanding, how many there are in each state, how long
 * the oldest has been waiting, below which release the application cannot be rolled back,
 * the active and the last run. A database that cannot be read makes it {@code UNKNOWN}:
 * that the database is down is for the health of the data source to say.
 *
 * @since 0.1.0
 */
public class PendingMigrationsHealthIndicator extends AbstractHealthIndicator {

	private final CachedOverviews overviews;

	private final HealthDownOn downOn;

	private final Duration overdueAfter;

	/**
	 * Create the indicator.
	 * @param overviews what the databases say
	 * @param downOn what makes the health {@code DOWN}
	 * @param overdueAfter after what time a migration is overdue
	 */
	public PendingMigrationsHealthIndicator(CachedOverviews overviews, HealthDownOn downOn, Duration overdueAfter) {
		super("Pending migrations health check failed");
		this.overviews = overviews;
		this.downOn = downOn;
		this.overdueAfter = overdueAfter;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		Status status = Status.UP;
		for (Map.Entry<String, CachedOverview> entry : this.overviews.byFlywayBean().entrySet()) {
			CachedOverview cached = entry.getValue();
			Reading reading = cached.get();
			Map<String, Object> details = new LinkedHashMap<>();
			boolean readable = (reading != null && reading.failure() == null);
			if (!readable) {
				status = worse(status, Status.UNKNOWN);
				details.put("error", unreadable(reading));
			}
			Overview overview = (reading != null) ? reading.overview() : null;
			if (overview != null) {
				describe(overview, cached, details);
				if (readable && isDown(overview, cached)) {
					status = Status.DOWN;
				}
			}
			builder.withDetail(entry.getKey(), details);
		}
		builder.status(status);
	}

	private static Status worse(Status status, Status other) {
		return (Status.DOWN.equals(status)) ? status : other;
	}

	private static String unreadable(@Nullable Reading reading) {
		return (reading == null || reading.failure() == null) ? "The database is being read for the first time"
				: "The database could not be read: " + reading.failure();
	}

	private boolean isDown(Overview overview, CachedOverview cached) {
		return switch (this.downOn) {
			case NEVER -> false;
			case FAILED -> overview.migrations()
				.stream()
				.anyMatch((migration) -> migration.state() == PendingMigrationState.FAILED
						|| migration.state() == PendingMigrationState.PARTIALLY_APPLIED);
			case OVERDUE ->
				cached.oldestAge(overview.outstanding().stream().filter((migration) -> !isDelayed(migration)).toList())
					.compareTo(this.overdueAfter) > 0;
		};
	}

	private static boolean isDelayed(PendingMigration migration) {
		return migration.reasons().stream().anyMatch((reason) -> reason.code() == PendingReason.Code.DELAYED);
	}

	private static void describe(Overview overview, CachedOverview cached, Map<String, Object> details) {
		List<PendingMigration> outstanding = overview.outstanding();
		details.put("pending", outstanding.size());
		Map<String, Integer> states = new TreeMap<>();
		overview.migrations().forEach((migration) -> states.merge(migration.state().name(), 1, Integer::sum));
		details.put("states", states);
		if (!outstanding.isEmpty()) {
			details.put("oldestAge", cached.oldestAge(outstanding).truncatedTo(ChronoUnit.SECONDS).toString());
		}
		PointOfNoReturn point = overview.pointOfNoReturn();
		if (point != null) {
			details.put("pointOfNoReturn", PendingMigrationsInfoContributor.describe(point));
		}
		put(details, "activeRun", overview.activeRun());
		put(details, "lastRun", overview.lastRun());
	}

	private static void put(Map<String, Object> details, String key, @Nullable MigrationRun run) {
		if (run != null) {
			Map<String, Object> description = new LinkedHashMap<>();
			description.put("id", run.id().toString());
			description.put("status", run.status().name());
			Instant finishedAt = run.finishedAt();
			if (finishedAt != null) {
				description.put("finishedAt", finishedAt.toString());
			}
			details.put(key, description);
		}
	}

}
