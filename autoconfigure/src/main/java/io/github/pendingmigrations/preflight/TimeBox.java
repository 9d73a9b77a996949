package io.github.pendingmigrations.preflight;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Gives work a limited time on another thread, so that a database which does not answer
 * takes no more of the caller's.
 */
final class TimeBox {

	private static final int THREADS = 2;

	private static final int WAITING = 16;

	private final Duration budget;

	private final ThreadPoolExecutor executor;

	TimeBox(Duration budget) {
		this.budget = budget;
		this.executor = new ThreadPoolExecutor(THREADS, THREADS, 10, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(WAITING), (work) -> {
					Thread thread = new Thread(work, "pending-migrations-preflight");
					thread.setDaemon(true);
					return thread;
				});
		this.executor.allowCoreThreadTimeOut(true);
	}

	/**
	 * Do work, or as much of it as is possible in time.
	 * @param work the work, which puts its connections on the leash
	 * @return whether it ended in time
	 */
	boolean run(Consumer<Leash> work) {
		Leash leash = new Leash();
		Future<?> future;
		try {
			future = this.executor.submit(() -> work.accept(leash));
		}
		catch (RejectedExecutionException ex) {
			return false;
		}
		try {
			future.get(this.budget.toMillis(), TimeUnit.MILLISECONDS);
			return true;
		}
		catch (TimeoutException ex) {
			stop(future, leash);
			return false;
		}
		catch (InterruptedException ex) {
			stop(future, leash);
			Thread.currentThread().interrupt();
			return false;
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof RuntimeException failure) {
				throw failure;
			}
			throw new IllegalStateException(ex.getCause());
		}
	}

	private void stop(Future<?> future, Leash leash) {
		leash.cut();
		// Interrupts the wait for a connection of a pool
		future.cancel(true);
		this.executor.purge();
	}

}
