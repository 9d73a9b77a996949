package io.github.pendingmigrations.online;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * A load that the clock issues, whatever becomes of what was issued before: request
 * <em>n</em> is due at a fixed time and its latency counts from that time, also while it
 * waits because every connection is stuck. A load of clients that wait for their answers
 * issues nothing during a stall and so hides it.
 */
final class OpenLoopLoad implements AutoCloseable {

	private static final Duration END = Duration.ofSeconds(60);

	private final long start = System.nanoTime();

	private final long interval;

	private final AtomicLong next = new AtomicLong();

	private final Queue<Issued> issued = new ConcurrentLinkedQueue<>();

	private final List<Thread> threads = new ArrayList<>();

	private volatile long stopAt = Long.MAX_VALUE;

	private OpenLoopLoad(int perSecond) {
		this.interval = Duration.ofSeconds(1).toNanos() / perSecond;
	}

	/**
	 * Start a load.
	 * @param name the name of its threads
	 * @param perSecond how many requests are due each second, evenly spread
	 * @param clients those who issue them, each one at a time: as many as may be stuck at
	 * once without delaying the others
	 * @return the load
	 */
	static OpenLoopLoad start(String name, int perSecond, List<? extends Client> clients) {
		OpenLoopLoad load = new OpenLoopLoad(perSecond);
		for (Client client : clients) {
			Thread thread = new Thread(() -> load.run(client), name + "-" + load.threads.size());
			thread.setDaemon(true);
			load.threads.add(thread);
		}
		load.threads.forEach(Thread::start);
		return load;
	}

	/**
	 * Issue nothing more and wait for what is under way.
	 * @return all that was issued
	 */
	Observations stop() {
		if (this.stopAt == Long.MAX_VALUE) {
			this.stopAt = System.nanoTime();
		}
		for (Thread thread : this.threads) {
			try {
				thread.join(END.toMillis());
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IllegalStateException(ex);
			}
			if (thread.isAlive()) {
				throw new IllegalStateException(thread.getName() + " is stuck");
			}
		}
		return new Observations(List.copyOf(this.issued), this.start, this.stopAt);
	}

	@Override
	public void close() {
		stop();
	}

	private void run(Client client) {
		try (client) {
			while (true) {
				long number = this.next.getAndIncrement();
				long due = this.start + number * this.interval;
				if (!await(due)) {
					return;
				}
				this.issued.add(new Issued(due, issue(client, number), System.nanoTime()));
			}
		}
	}

	private boolean await(long due) {
		long left = due - System.nanoTime();
		while (left > 0 && due < this.stopAt) {
			LockSupport.parkNanos(left);
			left = due - System.nanoTime();
		}
		return due < this.stopAt;
	}

	@SuppressWarnings("IllegalCatch")
	private static @Nullable String issue(Client client, long number) {
		try {
			client.issue(number);
			return null;
		}
		catch (Exception ex) {
			return ex.toString();
		}
	}

	/**
	 * Issues requests one at a time.
	 */
	interface Client extends AutoCloseable {

		/**
		 * Issue a request and wait for its answer.
		 * @param number the number of the request in its load
		 * @throws Exception if there is no good answer
		 */
		void issue(long number) throws Exception;

		@Override
		default void close() {
		}

	}

	/**
	 * What was issued.
	 *
	 * @param due when it was due, in the nanoseconds of the JVM
	 * @param error what went wrong, or {@code null}
	 * @param ended when the answer was there
	 */
	record Issued(long due, @Nullable String error, long ended) {

		long latency() {
			return this.ended - this.due;
		}

	}

}
