package io.github.pendingmigrations.check;

import org.jspecify.annotations.Nullable;

/**
 * What is known about the database and the way scripts are run.
 *
 * @param dialect the dialect
 * @param serverVersion the major version of the server, or 0 if it is not known, which
 * gives the cautious answer among the versions that are still maintained
 * @param transactions whether scripts are run in a transaction
 * @param transactionalLock whether Flyway holds its own lock in an open transaction
 * ({@code flyway.postgresql.transactional.lock}), behind which
 * {@code CREATE INDEX CONCURRENTLY} waits for ever
 * @param catalog the live database, or {@code null} without one
 * @param pendingPrefix what the names of pending scripts begin with
 * @since 0.1.0
 */
public record CheckSettings(Dialect dialect, int serverVersion, TransactionMode transactions, boolean transactionalLock,
		@Nullable Catalog catalog, String pendingPrefix) {

	/** What the names of pending scripts begin with, unless another prefix is set. */
	public static final String DEFAULT_PENDING_PREFIX = "P";

	/**
	 * Create settings with the default prefix of pending scripts.
	 * @param dialect the dialect
	 * @param serverVersion the major version of the server, or 0 if it is not known
	 * @param transactions whether scripts are run in a transaction
	 * @param transactionalLock whether Flyway holds its own lock in an open transaction
	 * @param catalog the live database, or {@code null} without one
	 */
	public CheckSettings(Dialect dialect, int serverVersion, TransactionMode transactions, boolean transactionalLock,
			@Nullable Catalog catalog) {
		this(dialect, serverVersion, transactions, transactionalLock, catalog, DEFAULT_PENDING_PREFIX);
	}

	/**
	 * Return settings for a dialect of which nothing else is known.
	 * @param dialect the dialect
	 * @return the settings
	 */
	public static CheckSettings of(Dialect dialect) {
		return new CheckSettings(dialect, 0, TransactionMode.AUTOMATIC, false, null);
	}

}
