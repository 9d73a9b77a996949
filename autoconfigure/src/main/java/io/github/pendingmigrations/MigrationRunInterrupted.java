package io.github.pendingmigrations;

/**
 * A run lost its worker, or was given back because an application stopped. It goes on by
 * itself if it is {@link MigrationRunStatus#QUEUED queued}, and waits for a decision if
 * it is {@link MigrationRunStatus#INTERRUPTED interrupted}.
 *
 * @param flywayBean the name of the Flyway bean
 * @param run the run after that
 * @since 0.1.0
 */
public record MigrationRunInterrupted(String flywayBean, MigrationRun run) implements PendingMigrationsEvent {

}
