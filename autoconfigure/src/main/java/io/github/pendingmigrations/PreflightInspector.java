package io.github.pendingmigrations;

/**
 * Looks, without changing anything, at what a pending migration would meet if it ran now.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface PreflightInspector {

	/**
	 * Look at what the remaining statements of a migration would meet. Takes about two
	 * seconds at most: what could not be found out by then is named in the
	 * {@link Preflight#notices() notices}. Never fails because of the database.
	 * @param script the migration
	 * @param statementsDone how many of its statements have already taken effect, 0 if
	 * none has
	 * @return what was found
	 * @throws InvalidPendingMigrationException if the script cannot be read
	 */
	Preflight inspect(PendingScript script, int statementsDone);

	/**
	 * Look at what a migration would meet of which nothing has taken effect yet.
	 * @param script the migration
	 * @return what was found
	 * @throws InvalidPendingMigrationException if the script cannot be read
	 */
	default Preflight inspect(PendingScript script) {
		return inspect(script, 0);
	}

}
