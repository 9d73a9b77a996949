package io.github.pendingmigrations;

/**
 * A run that this instance worked on was cancelled.
 *
 * @param flywayBean the name of the Flyway bean
 * @param run the run as it ended
 * @since 0.1.0
 */
public record MigrationRunCancelled(String flywayBean, MigrationRun run) implements PendingMigrationsEvent {

}
