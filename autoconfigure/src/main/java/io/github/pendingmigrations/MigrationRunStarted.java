package io.github.pendingmigrations;

/**
 * This instance began to work on a run, or went on with one that was held or had lost its
 * worker.
 *
 * @param flywayBean the name of the Flyway bean
 * @param run the run, which is running
 * @since 0.1.0
 */
public record MigrationRunStarted(String flywayBean, MigrationRun run) implements PendingMigrationsEvent {

}
