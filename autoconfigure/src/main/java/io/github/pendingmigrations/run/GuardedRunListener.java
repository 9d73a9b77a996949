package io.github.pendingmigrations.run;

import java.time.Duration;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.PendingScript;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Keeps what a listener throws away from the run that it listens to.
 */
class GuardedRunListener implements RunListener {

	private static final Log logger = LogFactory.getLog(GuardedRunListener.class);

	private final RunListener listener;

	GuardedRunListener(RunListener listener) {
		this.listener = listener;
	}

	@Override
	public void onDetected(String flywayBean, PendingScript script) {
		guard(() -> this.listener.onDetected(flywayBean, script));
	}

	@Override
	public void onRequested(String flywayBean, MigrationRun run) {
		guard(() -> this.listener.onRequested(flywayBean, run));
	}

	@Override
	public void onStarted(String flywayBean, MigrationRun run) {
		guard(() -> this.listener.onStarted(flywayBean, run));
	}

	@Override
	public void onAttemptFailed(String flywayBean, MigrationRun run, Position position, String outcome) {
		guard(() -> this.listener.onAttemptFailed(flywayBean, run, position, outcome));
	}

	@Override
	public void onInterrupted(String flywayBean, MigrationRun run) {
		guard(() -> this.listener.onInterrupted(flywayBean, run));
	}

	@Override
	public void onAttempt(String flywayBean, String outcome) {
		guard(() -> this.listener.onAttempt(flywayBean, outcome));
	}

	@Override
	public void onLocksRefused(String flywayBean, Duration waited) {
		guard(() -> this.listener.onLocksRefused(flywayBean, waited));
	}

	@Override
	public void onLocksReleased(String flywayBean, Duration held) {
		guard(() -> this.listener.onLocksReleased(flywayBean, held));
	}

	@Override
	public void onBlockedSessions(String flywayBean, int sessions) {
		guard(() -> this.listener.onBlockedSessions(flywayBean, sessions));
	}

	@Override
	public void onFinished(String flywayBean, MigrationRun run) {
		guard(() -> this.listener.onFinished(flywayBean, run));
	}

	@SuppressWarnings("IllegalCatch")
	private void guard(Runnable notification) {
		try {
			notification.run();
		}
		catch (Throwable ex) {
			logger.error("A listener to the runs of pending migrations failed", ex);
		}
	}

}
