package io.github.pendingmigrations.check;

/**
 * When a script is run.
 *
 * @since 0.1.0
 */
public enum ScriptKind {

	/** {@code V}: at start-up, while code of the version before may still be running. */
	VERSIONED,

	/** {@code P}: by a person, when that code is gone. */
	PENDING,

	/** {@code R}: at start-up whenever it has changed. */
	REPEATABLE,

	/** A callback such as {@code beforeMigrate.sql}. */
	CALLBACK

}
