package io.github.pendingmigrations.run;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.pendingmigrations.MigrationRun.Blocker;
import io.github.pendingmigrations.MigrationRun.Contention;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * What a look at the executing session from another one has shown.
 *
 * @param waiting whether it waits for a lock
 * @param obstacles who stands in its way
 * @param exact whether the database says who that is; otherwise they are all who might
 * @param blockedSessions how many sessions wait for it
 * @param longestBlocked how long the longest of them has waited
 */
record Sighting(boolean waiting, List<Obstacle> obstacles, boolean exact, int blockedSessions,
		Duration longestBlocked) {

	/** Nobody waits for anybody. */
	static final Sighting CLEAR = new Sighting(false, List.of(), true, 0, Duration.ZERO);

	/**
	 * Create what is seen by who may not begin because another session has the fence.
	 * @param session that session
	 * @return the sighting
	 */
	static Sighting ofFence(long session) {
		Blocker holder = new Blocker(session, null, "pending-migrations", "executes a migration of the same tables",
				null, null);
		return new Sighting(false, List.of(new Obstacle(holder, Obstacle.Kind.SESSION, "fence")), true, 0,
				Duration.ZERO);
	}

	/**
	 * Add what was seen to what is known.
	 * @param known what is known of the run
	 * @return the longest waits of both, and the newest blockers
	 */
	Contention addTo(Contention known) {
		boolean longer = this.longestBlocked.compareTo(known.longestBlocked()) > 0;
		return new Contention(known.waited(), known.executed(),
				Math.max(this.blockedSessions, known.maxBlockedSessions()),
				longer ? this.longestBlocked : known.longestBlocked(),
				this.obstacles.isEmpty() ? known.blockers() : blockers());
	}

	Sighting withoutQueries() {
		return new Sighting(this.waiting, this.obstacles.stream().map(Obstacle::withoutQuery).toList(), this.exact,
				this.blockedSessions, this.longestBlocked);
	}

	boolean hasSameObstaclesAs(Sighting other) {
		return identities().equals(other.identities());
	}

	private Set<String> identities() {
		return this.obstacles.stream()
			.map((obstacle) -> obstacle.blocker().session() + " " + obstacle.transaction())
			.collect(Collectors.toSet());
	}

	/**
	 * Say who stands in the way.
	 * @return a sentence
	 */
	String describe() {
		if (this.obstacles.isEmpty()) {
			return "Who stands in its way was not seen.";
		}
		return this.obstacles.stream()
			.map(Obstacle::describe)
			.collect(Collectors.joining("; ",
					this.exact ? "In its way: " : "Open transactions that may be in its way: ", "."));
	}

	private List<Blocker> blockers() {
		return this.obstacles.stream().map(Obstacle::blocker).toList();
	}

	/**
	 * A transaction that stands in the way.
	 *
	 * @param blocker its session
	 * @param kind what it is
	 * @param transaction what tells it from the next one of the same session
	 */
	record Obstacle(Blocker blocker, Kind kind, String transaction) {

		/** The second phase of a commit usually follows within milliseconds. */
		private static final Duration FORGOTTEN = Duration.ofSeconds(5);

		private Obstacle withoutQuery() {
			return with(this.blocker.age(), null);
		}

		/**
		 * Return the same transaction, seen later.
		 * @param age how long it has been open, or {@code null} if unknown
		 * @return the obstacle
		 */
		Obstacle withAge(@Nullable Duration age) {
			return with(age, this.blocker.query());
		}

		private Obstacle with(@Nullable Duration age, @Nullable String query) {
			return new Obstacle(new Blocker(this.blocker.session(), this.blocker.user(), this.blocker.application(),
					this.blocker.state(), age, query), this.kind, this.transaction);
		}

		private String describe() {
			StringBuilder text = new StringBuilder("session ").append(this.blocker.session());
			if (this.blocker.user() != null) {
				text.append(" of ").append(this.blocker.user());
			}
			if (StringUtils.hasText(this.blocker.application())) {
				text.append(" (").append(this.blocker.application()).append(')');
			}
			if (this.blocker.state() != null) {
				text.append(", ").append(this.blocker.state());
			}
			Duration age = this.blocker.age();
			return ((age != null) ? text.append(", open for ").append(age.toSeconds()).append(" s") : text).toString();
		}

		/**
		 * Return whether no attempt to get a lock can outlast it.
		 * @return {@code true} for a vacuum that does not give way, and a transaction
		 * that was prepared and not ended at once
		 */
		boolean outlastsAttempts() {
			return this.kind.givesWayToNobody() && (this.kind != Kind.PREPARED_TRANSACTION || isOlderThan(FORGOTTEN));
		}

		boolean isOlderThan(Duration age) {
			Duration own = this.blocker.age();
			return own != null && own.compareTo(age) > 0;
		}

		/**
		 * What stands in the way.
		 */
		enum Kind {

			/** Somebody's transaction. */
			SESSION,

			/** A transaction that was prepared and not committed. */
			PREPARED_TRANSACTION,

			/** An autovacuum, which gives way to those who wait long enough. */
			AUTOVACUUM,

			/** An autovacuum that gives way to nobody. */
			WRAPAROUND_VACUUM;

			/**
			 * Return whether it stays as long as it likes, or until a person ends it.
			 * @return {@code true} if so
			 */
			boolean givesWayToNobody() {
				return this == WRAPAROUND_VACUUM || this == PREPARED_TRANSACTION;
			}

		}

	}

}
