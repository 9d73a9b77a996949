package io.github.pendingmigrations.actuate;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrations.Overview;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The overview of one Flyway bean, read from the database at most once per time to live.
 * Of several threads that find it outdated one reads, and the others go on with what
 * there is, so that a database that hangs holds up one thread rather than all.
 */
final class CachedOverview {

	private static final Log logger = LogFactory.getLog(CachedOverview.class);

	private final PendingMigrations service;

	private final long timeToLive;

	private final LongSupplier nanoTime;

	private final Clock clock;

	private final ReentrantLock lock = new ReentrantLock();

	private volatile @Nullable Reading reading;

	CachedOverview(PendingMigrations service, Duration timeToLive, LongSupplier nanoTime, Clock clock) {
		this.service = service;
		this.timeToLive = timeToLive.toNanos();
		this.nanoTime = nanoTime;
		this.clock = clock;
	}

	/**
	 * Return the latest reading.
	 * @return the reading, or {@code null} while the first one is being made
	 */
	@Nullable Reading get() {
		Reading current = this.reading;
		if (isFresh(current) || !this.lock.tryLock()) {
			return current;
		}
		try {
			current = this.reading;
			if (!isFresh(current)) {
				current = read(current);
				this.reading = current;
			}
			return current;
		}
		finally {
			this.lock.unlock();
		}
	}

	private boolean isFresh(@Nullable Reading reading) {
		return reading != null && this.nanoTime.getAsLong() - reading.nanoTime() < this.timeToLive;
	}

	private Reading read(@Nullable Reading previous) {
		try {
			Overview overview = this.service.overview();
			return new Reading(overview, null, this.nanoTime.getAsLong());
		}
		catch (RuntimeException ex) {
			// A failure is cached as well: a database in trouble is not asked more often
			if (previous == null || previous.failure() == null) {
				logger.warn("The pending migrations of '" + this.service.flywayBean() + "' could not be read: " + ex);
			}
			return new Reading((previous != null) ? previous.overview() : null, ex, this.nanoTime.getAsLong());
		}
	}

	/**
	 * Return how long the oldest of some migrations has been waiting.
	 * @param migrations the migrations
	 * @return the time, zero if there is none
	 */
	Duration oldestAge(List<PendingMigration> migrations) {
		Instant now = this.clock.instant();
		return migrations.stream()
			.map(PendingMigration::firstSeenAt)
			.filter((firstSeenAt) -> firstSeenAt != null && firstSeenAt.isBefore(now))
			.min(Instant::compareTo)
			.map((firstSeenAt) -> Duration.between(firstSeenAt, now))
			.orElse(Duration.ZERO);
	}

	double count(PendingMigrationState state) {
		Overview overview = overview();
		return (overview != null)
				? overview.migrations().stream().filter((migration) -> migration.state() == state).count() : Double.NaN;
	}

	double oldestAgeInSeconds() {
		Overview overview = overview();
		return (overview != null) ? oldestAge(overview.outstanding()).toMillis() / 1000.0 : Double.NaN;
	}

	double instances(boolean current) {
		Overview overview = overview();
		return (overview != null) ? overview.members().stream().filter((member) -> member.knowsAll() == current).count()
				: Double.NaN;
	}

	double activeRuns() {
		Overview overview = overview();
		return (overview == null) ? Double.NaN : (overview.activeRun() != null) ? 1 : 0;
	}

	private @Nullable Overview overview() {
		Reading current = get();
		return (current != null) ? current.overview() : null;
	}

	/**
	 * What was read last.
	 *
	 * @param overview the latest overview that could be read, or {@code null} if none
	 * could
	 * @param failure why the latest attempt failed, or {@code null} if it did not
	 * @param nanoTime when the latest attempt was made
	 */
	record Reading(@Nullable Overview overview, @Nullable RuntimeException failure, long nanoTime) {
	}

}
