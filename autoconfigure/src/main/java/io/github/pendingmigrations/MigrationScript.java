package io.github.pendingmigrations;

import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * A script in the locations of Flyway that the database has not got yet, as a checker
 * reads it. One that is written in Java is none.
 *
 * @param kind when it is run
 * @param version the version, or {@code null} of a repeatable migration or a callback
 * @param location the path of the script
 * @param sql the text with its placeholders replaced, so that only columns behind a
 * placeholder differ from the file. A placeholder without a value is left as it is.
 * {@code null} if it was not found, since a resolver of the application's own has it
 * @param transaction whether it is run in a transaction
 * @since 0.1.0
 */
public record MigrationScript(Kind kind, @Nullable MigrationVersion version, String location, @Nullable String sql,
		Transaction transaction) {

	/**
	 * When a script is run.
	 */
	public enum Kind {

		/** {@code V}: at start-up, while code of an earlier release may be running. */
		VERSIONED,

		/** {@code P}: by a person, when that code is gone. */
		PENDING,

		/** {@code R}: at start-up, whenever it has changed. */
		REPEATABLE,

		/** A callback such as {@code afterMigrate.sql}: at start-up. */
		CALLBACK

	}

	/**
	 * Whether a script is run in a transaction.
	 */
	public enum Transaction {

		/** As a whole. */
		WHOLE,

		/** Every statement by itself. */
		NONE,

		/** Flyway refuses it, because it has statements of both kinds. */
		REFUSED,

		/**
		 * As its statements need it, for all that is known without Flyway: one that has
		 * statements of both kinds is refused.
		 */
		BY_STATEMENTS

	}

}
