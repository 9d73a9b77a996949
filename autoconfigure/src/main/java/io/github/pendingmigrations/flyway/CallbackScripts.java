package io.github.pendingmigrations.flyway;

import java.util.EnumSet;
import java.util.Set;

import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.resolver.MigrationResolver;

/**
 * Callback scripts of the user's own, such as {@code afterMigrate.sql}.
 */
final class CallbackScripts {

	/** What {@code migrate()} fires although there is nothing to migrate. */
	private static final Set<Event> FIRED = EnumSet.of(Event.BEFORE_MIGRATE, Event.AFTER_VERSIONED, Event.AFTER_MIGRATE,
			Event.AFTER_MIGRATE_OPERATION_FINISH, Event.CREATE_SCHEMA, Event.BEFORE_CREATE_SCHEMA);

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

}
