package io.github.pendingmigrations.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

import io.github.pendingmigrations.DatabaseProduct;
import org.jspecify.annotations.Nullable;

/**
 * How long each attempt may wait for a lock, and how long to stay away after it. A
 * statement that waits for a table lock stalls every query behind it, so attempts are
 * short and far apart: first polls, which live traffic does not feel, then a ladder for
 * tables that are never idle, and again. Every wait is at most a tenth of the pause after
 * it.
 */
final class LockSchedule {

	private static final int POLLS = 20;

	private static final double JITTER = 0.25;

	/** A pause is at least so many times as long as the wait before it. */
	private static final int PAUSE_PER_WAIT = 10;

	private final List<Rung> rungs;

	private LockSchedule(List<Rung> rungs) {
		this.rungs = rungs;
	}

	/**
	 * Return the schedule for a database.
	 * @param product the database
	 * @param profile how hard to try
	 * @param maxLockTimeout the longest wait, or {@code null} for that of the profile
	 * @return the schedule
	 */
	static LockSchedule of(DatabaseProduct product, ExecutionProfile profile, @Nullable Duration maxLockTimeout) {
		LockSchedule schedule = switch (product) {
			case POSTGRESQL -> switch (profile) {
				case GENTLE -> polls(10, 1000);
				case BALANCED -> polls(1, 100).then(50, 100, 100, 200, 300, 500);
				case FIRM -> polls(1, 100).then(50, 100, 200, 500, 1000, 2000);
			};
			case MARIADB -> switch (profile) {
				case GENTLE -> polls(0, 1000);
				case BALANCED -> polls(0, 100).then(20, 50, 100, 200, 500);
				case FIRM -> polls(0, 100).then(20, 50, 100, 200, 500, 1000, 2000);
			};
			// Its lock waits have a granularity of one second.
			case MYSQL, DB2 -> switch (profile) {
				case GENTLE -> new LockSchedule(List.of(Rung.ofMillis(1000, 30000)));
				case BALANCED -> new LockSchedule(List.of(Rung.ofMillis(1000, 10000)));
				case FIRM -> new LockSchedule(List.of(Rung.ofMillis(1000, 10000), Rung.ofMillis(2000, 20000)));
			};
			default -> switch (profile) {
				case GENTLE -> polls(50, 1000);
				case BALANCED -> polls(50, 500);
				case FIRM -> polls(50, 500).then(500, 2000);
			};
		};
		return (maxLockTimeout != null) ? schedule.cappedAt(maxLockTimeout) : schedule;
	}

	private static LockSchedule polls(long lockTimeout, long pause) {
		List<Rung> rungs = new ArrayList<>();
		for (int i = 0; i < POLLS; i++) {
			rungs.add(Rung.ofMillis(lockTimeout, pause));
		}
		return new LockSchedule(rungs);
	}

	private LockSchedule then(long... lockTimeouts) {
		List<Rung> longer = new ArrayList<>(this.rungs);
		for (long lockTimeout : lockTimeouts) {
			longer.add(Rung.waiting(Duration.ofMillis(lockTimeout)));
		}
		return new LockSchedule(longer);
	}

	private LockSchedule cappedAt(Duration maxLockTimeout) {
		return new LockSchedule(this.rungs.stream()
			.map((rung) -> (rung.lockTimeout().compareTo(maxLockTimeout) > 0) ? new Rung(maxLockTimeout, rung.pause())
					: rung)
			.toList());
	}

	/**
	 * Return what an attempt may do.
	 * @param attempt the number of the attempt, counted from 1
	 * @return its rung
	 */
	Rung rung(int attempt) {
		return this.rungs.get((attempt - 1) % this.rungs.size());
	}

	/**
	 * Return the shortest attempt.
	 * @return the rung of a poll
	 */
	Rung poll() {
		return this.rungs.get(0);
	}

	/**
	 * Return the first attempt that waits for longer than a poll.
	 * @return the lowest rung of the ladder, or a poll if there is no ladder
	 */
	Rung firstStep() {
		return this.rungs.stream()
			.filter((rung) -> rung.lockTimeout().compareTo(poll().lockTimeout()) > 0)
			.findFirst()
			.orElse(poll());
	}

	/**
	 * Return how often the schedule has been gone through.
	 * @param attempt the number of the attempt, counted from 1
	 * @return the number of complete rounds
	 */
	int roundsBefore(int attempt) {
		return (attempt - 1) / this.rungs.size();
	}

	/**
	 * One attempt.
	 *
	 * @param lockTimeout how long it may wait for a lock
	 * @param pause how long to stay away after it
	 */
	record Rung(Duration lockTimeout, Duration pause) {

		static Rung ofMillis(long lockTimeout, long pause) {
			return new Rung(Duration.ofMillis(lockTimeout), Duration.ofMillis(pause));
		}

		/**
		 * Create a rung with the pause that such a wait needs.
		 * @param lockTimeout how long it may wait
		 * @return the rung
		 */
		static Rung waiting(Duration lockTimeout) {
			return new Rung(lockTimeout, lockTimeout.multipliedBy(PAUSE_PER_WAIT));
		}

		/**
		 * Return the pause after an attempt, with some randomness, so that several do not
		 * keep step.
		 * @param waited how long the attempt really waited
		 * @return the pause, up to a quarter longer than it must be
		 */
		Duration pauseAfter(Duration waited) {
			long millis = Math.max(this.pause.toMillis(), waited.toMillis() * PAUSE_PER_WAIT);
			return Duration.ofMillis(millis + (long) (millis * JITTER * ThreadLocalRandom.current().nextDouble()));
		}

	}

}
