package io.github.pendingmigrations.flyway;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.resolver.MigrationResolver;
import org.flywaydb.core.api.resource.LoadableResource;

/**
 * Callback scripts of the user's own, such as {@code afterMigrate.sql}.
 */
final class CallbackScripts {

	/** What {@code migrate()} fires although there is nothing to migrate. */
	private static final Set<Event> FIRED = EnumSet.of(Event.BEFORE_MIGRATE, Event.AFTER_VERSIONED, Event.AFTER_MIGRATE,
			Event.AFTER_MIGRATE_OPERATION_FINISH, Event.CREATE_SCHEMA, Event.BEFORE_CREATE_SCHEMA);

	/** Parts of the names of events that other commands fire. */
	private static final Set<String> OTHER_COMMANDS = Set.of("Clean", "Undo", "Repair", "Info");

	private CallbackScripts() {
	}

	/**
	 * Return whether a script would fire although there is nothing to migrate, so that
	 * {@code migrate()} must not be skipped.
	 * @param context what Flyway found
	 * @return {@code true} if there is one
	 */
	static boolean fireWithoutMigrations(MigrationResolver.Context context) {
		if (context.configuration.getCallbackLocations().length > 0) {
			return true;
		}
		return FIRED.stream()
			.anyMatch((event) -> !context.resourceProvider.getResources(event.getId(), new String[] { "" }).isEmpty());
	}

	/**
	 * Return whether a script is a callback that {@code migrate()} may fire.
	 * @param resource the script
	 * @param configuration the configuration of Flyway
	 * @return {@code true} if it is
	 */
	static boolean isFiredByMigrate(LoadableResource resource, Configuration configuration) {
		String filename = resource.getFilename();
		int separator = filename.indexOf(configuration.getSqlMigrationSeparator());
		String name = (separator >= 0) ? filename.substring(0, separator)
				: Arrays.stream(configuration.getSqlMigrationSuffixes())
					.filter(filename::endsWith)
					.findFirst()
					.map((suffix) -> filename.substring(0, filename.length() - suffix.length()))
					.orElse(filename);
		Event event = Event.fromId(name);
		return event != null && OTHER_COMMANDS.stream().noneMatch(event.getId()::contains);
	}

}
