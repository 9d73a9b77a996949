package io.github.pendingmigrations.run;

import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.PendingScript;

/**
 * Is told what this instance sees and does, after it was committed.
 *
 * @since 0.1.0
 */
public interface RunListener {

	/** Listens to nothing. */
	RunListener NONE = new RunListener() {
	};

	/**
	 * Tell all of some listeners, and log what one throws.
	 * @param listeners the listeners, which are asked for each time that something
	 * happens: they may need what is not there before
	 * @return one that tells them
	 */
	static RunListener all(Supplier<Stream<RunListener>> listeners) {
		return new RunListeners(listeners);
	}

	/**
	 * A migration was seen for the first time.
	 * @param flywayBean the name of the Flyway bean
	 * @param script the migration
	 */
	default void onDetected(String flywayBean, PendingScript script) {
	}

	/**
	 * A run was requested and accepted.
	 * @param flywayBean the name of the Flyway bean
	 * @param run the run
	 */
	default void onRequested(String flywayBean, MigrationRun run) {
	}

	/**
	 * The worker took a run.
	 * @param flywayBean the name of the Flyway bean
	 * @param run the run
	 */
	default void onStarted(String flywayBean, MigrationRun run) {
	}

	/**
	 * An attempt failed. Not called for each of many that only wait for their locks.
	 * @param flywayBean the name of the Flyway bean
	 * @param run the run
	 * @param position where it was
	 * @param outcome why it was given up, such as {@code lock_timeout}
	 */
	default void onAttemptFailed(String flywayBean, MigrationRun run, Position position, String outcome) {
	}

	/**
	 * A run lost its worker. It is queued again, or waits for a decision.
	 * @param flywayBean the name of the Flyway bean
	 * @param run the run after that
	 */
	default void onInterrupted(String flywayBean, MigrationRun run) {
	}

	/**
	 * An attempt to execute a migration ended.
	 * @param flywayBean the name of the Flyway bean
	 * @param outcome how, such as {@code ok} or {@code lock_timeout}
	 */
	default void onAttempt(String flywayBean, String outcome) {
	}

	/**
	 * An attempt ended without its locks.
	 * @param flywayBean the name of the Flyway bean
	 * @param waited how long it waited for them
	 */
	default void onLocksRefused(String flywayBean, Duration waited) {
	}

	/**
	 * An attempt gave its locks back.
	 * @param flywayBean the name of the Flyway bean
	 * @param held for how long it had them at most: since its first statement was sent
	 */
	default void onLocksReleased(String flywayBean, Duration held) {
	}

	/**
	 * Somebody looked whom the session blocks that executes, which happens a few times a
	 * second while it waits or works.
	 * @param flywayBean the name of the Flyway bean
	 * @param sessions how many sessions waited for it
	 */
	default void onBlockedSessions(String flywayBean, int sessions) {
	}

	/**
	 * A run ended.
	 * @param flywayBean the name of the Flyway bean
	 * @param run the run as it ended
	 */
	default void onFinished(String flywayBean, MigrationRun run) {
	}

}
