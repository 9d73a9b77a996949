package io.github.pendingmigrations.run;

import java.time.Duration;

import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.MigrationRunRepository.Retention;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;

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

	private int removeSome() {
		try {
			int removed = this.runs.removeOld(this.retention, BATCH);
			logger.debug(removed + " old runs were removed");
			return removed;
		}
		catch (DataAccessException ex) {
			logger.warn("Old runs could not be removed, which is tried again later: " + ex);
			return 0;
		}
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
			// The next batch comes with the next beat, unless this one fails: runs come
			// before the removal of old ones.
			this.inTurn = false;
			this.inTurn = removeSome() == BATCH;
		}
	}

}
