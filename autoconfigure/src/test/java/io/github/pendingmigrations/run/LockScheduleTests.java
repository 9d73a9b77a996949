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
		for (ExecutionProfile profile : ExecutionProfile.values()) {
			LockSchedule schedule = LockSchedule.of(product, profile, null);
			assertThat(IntStream.rangeClosed(1, 100).mapToObj(schedule::rung)).allSatisfy((rung) -> {
				Duration pause = rung.pauseAfter(Duration.ZERO);
				assertThat(rung.pause()).isGreaterThanOrEqualTo(rung.lockTimeout().multipliedBy(10));
				assertThat(pause).isBetween(rung.pause(), rung.pause().multipliedBy(5).dividedBy(4));
				assertThat(rung.pauseAfter(rung.lockTimeout()))
					.isGreaterThanOrEqualTo(rung.lockTimeout().multipliedBy(10));
			});
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRESQL", "MARIADB" })
	void schedulePollsFirstAndThenClimbsForATableThatIsNeverIdle(DatabaseProduct product) {
		LockSchedule schedule = LockSchedule.of(product, ExecutionProfile.BALANCED, null);
		assertThat(IntStream.rangeClosed(1, 20).mapToObj(schedule::rung)).extracting(Rung::lockTimeout)
			.allSatisfy((timeout) -> assertThat(timeout).isLessThanOrEqualTo(Duration.ofMillis(1)));
		assertThat(schedule.rung(21).lockTimeout()).isEqualTo(schedule.firstStep().lockTimeout())
			.isEqualTo(Duration.ofMillis((product == DatabaseProduct.POSTGRESQL) ? 50 : 20));
	}

	@ParameterizedTest
	@EnumSource
	void noWaitIsLongerThanTheLimit(DatabaseProduct product) {
		LockSchedule schedule = LockSchedule.of(product, ExecutionProfile.FIRM, Duration.ofMillis(75));
		assertThat(IntStream.rangeClosed(1, 100).mapToObj(schedule::rung)).extracting(Rung::lockTimeout)
			.allSatisfy((timeout) -> assertThat(timeout).isLessThanOrEqualTo(Duration.ofMillis(75)));
	}

}
