package io.github.pendingmigrations.check;

import org.jspecify.annotations.Nullable;

/**
 * A script to check.
 *
 * @param path where it comes from, for messages
 * @param kind when it is run
 * @param version its version, or {@code null} if it has none
 * @param sql its text, with its placeholders replaced, or {@code null} if it is not known
 * @param transactions whether it is run in a transaction, or {@code null} if the settings
 * say so for all
 * @since 0.1.0
 */
public record ScriptFile(String path, ScriptKind kind, @Nullable String version, @Nullable String sql,
		@Nullable TransactionMode transactions) {

	/**
	 * Create a script that is run as all others.
	 * @param path where it comes from, for messages
	 * @param kind when it is run
	 * @param version its version, or {@code null} if it has none
	 * @param sql its text, with its placeholders replaced
	 */
	public ScriptFile(String path, ScriptKind kind, @Nullable String version, String sql) {
		this(path, kind, version, sql, null);
	}

}
