package io.github.pendingmigrations;

import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;

import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * What the comment lines {@code -- pending: …} at the head of a script say.
 *
 * @param delay how long it waits after its rollout was complete, or {@code null}
 * @param window the daily time in which it may start, or {@code null} for any time
 * @param requires the pending migrations that must be applied first; {@code null} means
 * every earlier one, an empty list none
 * @param precedes the versioned migrations that must not run before this one is applied
 * @param holdBudget how long a statement may hold its locks, or {@code null} for the
 * configured one
 * @param transaction whether to run in one transaction, or {@code null} to decide from
 * the statements
 * @param reason why the migration exists, or {@code null}
 * @param repeat how its statements are repeated, or {@code null} to execute each once
 * @param requiresApproval whether only a person may request it, or {@code null} to leave
 * that to the configuration
 * @since 0.1.0
 */
public record ScriptDirectives(@Nullable Duration delay, @Nullable Window window,
		@Nullable List<MigrationVersion> requires, List<MigrationVersion> precedes, @Nullable Duration holdBudget,
		@Nullable Boolean transaction, @Nullable String reason, @Nullable Repeat repeat,
		@Nullable Boolean requiresApproval) {

	/** No directive. */
	public static final ScriptDirectives NONE = new ScriptDirectives(null, null, null, List.of(), null, null, null,
			null, null);

	/**
	 * Each statement is executed again and again, in a transaction of its own, until it
	 * changes no row.
	 *
	 * @param pause how long to pause between two batches
	 * @param limit after what time a statement is taken for one that never ends
	 */
	public record Repeat(Duration pause, Duration limit) {

		/** The pause if nothing else is said. */
		public static final Duration DEFAULT_PAUSE = Duration.ofMillis(100);

		/** The limit if nothing else is said. */
		public static final Duration DEFAULT_LIMIT = Duration.ofHours(24);

	}

	/**
	 * A daily window of time. One that ends before it begins crosses midnight.
	 *
	 * @param from the first moment inside
	 * @param to the first moment outside
	 * @param zone the zone of both
	 */
	public record Window(LocalTime from, LocalTime to, ZoneId zone) {

		/**
		 * Return whether a moment lies inside.
		 * @param moment the moment
		 * @return {@code true} if inside
		 */
		public boolean contains(java.time.Instant moment) {
			LocalTime time = moment.atZone(this.zone).toLocalTime();
			if (this.from.isBefore(this.to)) {
				return !time.isBefore(this.from) && time.isBefore(this.to);
			}
			return !time.isBefore(this.from) || time.isBefore(this.to);
		}

		/**
		 * Return when the window opens next.
		 * @param moment a moment outside
		 * @return the next opening
		 */
		public java.time.Instant opensAfter(java.time.Instant moment) {
			return next(this.from, moment);
		}

		/**
		 * Return when the window closes next.
		 * @param moment a moment inside
		 * @return the next closing
		 */
		public java.time.Instant closesAfter(java.time.Instant moment) {
			return next(this.to, moment);
		}

		private java.time.Instant next(LocalTime time, java.time.Instant moment) {
			ZonedDateTime now = moment.atZone(this.zone);
			ZonedDateTime next = now.with(time);
			return (next.isAfter(now) ? next : now.plusDays(1).with(time)).toInstant();
		}

		@Override
		public String toString() {
			return this.from + "-" + this.to + " " + this.zone;
		}

	}

}
