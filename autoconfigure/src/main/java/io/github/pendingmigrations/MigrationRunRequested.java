package io.github.pendingmigrations;

/**
 * A run was requested through this instance, and accepted.
 *
 * @param flywayBean the name of the Flyway bean
 * @param run the run, which is queued
 * @since 0.1.0
 */
public record MigrationRunRequested(String flywayBean, MigrationRun run) implements PendingMigrationsEvent {

}
