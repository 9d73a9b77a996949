package io.github.pendingmigrations;

/**
 * An attempt to apply a migration failed. Of attempts that only did not get their locks,
 * of which there may be thousands, the first and then every twentieth is published.
 *
 * @param flywayBean the name of the Flyway bean
 * @param run the run, as it was when this instance took it
 * @param version the version that was being applied
 * @param attempt the number of the attempt, counted from 1
 * @param outcome why it was given up, such as {@code lock_timeout} or {@code error}
 * @since 0.1.0
 */
public record MigrationAttemptFailed(String flywayBean, MigrationRun run, String version, int attempt,
		String outcome) implements PendingMigrationsEvent {

}
