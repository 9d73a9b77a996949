package io.github.pendingmigrations;

/**
 * A pending migration was seen for the first time: by this instance, or by another one in
 * whose place this one registered it. Published when the application has started.
 *
 * @param flywayBean the name of the Flyway bean
 * @param version the version
 * @param description the description from its name
 * @param script the path of the script, or the name of the Java class
 * @since 0.1.0
 */
public record PendingMigrationDetected(String flywayBean, String version, String description,
		String script) implements PendingMigrationsEvent {

}
