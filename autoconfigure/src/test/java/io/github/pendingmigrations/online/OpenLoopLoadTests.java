package io.github.pendingmigrations.online;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import io.github.pendingmigrations.online.OpenLoopLoad.Client;
import io.github.pendingmigrations.online.OpenLoopLoad.Issued;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The measuring instrument itself.
 */
@Isolated
class OpenLoopLoadTests {

	private static final long MILLI = Duration.ofMillis(1).toNanos();

	@Test
	void stallIsFeltByEverythingThatWasDueMeanwhile() {
		ReentrantLock table = new ReentrantLock();
		Client client = (number) -> {
			table.lock();
			table.unlock();
		};
		table.lock();
		// Two clients only: the others that are due wait for them, and that counts.
		OpenLoopLoad load = OpenLoopLoad.start("test", 100, Collections.nCopies(2, client));
		LockSupport.parkNanos(400 * MILLI);
		table.unlock();
		Observations observations = load.stop();
		assertThat(observations.worst()).isGreaterThanOrEqualTo(Duration.ofMillis(390));
		assertThat(observations.silence()).isGreaterThanOrEqualTo(Duration.ofMillis(390));
		assertThat(observations.stalled()).isGreaterThanOrEqualTo(Duration.ofMillis(390));
		assertThat(observations.issued()).filteredOn((statement) -> statement.latency() > 100 * MILLI)
			.hasSizeGreaterThanOrEqualTo(28);
	}

	@Test
	void errorIsRecordedAndTheLoadGoesOn() {
		OpenLoopLoad load = OpenLoopLoad.start("test", 500, List.of((number) -> {
			if (number == 3) {
				throw new IllegalStateException("broken");
			}
		}));
		LockSupport.parkNanos(100 * MILLI);
		Observations observations = load.stop();
		assertThat(observations.errors()).singleElement().asString().contains("broken");
		assertThat(observations.count()).isGreaterThan(10);
	}

	@Test
	void stalledTimeIsAUnion() {
		Observations observations = new Observations(
				List.of(at(100, 180), at(120, 200), at(150, 160), at(300, 400), at(10, 20)), 0, 1000 * MILLI);
		assertThat(observations.stalled()).isEqualTo(Duration.ofMillis(200));
		assertThat(observations.worst()).isEqualTo(Duration.ofMillis(100));
		assertThat(observations.silence()).isEqualTo(Duration.ofMillis(600));
	}

	@Test
	void windowTakesWhatWasUnderWayInIt() {
		Observations observations = new Observations(List.of(at(0, 10), at(90, 110), at(95, 400), at(500, 510)), 0,
				1000 * MILLI)
			.between(100 * MILLI, 300 * MILLI);
		assertThat(observations.count()).isEqualTo(2);
		assertThat(observations.worst()).isEqualTo(Duration.ofMillis(305));
		assertThat(observations.stalled()).isEqualTo(Duration.ofMillis(200));
		assertThat(observations.silence()).isEqualTo(Duration.ofMillis(190));
	}

	private static Issued at(long due, long ended) {
		return new Issued(due * MILLI, null, ended * MILLI);
	}

}
