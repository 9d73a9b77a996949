package io.github.pendingmigrations.run;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.github.pendingmigrations.DatabaseProduct;

import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;

/**
 * Repeats what fails only because the database is away for a moment.
 */
final class Patience {

	private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

	private final DatabaseProduct product;

	private final Predicate<Duration> pause;

	private Patience(DatabaseProduct product, Predicate<Duration> pause) {
		this.product = product;
		this.pause = pause;
	}

	/**
	 * Be patient until a run is asked to stop, or its deadline has passed.
	 * @param product the database
	 * @param monitor the monitor of the run
	 * @return the patience
	 */
	static Patience of(DatabaseProduct product, RunMonitor monitor) {
		return new Patience(product, (pause) -> !monitor.isPastDeadline() && monitor.pause(pause));
	}

	/**
	 * Be patient for a time, whatever else happens.
	 * @param product the database
	 * @param limit the time
	 * @return the patience
	 */
	static Patience atMost(DatabaseProduct product, Duration limit) {
		long end = System.nanoTime() + limit.toNanos();
		return new Patience(product, (pause) -> System.nanoTime() - end < 0 && sleep(pause));
	}

	static Duration firstPause() {
		return FIRST_PAUSE;
	}

	static Duration longer(Duration pause) {
		Duration doubled = pause.multipliedBy(2);
		return (doubled.compareTo(LONGEST_PAUSE) < 0) ? doubled : LONGEST_PAUSE;
	}

	static boolean isOutage(DatabaseProduct product, Throwable throwable) {
		SQLException exception = FailureMessage.sqlException(throwable);
		if (exception != null) {
			SqlFailure kind = SqlFailure.of(product, exception);
			// Statements of our own are tried again also where one of a migration is not.
			return kind.isOutage() || kind.isRetryable() || kind == SqlFailure.OUT_OF_SPACE;
		}
		return throwable instanceof DataAccessResourceFailureException
				|| throwable instanceof TransientDataAccessException;
	}

	/**
	 * Do something, as often as it takes.
	 * @param <T> the type of the result
	 * @param work what to do
	 * @return the result
	 */
	<T> T retry(Supplier<T> work) {
		for (Duration next = FIRST_PAUSE;; next = longer(next)) {
			try {
				return work.get();
			}
			catch (RuntimeException ex) {
				if (!isOutage(this.product, ex) || !this.pause.test(next)) {
					throw ex;
				}
			}
		}
	}

	private static boolean sleep(Duration duration) {
		try {
			TimeUnit.MILLISECONDS.sleep(duration.toMillis());
			return true;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

}
