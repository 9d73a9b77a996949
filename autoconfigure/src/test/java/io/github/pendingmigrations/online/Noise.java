package io.github.pendingmigrations.online;

import java.time.Duration;
import java.util.function.Predicate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a request waits for on this machine although nobody stands in its way. Figures say
 * something about a limit only if the noise is far below it.
 *
 * @param worst the slowest request that no migration concerned, before and during the
 * measurement
 */
record Noise(Duration worst) {

	private static final int TRIES = 3;

	boolean drowns(Duration limit) {
		return this.worst.multipliedBy(2).compareTo(limit) > 0;
	}

	/**
	 * Require that something took no longer than a limit. Only where the noise drowns the
	 * limit it counts on top: a request has several steps that it can delay.
	 * @param what what is required
	 * @param duration how long it took
	 * @param limit the limit
	 */
	void require(String what, Duration duration, Duration limit) {
		assertThat(duration).as("%s, with noise of %s", what, this.worst)
			.isLessThanOrEqualTo(drowns(limit) ? limit.plus(this.worst.multipliedBy(3)) : limit);
	}

	static Duration longer(Duration one, Duration other) {
		return (one.compareTo(other) > 0) ? one : other;
	}

	/**
	 * Measure again if the noise drowned what was to be seen, at most twice.
	 * @param <T> what is measured
	 * @param <E> what can go wrong
	 * @param measurement measures it
	 * @param drowned whether the noise was too much
	 * @return the last measurement
	 * @throws E if something went wrong
	 */
	static <T, E extends Exception> T quiet(Measurement<T, E> measurement, Predicate<T> drowned) throws E {
		T result = measurement.measure();
		for (int i = 1; i < TRIES && drowned.test(result); i++) {
			result = measurement.measure();
		}
		return result;
	}

	/**
	 * Measures something.
	 *
	 * @param <T> what is measured
	 * @param <E> what can go wrong
	 */
	interface Measurement<T, E extends Exception> {

		T measure() throws E;

	}

}
