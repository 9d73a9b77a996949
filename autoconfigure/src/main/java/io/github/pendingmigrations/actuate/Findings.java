package io.github.pendingmigrations.actuate;

import java.util.List;
import java.util.function.Function;

import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.MigrationChecks;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint.FindingDescriptor;

/**
 * What the checker says about pending migrations.
 */
class Findings {

	private final PendingMigrationsRegistry registry;

	Findings(PendingMigrationsRegistry registry) {
		this.registry = registry;
	}

	/**
	 * Return what finds them for the migrations of a Flyway bean.
	 * @param flywayBean the name of the Flyway bean
	 * @return returns an empty list for what is not in this application, is written in
	 * Java, or cannot be read any more
	 */
	Function<PendingMigration, List<FindingDescriptor>> of(String flywayBean) {
		MigrationChecks checks = this.registry.checksByFlywayBean().get(flywayBean);
		return (migration) -> (checks != null && migration.type() == PendingMigrationType.SQL) ? find(checks, migration)
				: List.of();
	}

	private static List<FindingDescriptor> find(MigrationChecks checks, PendingMigration migration) {
		try {
			return checks.pending(migration.version())
				.map((checked) -> checked.findings().stream().map(FindingDescriptor::of).toList())
				.orElse(List.of());
		}
		catch (InvalidPendingMigrationException ex) {
			// The script was changed since it was listed. A request to apply it says so.
			return List.of();
		}
	}

}
