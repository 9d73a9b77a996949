package io.github.pendingmigrations.command;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Blocker;
import io.github.pendingmigrations.MigrationRun.Hold;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.PendingMigrations;

/**
 * Waits for the end of a run, and says how it gets on.
 */
final class RunFollower {

	private static final Duration INTERVAL = Duration.ofMillis(250);

	/** How often to repeat what changes all the time, such as the number of attempts. */
	private static final Duration REPETITION = Duration.ofSeconds(10);

	/** A database may be away for a while, and a run outlives that. */
	private static final Duration PATIENCE = Duration.ofMinutes(5);

	private final CountDownLatch stopped = new CountDownLatch(1);

	/**
	 * Wait no longer.
	 */
	void stop() {
		this.stopped.countDown();
	}

	/**
	 * Wait.
	 * @param service the service that has the run
	 * @param run the run
	 * @param progress where to write how it gets on
	 * @return the run: it has ended, unless a person holds it or this process is asked to
	 * stop
	 */
	MigrationRun follow(PendingMigrations service, MigrationRun run, PrintStream progress) {
		MigrationRun known = run;
		Said said = Said.NOTHING;
		boolean last = false;
		while (true) {
			known = read(service, known, progress);
			said = said.say(known, progress);
			// Nobody knows when a person comes back who holds it
			if (last || !known.status().isActive() || known.isHeldByPerson()) {
				return known;
			}
			last = pause();
		}
	}

	private boolean pause() {
		try {
			return this.stopped.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return true;
		}
	}

	@SuppressWarnings("IllegalCatch")
	private MigrationRun read(PendingMigrations service, MigrationRun known, PrintStream progress) {
		UUID id = known.id();
		long since = System.nanoTime();
		boolean said = false;
		while (true) {
			try {
				return service.run(id).orElse(known);
			}
			catch (RuntimeException ex) {
				if (System.nanoTime() - since > PATIENCE.toNanos()) {
					throw ex;
				}
				if (!said) {
					progress.println("Run " + id + ": the database cannot be asked now: " + ex.getMessage());
					said = true;
				}
				if (pause()) {
					return known;
				}
			}
		}
	}

	private static String describe(MigrationRun run) {
		StringBuilder line = new StringBuilder("Run ").append(run.id()).append(": ").append(run.status());
		Position position = run.position();
		if (position.version() != null && run.status().isActive()) {
			line.append(" P").append(position.version());
			if (position.statement() > 0) {
				line.append(" statement ").append(position.statement()).append(" of ").append(position.statements());
			}
			if (position.attempt() > 1) {
				line.append(", attempt ").append(position.attempt());
			}
		}
		if (run.phase() != null) {
			line.append(", ").append(run.phase().name().toLowerCase(Locale.ROOT).replace('_', ' '));
		}
		Hold hold = run.hold();
		if (hold != null) {
			line.append(", held: ").append(hold.reason());
			if (hold.until() != null) {
				line.append(" Until ").append(hold.until()).append('.');
			}
		}
		if (!run.contention().blockers().isEmpty()) {
			line.append("; in the way: ")
				.append(run.contention()
					.blockers()
					.stream()
					.map(RunFollower::describe)
					.collect(Collectors.joining(", ")));
		}
		return line.toString();
	}

	private static String describe(Blocker blocker) {
		StringBuilder text = new StringBuilder("session ").append(blocker.session());
		if (blocker.user() != null) {
			text.append(" of ").append(blocker.user());
		}
		if (blocker.application() != null) {
			text.append(" (").append(blocker.application()).append(')');
		}
		return (blocker.state() != null) ? text.append(' ').append(blocker.state()).toString() : text.toString();
	}

	/**
	 * What was written last.
	 *
	 * @param key what of it is worth a line at once, if it changes
	 * @param line the line
	 * @param nanos when
	 */
	private record Said(String key, String line, long nanos) {

		static final Said NOTHING = new Said("", "", 0);

		Said say(MigrationRun run, PrintStream progress) {
			String key = run.status() + " " + run.position().version() + " " + run.position().statement() + " "
					+ run.hold() + " " + run.contention().blockers().isEmpty();
			String line = describe(run);
			boolean due = System.nanoTime() - this.nanos > REPETITION.toNanos();
			if (key.equals(this.key) && (!due || line.equals(this.line))) {
				return this;
			}
			progress.println(line);
			return new Said(key, line, System.nanoTime());
		}

	}

}
