package io.github.pendingmigrations.verify;

import java.util.List;

/**
 * Entry point of the assertion about migrations, which needs no database:
 * <pre class="code">
 * assertThatMigrations("classpath:db/migration").areSafe();
 * </pre>
 *
 * @since 0.1.0
 */
public final class MigrationAssertions {

	private MigrationAssertions() {
	}

	/**
	 * Start an assertion about the migrations in some locations.
	 * @param locations the locations as Flyway has them, such as
	 * {@code classpath:db/migration} or {@code filesystem:/srv/migrations}
	 * @return the assertion
	 */
	public static MigrationsAssert assertThatMigrations(String... locations) {
		return new MigrationsAssert(List.of(locations));
	}

}
