package io.github.pendingmigrations;

/**
 * How a pending migration is written.
 *
 * @since 0.1.0
 */
public enum PendingMigrationType {

	/** A script such as {@code P3__drop_issue_source.sql}. */
	SQL,

	/** A {@link PendingJavaMigration}. */
	JAVA

}
