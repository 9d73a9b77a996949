package io.github.pendingmigrations.run;

import java.time.Duration;

import io.github.pendingmigrations.MigrationRun;

/**
 * Is told what the worker of this instance does.
 *
 * @since 0.1.0
 */
public interface RunListener {

	/** Listens to nothing. */
	RunListener NONE = new RunListener() {
	};

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
