package io.github.pendingmigrations.autoconfigure;

import io.github.pendingmigrations.MigrationAttemptFailed;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.MigrationRunCancelled;
import io.github.pendingmigrations.MigrationRunFailed;
import io.github.pendingmigrations.MigrationRunInterrupted;
import io.github.pendingmigrations.MigrationRunRequested;
import io.github.pendingmigrations.MigrationRunStarted;
import io.github.pendingmigrations.MigrationRunSucceeded;
import io.github.pendingmigrations.PendingMigrationDetected;
import io.github.pendingmigrations.PendingMigrationsEvent;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.run.RunListener;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes what this instance sees and does as {@link PendingMigrationsEvent application
 * events}.
 */
class ApplicationEventRunListener implements RunListener {

	private final ApplicationEventPublisher events;

	ApplicationEventRunListener(ApplicationEventPublisher events) {
		this.events = events;
	}

	@Override
	public void onDetected(String flywayBean, PendingScript script) {
		this.events.publishEvent(new PendingMigrationDetected(flywayBean, script.versionText(), script.description(),
				script.location()));
	}

	@Override
	public void onRequested(String flywayBean, MigrationRun run) {
		this.events.publishEvent(new MigrationRunRequested(flywayBean, run));
	}

	@Override
	public void onStarted(String flywayBean, MigrationRun run) {
		this.events.publishEvent(new MigrationRunStarted(flywayBean, run));
	}

	@Override
	public void onAttemptFailed(String flywayBean, MigrationRun run, Position position, String outcome) {
		String version = position.version();
		if (version != null) {
			this.events.publishEvent(new MigrationAttemptFailed(flywayBean, run, version, position.attempt(), outcome));
		}
	}

	@Override
	public void onInterrupted(String flywayBean, MigrationRun run) {
		this.events.publishEvent(new MigrationRunInterrupted(flywayBean, run));
	}

	@Override
	public void onFinished(String flywayBean, MigrationRun run) {
		PendingMigrationsEvent event = ended(flywayBean, run);
		if (event != null) {
			this.events.publishEvent(event);
		}
	}

	private static @Nullable PendingMigrationsEvent ended(String flywayBean, MigrationRun run) {
		return switch (run.status()) {
			case SUCCEEDED -> new MigrationRunSucceeded(flywayBean, run);
			case FAILED -> new MigrationRunFailed(flywayBean, run);
			case CANCELLED -> new MigrationRunCancelled(flywayBean, run);
			// An interruption is published as one
			case INTERRUPTED, QUEUED, RUNNING, HELD, CANCELLING -> null;
		};
	}

}
