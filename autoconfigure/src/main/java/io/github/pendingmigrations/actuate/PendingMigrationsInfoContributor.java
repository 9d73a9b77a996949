package io.github.pendingmigrations.actuate;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.pendingmigrations.PendingMigrations.Overview;
import io.github.pendingmigrations.PointOfNoReturn;
import io.github.pendingmigrations.actuate.CachedOverview.Reading;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/**
 * {@link InfoContributor} that says, for each Flyway bean, how many migrations wait and
 * below which release the application cannot be rolled back.
 *
 * @since 0.1.0
 */
public class PendingMigrationsInfoContributor implements InfoContributor {

	private final CachedOverviews overviews;

	/**
	 * Create the contributor.
	 * @param overviews what the databases say
	 */
	public PendingMigrationsInfoContributor(CachedOverviews overviews) {
		this.overviews = overviews;
	}

	@Override
	public void contribute(Info.Builder builder) {
		Map<String, Object> beans = new LinkedHashMap<>();
		this.overviews.byFlywayBean().forEach((name, cached) -> {
			Reading reading = cached.get();
			Overview overview = (reading != null) ? reading.overview() : null;
			if (overview != null) {
				beans.put(name, describe(overview));
			}
		});
		if (!beans.isEmpty()) {
			builder.withDetail("pendingMigrations", beans);
		}
	}

	private static Map<String, Object> describe(Overview overview) {
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("pending", overview.outstanding().size());
		PointOfNoReturn point = overview.pointOfNoReturn();
		if (point != null) {
			details.put("pointOfNoReturn", describe(point));
		}
		return details;
	}

	static Map<String, Object> describe(PointOfNoReturn point) {
		Map<String, Object> details = new LinkedHashMap<>();
		details.put("version", point.version());
		put(details, "applicationVersion", point.applicationVersion());
		details.put("appliedAt", point.appliedAt().toString());
		return details;
	}

	private static void put(Map<String, Object> details, String key, @Nullable String value) {
		if (value != null) {
			details.put(key, value);
		}
	}

}
