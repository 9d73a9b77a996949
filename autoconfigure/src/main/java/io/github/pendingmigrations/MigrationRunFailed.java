package io.github.pendingmigrations;

/**
 * A run that this instance worked on failed. Its {@link MigrationRun#failure() failure}
 * says what took effect and what to do.
 *
 * @param flywayBean the name of the Flyway bean
 * @param run the run as it ended
 * @since 0.1.0
 */
public record MigrationRunFailed(String flywayBean, MigrationRun run) implements PendingMigrationsEvent {

}
