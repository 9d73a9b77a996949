package io.github.pendingmigrations.flyway;

import io.github.pendingmigrations.flyway.SchemaHistory.History;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * What the state of a database includes, so that it never has to run there: by the
 * baseline that it has, and by the one that Flyway would set before it migrates.
 *
 * @param history what has been applied
 * @param toCome the version of the baseline that Flyway would set, or {@code null} if it
 * would set none
 */
record Baseline(History history, @Nullable MigrationVersion toCome) {

	/**
	 * Read the baseline of a database.
	 * @param flyway the Flyway, which is only asked if it could set one
	 * @param schemaHistory its history table
	 * @return the baseline
	 */
	static Baseline of(SafeFlyway flyway, SchemaHistory schemaHistory) {
		History history = schemaHistory.read();
		Configuration configuration = flyway.getConfiguration();
		boolean sets = configuration.isBaselineOnMigrate() && !history.exists()
				&& !flyway.info().getInfoResult().allSchemasEmpty;
		return new Baseline(history, sets ? configuration.getBaselineVersion() : null);
	}

	boolean includesPending(MigrationVersion version) {
		return this.history.includesPending(version) || (this.toCome != null && version.compareTo(this.toCome) < 0);
	}

	/**
	 * Return whether Flyway lists a versioned migration although it would set a baseline
	 * first.
	 * @param version the version, or {@code null} of a repeatable migration
	 * @return {@code true} if it would not run
	 */
	boolean hides(@Nullable MigrationVersion version) {
		return version != null && this.toCome != null && version.compareTo(this.toCome) <= 0;
	}

}
