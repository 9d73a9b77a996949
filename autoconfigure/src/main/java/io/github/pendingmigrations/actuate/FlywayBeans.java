package io.github.pendingmigrations.actuate;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import org.jspecify.annotations.Nullable;

/**
 * Finds the service that a request is meant for.
 */
final class FlywayBeans {

	private final PendingMigrationsRegistry registry;

	FlywayBeans(PendingMigrationsRegistry registry) {
		this.registry = registry;
	}

	Map<String, PendingMigrations> all() {
		return this.registry.byFlywayBean();
	}

	/**
	 * Return the service of one Flyway bean.
	 * @param name the name of the bean, may be left out if there is only one
	 * @return the service
	 * @throws RequestRefusedException if it is not clear which one is meant
	 */
	PendingMigrations select(@Nullable String name) {
		Map<String, PendingMigrations> all = all();
		if (name == null && all.size() == 1) {
			return all.values().iterator().next();
		}
		PendingMigrations selected = (name != null) ? all.get(name) : null;
		if (selected == null) {
			String names = String.join(", ", all.keySet());
			throw new RequestRefusedException(Code.BAD_REQUEST,
					(name == null) ? "There are several Flyway beans: say which one with 'flyway', one of: " + names
							: "There is no Flyway bean '" + name + "', only: " + names);
		}
		return selected;
	}

	/**
	 * Return the service that has a run. Ids are unique, so nobody needs to say which one
	 * that is.
	 * @param id the id of the run
	 * @return the service and the run
	 * @throws RequestRefusedException if there is no such run
	 */
	FoundRun findRun(String id) {
		RuntimeException failure = null;
		UUID uuid = parse(id);
		if (uuid != null) {
			for (PendingMigrations candidate : all().values()) {
				try {
					Optional<MigrationRun> run = candidate.run(uuid);
					if (run.isPresent()) {
						return new FoundRun(candidate, run.get());
					}
				}
				catch (RuntimeException ex) {
					// That database may be down while another one has the run
					failure = ex;
				}
			}
		}
		if (failure != null) {
			throw failure;
		}
		throw new RequestRefusedException(Code.UNKNOWN_RUN, "There is no run '" + id + "'");
	}

	private static @Nullable UUID parse(String id) {
		try {
			return UUID.fromString(id);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/**
	 * A run and the service that has it.
	 *
	 * @param service the service
	 * @param run the run
	 */
	record FoundRun(PendingMigrations service, MigrationRun run) {
	}

}
