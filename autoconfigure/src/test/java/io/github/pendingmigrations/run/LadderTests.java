package io.github.pendingmigrations.run;

import java.time.Duration;
import java.util.List;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.MigrationRun.Blocker;
import io.github.pendingmigrations.run.Sighting.Obstacle;
import io.github.pendingmigrations.run.Sighting.Obstacle.Kind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Ladder}.
 */
class LadderTests {

	/** The first attempt behind the polls, and that of the next round. */
	private static final int FIRST_STEP = 21;

	private static final int NEXT_ROUND = FIRST_STEP + 26;

	private static final Duration SECOND = Duration.ofSeconds(1);

	@Test
	void waitsOnceInARoundUntilAnAutovacuumGivesWayByItself() {
		Ladder ladder = ladder(ExecutionProfile.BALANCED, SECOND, null);
		Sighting autovacuum = seen(Kind.AUTOVACUUM);
		assertThat(wait(ladder, 1, autovacuum)).isEqualTo(Duration.ofMillis(1));
		assertThat(ladder.rung(FIRST_STEP, autovacuum).pause()).isEqualTo(Duration.ofSeconds(13));
		assertThat(wait(ladder, FIRST_STEP + 1, autovacuum)).isEqualTo(Duration.ofMillis(100));
		assertThat(wait(ladder, NEXT_ROUND, autovacuum)).isEqualTo(Duration.ofMillis(1300));
	}

	@Test
	void doesNotWaitSoLongIfThatIsNotNeededOrNoUse() {
		assertThat(wait(ladder(ExecutionProfile.BALANCED, null, null), FIRST_STEP, seen(Kind.AUTOVACUUM)))
			.isEqualTo(Duration.ofMillis(50));
		Ladder ladder = ladder(ExecutionProfile.BALANCED, SECOND, null);
		assertThat(wait(ladder, FIRST_STEP, seen(Kind.AUTOVACUUM, Kind.SESSION))).isEqualTo(Duration.ofMillis(1));
		assertThat(wait(ladder, FIRST_STEP, seen(Kind.WRAPAROUND_VACUUM))).isEqualTo(Duration.ofMillis(1));
		assertThat(wait(ladder, FIRST_STEP, Sighting.CLEAR)).isEqualTo(Duration.ofMillis(50));
	}

	@Test
	void neverWaitsLongerThanWasAllowed() {
		Duration longest = Duration.ofMillis(500);
		assertThat(wait(ladder(ExecutionProfile.BALANCED, SECOND, longest), FIRST_STEP, seen(Kind.AUTOVACUUM)))
			.isEqualTo(Duration.ofMillis(50));
		assertThat(wait(ladder(ExecutionProfile.GENTLE, SECOND, null), FIRST_STEP, seen(Kind.AUTOVACUUM)))
			.isEqualTo(Duration.ofMillis(10));
	}

	@Test
	void neverWaitsForWhatHasBeenInTheWaySinceTheFirstPoll() {
		Ladder ladder = ladder(ExecutionProfile.BALANCED, null, null);
		Sighting transaction = seen(Duration.ofMillis(2600), Kind.SESSION);
		for (int attempt = FIRST_STEP; attempt < NEXT_ROUND; attempt++) {
			assertThat(wait(ladder, attempt, transaction)).isEqualTo(Duration.ofMillis(1));
		}
		assertThat(wait(ladder, FIRST_STEP + 5, seen(Duration.ofMillis(20), Kind.SESSION)))
			.isEqualTo(Duration.ofMillis(500));
	}

	private static Duration wait(Ladder ladder, int attempt, Sighting seen) {
		return ladder.rung(attempt, seen).lockTimeout();
	}

	private static Ladder ladder(ExecutionProfile profile, @Nullable Duration yieldsAfter, @Nullable Duration longest) {
		return new Ladder(LockSchedule.of(DatabaseProduct.POSTGRESQL, profile, longest), (obstacles) -> obstacles,
				() -> yieldsAfter, longest);
	}

	private static Sighting seen(Kind... kinds) {
		return seen(Duration.ofHours(1), kinds);
	}

	private static Sighting seen(Duration age, Kind... kinds) {
		return new Sighting(true,
				List.of(kinds)
					.stream()
					.map((kind) -> new Obstacle(new Blocker(1, null, null, null, age, null), kind, ""))
					.toList(),
				true, 0, Duration.ZERO);
	}

}
