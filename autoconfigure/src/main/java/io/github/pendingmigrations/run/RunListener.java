package io.github.pendingmigrations.run;

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
	 * A run ended.
	 * @param flywayBean the name of the Flyway bean
	 * @param run the run as it ended
	 */
	default void onFinished(String flywayBean, MigrationRun run) {
	}

}
