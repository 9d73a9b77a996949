package io.github.pendingmigrations;

/**
 * Something that an instance has done or seen, published as a Spring application event
 * after it was committed. A listener that throws harms nothing; one that takes long keeps
 * the run waiting.
 *
 * @since 0.1.0
 */
public sealed interface PendingMigrationsEvent
		permits PendingMigrationDetected, MigrationRunRequested, MigrationRunStarted, MigrationAttemptFailed,
		MigrationRunSucceeded, MigrationRunFailed, MigrationRunCancelled, MigrationRunInterrupted {

	/**
	 * Return the name of the Flyway bean.
	 * @return the name
	 */
	String flywayBean();

}
