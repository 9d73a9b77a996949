package io.github.pendingmigrations.flyway;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

import io.github.pendingmigrations.PendingJavaMigration;

/**
 * The {@link PendingJavaMigration} beans of the application. Their classes are known
 * without instantiating them, so that listing them costs nothing and cannot make a
 * circle.
 */
public interface JavaMigrationBeans {

	/** No beans. */
	JavaMigrationBeans NONE = new JavaMigrationBeans() {

		@Override
		public Collection<Class<? extends PendingJavaMigration>> types() {
			return List.of();
		}

		@Override
		public Optional<PendingJavaMigration> get(Class<? extends PendingJavaMigration> type) {
			return Optional.empty();
		}

	};

	/**
	 * Return the classes of the beans.
	 * @return the classes
	 */
	Collection<Class<? extends PendingJavaMigration>> types();

	/**
	 * Return the bean of a class.
	 * @param type the class
	 * @return the bean, or empty if there is none
	 */
	Optional<PendingJavaMigration> get(Class<? extends PendingJavaMigration> type);

}
