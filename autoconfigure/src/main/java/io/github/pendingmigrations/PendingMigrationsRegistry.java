package io.github.pendingmigrations;

import java.util.Map;

/**
 * The {@link PendingMigrations} of every Flyway bean in the application.
 *
 * @since 0.1.0
 */
public interface PendingMigrationsRegistry {

	/**
	 * Return all of them.
	 * @return the services by the name of their Flyway bean, in the order of their
	 * creation
	 */
	Map<String, PendingMigrations> byFlywayBean();

	/**
	 * Return what checks the migrations of each Flyway bean.
	 * @return the checks by the name of their Flyway bean, in the order of their creation
	 */
	default Map<String, MigrationChecks> checksByFlywayBean() {
		return Map.of();
	}

}
