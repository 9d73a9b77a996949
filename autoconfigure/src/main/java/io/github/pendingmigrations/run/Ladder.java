package io.github.pendingmigrations.run;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

import io.github.pendingmigrations.run.LockSchedule.Rung;
import io.github.pendingmigrations.run.Sighting.Obstacle;
import io.github.pendingmigrations.run.Sighting.Obstacle.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Climbs a {@link LockSchedule} only where that can help: to wait longer for a
 * transaction that has been open for long gets no lock and stalls the application.
 */
class Ladder {

	/** Everybody who asks for the table waits for so long, too. */
	private static final Duration LONGEST_EVICTION = Duration.ofSeconds(2);

	/**
	 * A transaction that is so many times older than the wait will outlast it. Whatever
	 * has been in the way since the first poll is that old for every wait of the balanced
	 * ladder.
	 */
	private static final int OLD = 5;

	/**
	 * Where the database does not say who stands in the way, an old transaction may have
	 * nothing to do with it: so wait in earnest after this many rounds, which is half a
	 * minute.
	 */
	private static final int ROUNDS_OF_DOUBT = 10;

	/** How much longer to wait than until an autovacuum gives way. */
	private static final Duration MARGIN = Duration.ofMillis(300);

	private final LockSchedule schedule;

	private final UnaryOperator<List<Obstacle>> stillThere;

	private final Supplier<@Nullable Duration> autovacuumYieldsAfter;

	private final @Nullable Duration longest;

	/** In how many rounds it has waited for an autovacuum to give way. */
	private int evictions;

	/**
	 * Create a ladder.
	 * @param schedule the schedule
	 * @param stillThere says which of some obstacles are still there
	 * @param autovacuumYieldsAfter says how long somebody has to wait until an ordinary
	 * autovacuum gives way, or {@code null} if that is a matter of milliseconds
	 * @param longest the longest wait that is allowed, or {@code null} if nobody has said
	 */
	Ladder(LockSchedule schedule, UnaryOperator<List<Obstacle>> stillThere,
			Supplier<@Nullable Duration> autovacuumYieldsAfter, @Nullable Duration longest) {
		this.schedule = schedule;
		this.stillThere = stillThere;
		this.autovacuumYieldsAfter = autovacuumYieldsAfter;
		this.longest = longest;
	}

	/**
	 * Return what the next attempt may do.
	 * @param attempt its number, counted from 1
	 * @param last what was seen last
	 * @return its rung
	 */
	Rung rung(int attempt, Sighting last) {
		Rung rung = this.schedule.rung(attempt);
		if (rung.lockTimeout().compareTo(this.schedule.poll().lockTimeout()) <= 0) {
			return rung;
		}
		List<Obstacle> obstacles = this.stillThere.apply(last.obstacles());
		Rung eviction = eviction(attempt, last, obstacles);
		if (eviction != null) {
			return eviction;
		}
		Duration old = rung.lockTimeout().multipliedBy(OLD);
		boolean futile = obstacles.stream()
			.anyMatch((obstacle) -> obstacle.kind() != Kind.AUTOVACUUM && obstacle.isOlderThan(old));
		if (!futile) {
			return rung;
		}
		if (!last.exact()
				&& (this.schedule.roundsBefore(attempt) >= ROUNDS_OF_DOUBT || rung.equals(this.schedule.firstStep()))) {
			return rung;
		}
		return this.schedule.poll();
	}

	/**
	 * Once in a round, wait long enough for an autovacuum to give way, if nobody else is
	 * in the way.
	 */
	private @Nullable Rung eviction(int attempt, Sighting last, List<Obstacle> obstacles) {
		Duration yields = this.autovacuumYieldsAfter.get();
		int round = this.schedule.roundsBefore(attempt) + 1;
		boolean alone = last.exact() && !obstacles.isEmpty() && obstacles.size() == last.obstacles().size()
				&& obstacles.stream().allMatch((obstacle) -> obstacle.kind() == Kind.AUTOVACUUM);
		if (yields == null || !alone || round <= this.evictions) {
			return null;
		}
		Duration wait = yields.plus(MARGIN);
		if (wait.compareTo((this.longest != null) ? this.longest : LONGEST_EVICTION) > 0) {
			return null;
		}
		this.evictions = round;
		return Rung.waiting(wait);
	}

}
