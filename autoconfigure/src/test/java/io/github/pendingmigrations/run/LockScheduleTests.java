package io.github.pendingmigrations.run;

import java.time.Duration;
import java.util.stream.IntStream;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.run.LockSchedule.Rung;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LockSchedule}.
 */
class LockScheduleTests {

	@ParameterizedTest
	@EnumSource
	void everyPauseIsAtLeastTenTimesTheWaitBeforeIt(DatabaseProduct product) {
		LockSchedule schedule = LockSchedule.of(product);
		assertThat(IntStream.rangeClosed(1, 100).mapToObj(schedule::rung)).allSatisfy((rung) -> {
			assertThat(rung.pause()).isGreaterThanOrEqualTo(rung.lockTimeout().multipliedBy(10));
			assertThat(rung.jitteredPause()).isBetween(rung.pause(), rung.pause().multipliedBy(5).dividedBy(4));
		});
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRESQL", "MARIADB" })
	void schedulePollsFirstAndThenClimbsForATableThatIsNeverIdle(DatabaseProduct product) {
		LockSchedule schedule = LockSchedule.of(product);
		assertThat(IntStream.rangeClosed(1, 20).mapToObj(schedule::rung)).extracting(Rung::lockTimeout)
			.allSatisfy((timeout) -> assertThat(timeout).isLessThanOrEqualTo(Duration.ofMillis(1)));
		assertThat(schedule.rung(21).lockTimeout()).isGreaterThanOrEqualTo(Duration.ofMillis(50));
	}

}
