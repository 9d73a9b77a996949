package io.github.pendingmigrations;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

import io.github.pendingmigrations.PendingMigration.Application;
import io.github.pendingmigrations.PendingMigration.Origin;
import org.jspecify.annotations.Nullable;

/**
 * The release below which the application cannot be rolled back any more: what an older
 * one needs may have been removed.
 *
 * @param version the version of the applied migration that decides it
 * @param applicationVersion the version of the application that brought that migration:
 * the oldest one that works; {@code null} if unknown
 * @param appliedAt when that migration was applied
 * @since 0.1.0
 */
public record PointOfNoReturn(String version, @Nullable String applicationVersion, Instant appliedAt) {

	private static final Set<Origin> TOOK_EFFECT = EnumSet.of(Origin.INITIAL, Origin.RUN, Origin.MANUAL);

	private static final Comparator<PendingMigration> FIRST_SEEN = Comparator.comparing(PendingMigration::firstSeenAt,
			Comparator.nullsFirst(Comparator.naturalOrder()));

	/**
	 * Return whether an entry of the ledger says that a migration took effect, rather
	 * than that it was left out.
	 * @param origin where the entry came from
	 * @return {@code true} if it took effect
	 */
	public static boolean tookEffect(Origin origin) {
		return TOOK_EFFECT.contains(origin);
	}

	/**
	 * Find it. Of the migrations that took effect, the one decides that was seen last:
	 * its release is the newest, whatever the names of releases look like.
	 * @param migrations the migrations in version order
	 * @return the point, or empty if no migration took effect
	 */
	static Optional<PointOfNoReturn> of(Collection<PendingMigration> migrations) {
		return migrations.stream()
			.filter((migration) -> migration.firstSeenAt() != null && migration.application() != null
					&& tookEffect(migration.application().origin()))
			// The later one of two that were seen together
			.reduce((one, other) -> FIRST_SEEN.compare(other, one) >= 0 ? other : one)
			.flatMap(PointOfNoReturn::of);
	}

	private static Optional<PointOfNoReturn> of(PendingMigration migration) {
		Application application = migration.application();
		if (application == null) {
			return Optional.empty();
		}
		String brought = migration.firstSeenApplicationVersion();
		return Optional.of(new PointOfNoReturn(migration.version(),
				(brought != null) ? brought : application.applicationVersion(), application.at()));
	}

}
