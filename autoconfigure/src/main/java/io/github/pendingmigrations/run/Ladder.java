package io.github.pendingmigrations.run;

import java.time.Duration;
import java.util.List;

import io.github.pendingmigrations.run.LockSchedule.Rung;
import io.github.pendingmigrations.run.Sighting.Obstacle;
import io.github.pendingmigrations.run.Sighting.Obstacle.Kind;

/**
 * Climbs a {@link LockSchedule} only where that can help: to wait longer for a
 * transaction that has been open for long gets no lock and stalls the application.
 */
class Ladder {

	/** A transaction that is so many times older than the wait will outlast it. */
	private static final int OLD = 10;

	/**
	 * Where the database does not say who stands in the way, an old transaction may have
	 * nothing to do with it: so wait in earnest after this many rounds.
	 */
	private static final int ROUNDS_OF_DOUBT = 4;

	private final LockSchedule schedule;

	private final ContentionSampler sampler;

	Ladder(LockSchedule schedule, ContentionSampler sampler) {
		this.schedule = schedule;
		this.sampler = sampler;
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
		List<Obstacle> obstacles = this.sampler.stillThere(last.obstacles());
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

}
