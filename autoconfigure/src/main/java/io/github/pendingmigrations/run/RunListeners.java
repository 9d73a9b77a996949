package io.github.pendingmigrations.run;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.PendingScript;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Tells several listeners, and keeps what one throws away from the others and from the
 * run.
 */
class RunListeners implements RunListener {

	private static final Log logger = LogFactory.getLog(RunListeners.class);

	private final Supplier<Stream<RunListener>> listeners;

	RunListeners(Supplier<Stream<RunListener>> listeners) {
		this.listeners = listeners;
	}

	@Override
	public void onDetected(String flywayBean, PendingScript script) {
		tell((listener) -> listener.onDetected(flywayBean, script));
	}

	@Override
	public void onRequested(String flywayBean, MigrationRun run) {
		tell((listener) -> listener.onRequested(flywayBean, run));
	}

	@Override
	public void onStarted(String flywayBean, MigrationRun run) {
		tell((listener) -> listener.onStarted(flywayBean, run));
	}

	@Override
	public void onAttemptFailed(String flywayBean, MigrationRun run, Position position, String outcome) {
		tell((listener) -> listener.onAttemptFailed(flywayBean, run, position, outcome));
	}

	@Override
	public void onInterrupted(String flywayBean, MigrationRun run) {
		tell((listener) -> listener.onInterrupted(flywayBean, run));
	}

	@Override
	public void onAttempt(String flywayBean, String outcome) {
		tell((listener) -> listener.onAttempt(flywayBean, outcome));
	}

	@Override
	public void onLocksRefused(String flywayBean, Duration waited) {
		tell((listener) -> listener.onLocksRefused(flywayBean, waited));
	}

	@Override
	public void onLocksReleased(String flywayBean, Duration held) {
		tell((listener) -> listener.onLocksReleased(flywayBean, held));
	}

	@Override
	public void onBlockedSessions(String flywayBean, int sessions) {
		tell((listener) -> listener.onBlockedSessions(flywayBean, sessions));
	}

	@Override
	public void onFinished(String flywayBean, MigrationRun run) {
		tell((listener) -> listener.onFinished(flywayBean, run));
	}

	private void tell(Consumer<RunListener> event) {
		guard(() -> this.listeners.get().forEach((listener) -> guard(() -> event.accept(listener))));
	}

	@SuppressWarnings("IllegalCatch")
	private static void guard(Runnable notification) {
		try {
			notification.run();
		}
		catch (Throwable ex) {
			logger.error("A listener to the runs of pending migrations failed", ex);
		}
	}

}
