package io.github.pendingmigrations;

import java.util.List;
import java.util.Optional;

import io.github.pendingmigrations.OrderConflictException.Conflict;

/**
 * Checks the migrations of one Flyway bean that its database has not got yet. Reads the
 * scripts anew and asks the database, and changes nothing. Nothing of it happens at a
 * start-up that is up to date. Get it from
 * {@link PendingMigrationsRegistry#checksByFlywayBean()}.
 *
 * @since 0.1.0
 */
public interface MigrationChecks {

	/**
	 * Check what the next start-up would run, and everything that waits.
	 * @return the report
	 * @throws InvalidPendingMigrationException if a pending migration cannot be used as
	 * it is
	 */
	Report check();

	/**
	 * Say what the next start-up would run, by the same decisions.
	 * @return the migrations, in the order in which they would run; empty if nothing is
	 * due, or if the start-up would be refused because of their order. That they would be
	 * refused because of their SQL is not asked here
	 */
	List<StartupStep> startup();

	/**
	 * Check one pending migration, whether or not it has been applied. Asks the database
	 * only once for all.
	 * @param version the version
	 * @return what was found, or empty if it is written in Java or not in this
	 * application
	 */
	Optional<CheckedMigration> pending(String version);

	/**
	 * What was found.
	 *
	 * @param inUse whether the database is in use. On an empty one everything runs at
	 * start-up, and findings stop nothing
	 * @param due what the next start-up would run, in this order: versioned migrations,
	 * repeatable ones, callbacks
	 * @param waiting pending migrations that have not been applied, in version order
	 * @param conflicts versioned migrations that are due and must wait for a pending one
	 */
	record Report(boolean inUse, List<CheckedMigration> due, List<CheckedMigration> waiting, List<Conflict> conflicts) {

		/**
		 * Return what stops the next start-up.
		 * @return the migrations that are refused, empty if all may run
		 */
		public List<CheckedMigration> refused() {
			return this.due.stream().filter(CheckedMigration::isRefused).toList();
		}

	}

}
