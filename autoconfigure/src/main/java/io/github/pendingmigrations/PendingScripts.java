package io.github.pendingmigrations;

import java.util.List;
import java.util.Optional;

import org.flywaydb.core.api.MigrationVersion;

/**
 * The pending migrations in the code of this application, and the versioned ones that
 * they refer to.
 *
 * @since 0.1.0
 */
public interface PendingScripts {

	/**
	 * Return all pending migrations.
	 * @return the scripts in version order
	 */
	List<PendingScript> all();

	/**
	 * Return one pending migration.
	 * @param version the version
	 * @return the script, or empty if there is none
	 */
	default Optional<PendingScript> find(MigrationVersion version) {
		return all().stream().filter((script) -> script.version().equals(version)).findFirst();
	}

	/**
	 * Read the content of all of them again, so that a file that was changed since is
	 * noticed before it runs.
	 * @throws InvalidPendingMigrationException if one cannot be used any more
	 */
	void reload();

	/**
	 * Return the versioned migrations of this application.
	 * @return their versions, in order
	 */
	List<MigrationVersion> versioned();

	/**
	 * Return the versioned migrations of this application that the database has not got
	 * and would still run. One query.
	 * @return their versions, in order
	 */
	List<MigrationVersion> outstandingVersioned();

}
