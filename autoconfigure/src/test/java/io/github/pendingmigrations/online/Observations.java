package io.github.pendingmigrations.online;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;

import io.github.pendingmigrations.online.OpenLoopLoad.Issued;

/**
 * What a load saw in a window of time. Nothing is sampled, and there are maxima only: a
 * percentile cannot prove that nobody waited.
 *
 * @param issued what was issued
 * @param from the begin of the window, in the nanoseconds of the JVM
 * @param to its end
 */
record Observations(List<Issued> issued, long from, long to) {

	/** From when on a statement counts as stalled. */
	static final Duration STALL = Duration.ofMillis(50);

	/**
	 * Narrow the window to what was under way in a part of it.
	 * @param begin the begin of the part
	 * @param end its end
	 * @return what was seen in it
	 */
	Observations between(long begin, long end) {
		return new Observations(this.issued.stream()
			.filter((statement) -> statement.ended() - begin >= 0 && end - statement.due() > 0)
			.toList(), begin, end);
	}

	int count() {
		return this.issued.size();
	}

	/**
	 * Return how long the slowest one took, from the time at which it was due.
	 * @return the maximum
	 */
	Duration worst() {
		return Duration.ofNanos(this.issued.stream().mapToLong(Issued::latency).max().orElse(0));
	}

	/**
	 * Return for how long at least one was stalled: the union of the intervals of those
	 * that took longer than {@link #STALL}.
	 * @return the total
	 */
	Duration stalled() {
		long total = 0;
		long covered = this.from;
		List<Issued> slow = this.issued.stream()
			.filter((statement) -> statement.latency() > STALL.toNanos())
			.sorted(Comparator.comparingLong((statement) -> statement.due() - this.from))
			.toList();
		for (Issued statement : slow) {
			long begin = Math.max(0, statement.due() - covered);
			long end = Math.min(statement.ended() - covered, this.to - covered);
			if (end > begin) {
				total += end - begin;
				covered += end;
			}
		}
		return Duration.ofNanos(total);
	}

	/**
	 * Return the longest time in which no answer came at all.
	 * @return the silence
	 */
	Duration silence() {
		long longest = 0;
		long last = this.from;
		for (long ended : this.issued.stream()
			.mapToLong((statement) -> Math.min(statement.ended() - this.from, this.to - this.from))
			.sorted()
			.toArray()) {
			longest = Math.max(longest, this.from + ended - last);
			last = this.from + ended;
		}
		return Duration.ofNanos(Math.max(longest, this.to - last));
	}

	List<String> errors() {
		return this.issued.stream()
			.map(Issued::error)
			.filter((error) -> error != null)
			.map((error) -> String.valueOf(error))
			.toList();
	}

}
