package io.github.pendingmigrations.online;

import java.time.Duration;
import java.util.Locale;

/**
 * How long the harness measures: the short form is part of every build, the long one is
 * what {@code -Ponline} selects and what docs/benchmarks.md shows.
 *
 * @param blockedFor how long the long transaction stays open
 * @param calibration how long the load runs without a migration
 * @param repetitions how often a measurement is repeated
 * @param starts how often a replica is started, idle and during a blocked run each
 * @param collisions how long the application collides with the migration
 * @param batches how many batches the long migration has
 */
record OnlineForm(Duration blockedFor, Duration calibration, int repetitions, int starts, Duration collisions,
		int batches) {

	/** The system property that selects the form. */
	static final String PROPERTY = "online.form";

	/**
	 * An attempt that collides holds locks for 0.3 s, and stays away for ten times that.
	 */
	private static final OnlineForm SHORT = new OnlineForm(Duration.ofSeconds(3), Duration.ofMillis(800), 1, 3,
			Duration.ofSeconds(6), 10);

	private static final OnlineForm LONG = new OnlineForm(Duration.ofSeconds(20), Duration.ofSeconds(5), 3, 11,
			Duration.ofSeconds(25), 100);

	static OnlineForm selected() {
		String name = System.getProperty(PROPERTY, "short").toLowerCase(Locale.ROOT);
		return switch (name) {
			case "short" -> SHORT;
			case "long" -> LONG;
			default -> throw new IllegalStateException(
					"The system property " + PROPERTY + " is short or long, and not " + name);
		};
	}

	/**
	 * Return whether plain Flyway is measured in every scenario, and not only where the
	 * build asserts what it does.
	 * @return {@code true} in the long form
	 */
	boolean hasAllControls() {
		return this.equals(LONG);
	}

}
