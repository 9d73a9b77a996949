package io.github.pendingmigrations.actuate;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.actuate.CachedOverview.Reading;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CachedOverview}.
 */
class CachedOverviewTests {

	private final FakePendingMigrations service = new FakePendingMigrations("flyway").reset();

	private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE);

	private final CachedOverview cached = cache(this.service);

	@Test
	void databaseIsReadOncePerTimeToLive() {
		assertThat(this.cached.get()).isSameAs(this.cached.get());
		assertThat(this.service.overviews()).isOne();
		pass(Duration.ofMillis(4999));
		this.cached.get();
		assertThat(this.service.overviews()).isOne();
		pass(Duration.ofMillis(1));
		this.cached.get();
		assertThat(this.service.overviews()).isEqualTo(2);
	}

	@Test
	void valuesAreNotANumberUntilTheDatabaseCouldBeRead() {
		this.service.failWith(new IllegalStateException());
		assertThat(this.cached.count(PendingMigrationState.READY)).isNaN();
		assertThat(this.cached.oldestAgeInSeconds()).isNaN();
		assertThat(this.cached.activeRuns()).isNaN();
		assertThat(this.service.calls()).isOne();
	}

	@Test
	void valuesAreKeptWhileTheDatabaseCannotBeRead() {
		assertThat(this.cached.count(PendingMigrationState.READY)).isOne();
		this.service.failWith(new IllegalStateException());
		pass(Duration.ofSeconds(5));
		assertThat(this.cached.count(PendingMigrationState.READY)).isOne();
		Reading reading = this.cached.get();
		assertThat(reading).isNotNull();
		assertThat(reading.failure()).isInstanceOf(IllegalStateException.class);
		assertThat(reading.overview()).isNotNull();
		this.service.failWith(null);
		this.service.add(FakePendingMigrations.migration("7", PendingMigrationState.READY));
		pass(Duration.ofSeconds(5));
		assertThat(this.cached.count(PendingMigrationState.READY)).isEqualTo(2);
	}

	@Test
	void othersDoNotWaitForTheOneThatReads() throws Exception {
		CountDownLatch reading = new CountDownLatch(1);
		CountDownLatch answer = new CountDownLatch(1);
		CachedOverview slow = cache(new FakePendingMigrations("flyway") {

			@Override
			public Overview overview() {
				reading.countDown();
				await(answer);
				return super.overview();
			}

		});
		Thread reader = new Thread(slow::get);
		reader.start();
		await(reading);
		assertThat(slow.get()).isNull();
		assertThat(slow.activeRuns()).isNaN();
		answer.countDown();
		reader.join();
		assertThat(slow.activeRuns()).isZero();
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private CachedOverview cache(FakePendingMigrations service) {
		return new CachedOverview(service, Duration.ofSeconds(5), this.nanoTime::get, Clock.systemUTC());
	}

	private void pass(Duration duration) {
		this.nanoTime.addAndGet(duration.toNanos());
	}

}
