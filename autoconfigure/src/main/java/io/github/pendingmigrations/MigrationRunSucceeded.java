package io.github.pendingmigrations;

/**
 * A run that this instance worked on ended, and everything of it took effect.
 *
 * @param flywayBean the name of the Flyway bean
 * @param run the run as it ended
 * @since 0.1.0
 */
public record MigrationRunSucceeded(String flywayBean, MigrationRun run) implements PendingMigrationsEvent {

}
