package io.github.pendingmigrations.run;

import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Lets the outside world stop a run: a person, the loss of the lease, or a shutdown.
 */
class RunMonitor {

	private static final Log logger = LogFactory.getLog(RunMonitor.class);

	private static final Duration DRIVER_GRACE = Duration.ofSeconds(1);

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition stopped = this.lock.newCondition();

	private volatile @Nullable Stop stop;

	private volatile Runnable tick = () -> {
	};

	private volatile @Nullable Long deadline;

	private volatile @Nullable Long windowEnd;

	private @Nullable Statement executing;

	private volatile @Nullable Long overdue;

	private boolean limited = true;

	/** Whether the statement that executes waits for a lock, as far as that was seen. */
	private boolean waiting;

	private boolean force;

	/**
	 * Create a monitor of something without a deadline.
	 */
	RunMonitor() {
		this.deadline = null;
	}

	/**
	 * Create a monitor.
	 * @param deadline after what time from now the run gives up
	 */
	RunMonitor(Duration deadline) {
		this.deadline = System.nanoTime() + deadline.toNanos();
	}

	/**
	 * Ask the run to stop where it can: between two statements, and at once where one
	 * waits for a lock. One that works goes on.
	 * @param reason the reason; a stronger one is never replaced by a weaker one
	 */
	void stop(Stop reason) {
		this.lock.lock();
		try {
			Stop before = this.stop;
			if (before == null || before.compareTo(reason) < 0) {
				this.stop = reason;
			}
			this.stopped.signalAll();
			cancelIfAllowed();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Cancel the run although a statement works.
	 */
	void forceCancel() {
		this.lock.lock();
		try {
			this.force = true;
			stop(Stop.CANCELLED);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Take back that the run is to be held.
	 */
	void goOn() {
		this.lock.lock();
		try {
			if (this.stop == Stop.HELD) {
				this.stop = null;
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Note whether the statement that executes waits for a lock.
	 * @param sighting what was seen
	 */
	void saw(Sighting sighting) {
		this.lock.lock();
		try {
			this.waiting = sighting.waiting();
			cancelIfAllowed();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void cancelIfAllowed() {
		Stop reason = this.stop;
		if (reason == null || reason == Stop.SHUTDOWN) {
			return;
		}
		boolean outOfTime = reason == Stop.DEADLINE || reason == Stop.LEASE_LOST;
		// A limited wait is over in a moment, and is better not mistaken for an error.
		if (this.force || (!this.limited && (this.waiting || outOfTime))) {
			cancelStatement();
		}
	}

	/**
	 * Cancel the statement that executes, if there is one.
	 */
	void cancelStatement() {
		this.lock.lock();
		try {
			if (this.executing != null) {
				this.executing.cancel();
			}
		}
		catch (SQLException ex) {
			// The statement ended by itself meanwhile; or it could not be cancelled now,
			// as
			// where that takes another connection, and the next tick tries again.
			logger.debug("A statement could not be cancelled", ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Return whether the run has had all its time.
	 * @return {@code true} if the deadline has passed
	 */
	boolean isPastDeadline() {
		Long end = this.deadline;
		return end != null && System.nanoTime() - end > 0;
	}

	/**
	 * Let the deadline begin anew, because the run has got somewhere.
	 * @param deadline after what time from now the run gives up
	 */
	void restartDeadline(Duration deadline) {
		this.deadline = System.nanoTime() + deadline.toNanos();
	}

	/**
	 * Say when the window of the migration closes.
	 * @param duration after what time from now, or {@code null} if it does not
	 */
	void closeWindowAfter(@Nullable Duration duration) {
		this.windowEnd = (duration != null) ? System.nanoTime() + duration.toNanos() : null;
	}

	boolean isWindowClosed() {
		Long end = this.windowEnd;
		return end != null && System.nanoTime() - end >= 0;
	}

	/**
	 * Return why the run should stop.
	 * @return the reason, or {@code null} if it should go on
	 */
	@Nullable Stop stopRequested() {
		return this.stop;
	}

	/**
	 * Wait, unless the run should stop.
	 * @param duration how long
	 * @return {@code true} if the whole time passed
	 */
	boolean pause(Duration duration) {
		long nanos = duration.toNanos();
		this.lock.lock();
		try {
			while (this.stop == null && nanos > 0) {
				nanos = this.stopped.awaitNanos(nanos);
			}
			return this.stop == null;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			this.stop = Stop.SHUTDOWN;
			return false;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Execute a statement so that it can be cancelled.
	 * @param statement the statement
	 * @param sql what to execute
	 * @param limited whether the database limits it
	 * @param work how long the driver is to let it take; not every driver does as it is
	 * told, so it is cancelled a second later
	 * @throws SQLException if it fails
	 */
	void execute(Statement statement, String sql, boolean limited, Wait work) throws SQLException {
		track(statement, limited);
		this.overdue = work.isUnlimited() ? null : System.nanoTime() + work.limit().plus(DRIVER_GRACE).toNanos();
		try {
			statement.execute(sql);
		}
		finally {
			track(null, true);
		}
	}

	private void track(@Nullable Statement statement, boolean limited) {
		this.lock.lock();
		try {
			this.executing = statement;
			this.overdue = null;
			this.limited = limited;
			this.waiting = false;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Say what to do about once a second while the run goes on.
	 * @param tick what to do
	 */
	void onTick(Runnable tick) {
		this.tick = tick;
	}

	/**
	 * Do what is to be done about once a second. That cancels again, since a statement
	 * may have been about to start when it was cancelled.
	 */
	void tick() {
		this.lock.lock();
		try {
			if (this.stop == null && !this.limited && this.executing != null && isPastDeadline()) {
				this.stop = Stop.DEADLINE;
			}
			cancelIfAllowed();
			Long end = this.overdue;
			if (end != null && System.nanoTime() - end > 0) {
				cancelStatement();
			}
		}
		finally {
			this.lock.unlock();
		}
		this.tick.run();
	}

	static Duration since(long startNanos) {
		return Duration.ofMillis(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
	}

	/**
	 * Why a run should stop, the weakest reason first.
	 */
	enum Stop {

		/** A person wants it to wait. */
		HELD,

		/** The application shuts down. */
		SHUTDOWN,

		/** A person asked for it. */
		CANCELLED,

		/** A statement without limits has had all the time of the run. */
		DEADLINE,

		/** Somebody else may have the run by now. */
		LEASE_LOST

	}

}
