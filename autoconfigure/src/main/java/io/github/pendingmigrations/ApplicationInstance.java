package io.github.pendingmigrations;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * An instance of the application that works, or worked, with the database. Times are
 * those of the database's clock.
 *
 * @param id the id
 * @param applicationVersion the version of the application, or {@code null} if unknown
 * @param newestVersioned the newest versioned migration that it has, or {@code null} if
 * none
 * @param newestPending the newest pending migration that it has, or {@code null} if none
 * @param known the pending migrations that it has, without those that had been applied
 * when it started
 * @param startedAt when it started
 * @param lastSeenAt when it was last heard of
 * @param alive whether it has neither said goodbye nor been silent for too long
 * @param aliveSince since when it has been heard of without a break of half the time
 * after which it counts as gone, or {@code null} if it has said goodbye
 * @since 0.1.0
 */
public record ApplicationInstance(String id, @Nullable String applicationVersion, @Nullable String newestVersioned,
		@Nullable String newestPending, List<Known> known, Instant startedAt, Instant lastSeenAt, boolean alive,
		@Nullable Instant aliveSince) {

	/**
	 * Return whether it has not been heard of for too long, although it has not said
	 * goodbye.
	 * @return {@code true} if it has crashed, or could not reach the database
	 */
	public boolean isSilent() {
		return !this.alive && this.aliveSince != null;
	}

	/**
	 * Return what it knows of a pending migration.
	 * @param version the version
	 * @return the knowledge, or empty if it does not know that migration
	 */
	public Optional<Known> find(String version) {
		return this.known.stream().filter((candidate) -> candidate.version().equals(version)).findFirst();
	}

	/**
	 * Return the newest migration of either kind that it has.
	 * @return the version, or {@code null} if it has none
	 */
	public @Nullable String newestVersion() {
		if (this.newestVersioned == null || this.newestPending == null) {
			return (this.newestVersioned != null) ? this.newestVersioned : this.newestPending;
		}
		return (MigrationVersion.fromVersion(this.newestVersioned)
			.compareTo(MigrationVersion.fromVersion(this.newestPending)) >= 0) ? this.newestVersioned
					: this.newestPending;
	}

	/**
	 * A pending migration that an instance knows. The newest version alone would not
	 * tell: {@code P3} may be added later than {@code P5}.
	 *
	 * @param version the version
	 * @param checksum the checksum of the content that it has
	 * @param versioned the newest versioned migration up to that version that it has, or
	 * {@code null} if none
	 */
	public record Known(String version, int checksum, @Nullable String versioned) {
	}

}
