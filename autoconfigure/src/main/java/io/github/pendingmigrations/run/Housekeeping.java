package io.github.pendingmigrations.run;

import java.time.Duration;

import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.MigrationRunRepository.Retention;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Removes old runs now and then, a few at a time, on one of the instances.
 */
class Housekeeping {

	private static final Log logger = LogFactory.getLog(Housekeeping.class);

	private static final Duration INTERVAL = Duration.ofHours(1);

	/** How many runs are removed in one transaction. */
	private static final int BATCH = 100;

	private final MigrationRunRepository runs;

	private final Retention retention;

	private @Nullable Long lastLook;

	private boolean inTurn;

	Housekeeping(MigrationRunRepository runs, Retention retention) {
		this.runs = runs;
		this.retention = retention;
	}

	/**
	 * Remove some old runs, if it is time for that. Costs nothing otherwise.
	 */
	void work() {
		if (!this.inTurn) {
			Long last = this.lastLook;
			if (last != null && System.nanoTime() - last < INTERVAL.toNanos()) {
				return;
			}
			this.inTurn = this.runs.takeTurnToRemove(INTERVAL);
			this.lastLook = System.nanoTime();
		}
		if (this.inTurn) {
			int removed = this.runs.removeOld(this.retention, BATCH);
			logger.debug(removed + " old runs were removed");
			// The next batch comes with the next beat.
			this.inTurn = removed == BATCH;
		}
	}

}
