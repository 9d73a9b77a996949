package io.github.pendingmigrations.actuate;

/**
 * When the text of SQL statements is shown.
 *
 * @since 0.1.0
 */
public enum ShowSql {

	/**
	 * Never: only the numbers and lines of statements are shown.
	 */
	NEVER,

	/**
	 * To those who may apply pending migrations.
	 */
	WHEN_AUTHORIZED,

	/**
	 * To everybody who can read the endpoint.
	 */
	ALWAYS;

	boolean isShown(boolean authorized) {
		return this == ALWAYS || (this == WHEN_AUTHORIZED && authorized);
	}

}
