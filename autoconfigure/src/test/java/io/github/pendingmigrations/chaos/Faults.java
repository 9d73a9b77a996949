package io.github.pendingmigrations.chaos;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Counts how often each kind of fault was injected, and how often it hit what it was
 * meant for. A suite whose faults miss proves nothing.
 */
final class Faults {

	private static final int MOST_AGAIN = 3;

	private final String title;

	private final Map<String, Count> counts = Collections.synchronizedMap(new TreeMap<>());

	Faults(String title) {
		this.title = title;
	}

	/**
	 * Inject a fault, and again while none of its kind has hit: what a run does at which
	 * call can differ by a few from the run before.
	 * @param fault the kind of fault
	 * @param injection injects it and counts that
	 */
	void untilHit(String fault, Runnable injection) {
		injection.run();
		for (int again = 0; again < MOST_AGAIN && hits(fault) == 0; again++) {
			injection.run();
		}
	}

	void injected(String fault, boolean hit) {
		this.counts.merge(fault, new Count(1, hit ? 1 : 0), Count::plus);
	}

	void injected(String fault, int times) {
		this.counts.merge(fault, new Count(times, times), Count::plus);
	}

	int hits(String fault) {
		return this.counts.getOrDefault(fault, new Count(0, 0)).hit();
	}

	/**
	 * Print the report and make sure that no kind of fault has always missed.
	 */
	void report() {
		StringBuilder report = new StringBuilder("%n%s%n".formatted(this.title));
		this.counts.forEach((fault, count) -> report
			.append("  %-60s injected %4d, hit %4d%n".formatted(fault, count.injected(), count.hit())));
		System.out.print(report);
		assertThat(this.counts).as("faults of %s", this.title)
			.isNotEmpty()
			.allSatisfy((fault, count) -> assertThat(count.hit()).as(fault).isPositive());
	}

	/**
	 * How often.
	 *
	 * @param injected how often it was injected
	 * @param hit how often it hit
	 */
	record Count(int injected, int hit) {

		private Count plus(Count other) {
			return new Count(this.injected + other.injected, this.hit + other.hit);
		}

	}

}
