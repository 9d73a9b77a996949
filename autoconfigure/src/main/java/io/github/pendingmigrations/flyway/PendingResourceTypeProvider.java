package io.github.pendingmigrations.flyway;

import java.util.Arrays;
import java.util.List;

import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.extensibility.ResourceType;
import org.flywaydb.core.extensibility.ResourceTypeProvider;
import org.flywaydb.core.internal.util.Pair;

/**
 * Makes Flyway accept the names of pending migrations, which it would complain about, and
 * refuse with {@code validateMigrationNaming}. Flyway loads it as a service; it has no
 * effect on a Flyway whose pending migrations are not managed here.
 *
 * @since 0.1.0
 */
public final class PendingResourceTypeProvider implements ResourceTypeProvider {

	@Override
	public List<Pair<String, ResourceType>> getPrefixTypePairs(Configuration configuration) {
		return Arrays.stream(configuration.getResolvers())
			.filter(FlywayScripts.class::isInstance)
			.map(FlywayScripts.class::cast)
			.map((scripts) -> Pair.of(scripts.prefix(), (ResourceType) PendingResourceType.INSTANCE))
			.toList();
	}

	private enum PendingResourceType implements ResourceType {

		INSTANCE;

		@Override
		public boolean isVersioned() {
			return true;
		}

	}

}
