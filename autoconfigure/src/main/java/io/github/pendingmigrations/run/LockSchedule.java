package io.github.pendingmigrations.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

import io.github.pendingmigrations.DatabaseProduct;

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

	private final List<Rung> rungs;

	private LockSchedule(List<Rung> rungs) {
		this.rungs = rungs;
	}

	static LockSchedule of(DatabaseProduct product) {
		return switch (product) {
			case POSTGRESQL -> polls(1, 100).then(50, 500)
				.then(100, 1000)
				.then(100, 1000)
				.then(200, 2000)
				.then(300, 3000)
				.then(500, 5000);
			// The lock waits of these have a granularity of one second, or none at all.
			case MARIADB -> polls(0, 100).then(1000, 10000);
			case MYSQL -> new LockSchedule(List.of(new Rung(Duration.ofSeconds(1), Duration.ofSeconds(10))));
			case H2 -> polls(50, 500);
		};
	}

	private static LockSchedule polls(long lockTimeout, long pause) {
		List<Rung> rungs = new ArrayList<>();
		for (int i = 0; i < POLLS; i++) {
			rungs.add(Rung.ofMillis(lockTimeout, pause));
		}
		return new LockSchedule(rungs);
	}

	private LockSchedule then(long lockTimeout, long pause) {
		List<Rung> longer = new ArrayList<>(this.rungs);
		longer.add(Rung.ofMillis(lockTimeout, pause));
		return new LockSchedule(longer);
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
		 * Return the pause with some randomness, so that several do not keep step.
		 * @return the pause, at most a quarter longer
		 */
		Duration jitteredPause() {
			long millis = this.pause.toMillis();
			return Duration.ofMillis(millis + (long) (millis * JITTER * ThreadLocalRandom.current().nextDouble()));
		}

	}

}
