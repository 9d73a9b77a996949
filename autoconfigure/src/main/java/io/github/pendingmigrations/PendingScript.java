package io.github.pendingmigrations;

import java.util.List;

import org.flywaydb.core.api.MigrationVersion;

/**
 * A pending migration as it is found in the code of this application.
 *
 * @param version the version
 * @param description the description from its name
 * @param location the path of the script, or the name of the Java class
 * @param type how it is written
 * @param checksum the checksum of the content: of a script as Flyway computes it, of a
 * class the CRC-32 of its class file
 * @param directives the directives at the head of the script
 * @param loader reads what it executes
 * @since 0.1.0
 */
public record PendingScript(MigrationVersion version, String description, String location, PendingMigrationType type,
		int checksum, ScriptDirectives directives, Loader loader) {

	/**
	 * Return the version as it is stored and shown.
	 * @return the version without leading or trailing zeros
	 */
	public String versionText() {
		return this.version.getVersion();
	}

	/**
	 * Return the short name that people use, such as {@code P3 drop issue source}.
	 * @return the name
	 */
	public String displayName() {
		return "P" + versionText() + " " + this.description;
	}

	/**
	 * Read what it executes.
	 * @return what to execute
	 * @throws InvalidPendingMigrationException if it cannot be read
	 */
	public Body load() {
		return this.loader.load();
	}

	/**
	 * Reads what a migration executes. Reading is deferred, since parsing costs more than
	 * listing does.
	 */
	@FunctionalInterface
	public interface Loader {

		/**
		 * Read the content.
		 * @return what to execute
		 * @throws InvalidPendingMigrationException if it cannot be read
		 */
		Body load();

	}

	/**
	 * What a migration executes.
	 */
	public sealed interface Body permits SqlBody, JavaBody {

		/**
		 * Return whether everything can run in one transaction, on a database whose DDL
		 * is transactional.
		 * @return {@code true} if it can
		 */
		boolean inTransaction();

		/**
		 * Return the number of statements.
		 * @return the number; a Java migration counts as one
		 */
		int size();

	}

	/**
	 * The statements of a script.
	 *
	 * @param statements the statements
	 * @param inTransaction whether they can all run in one transaction
	 */
	public record SqlBody(List<PendingMigrations.Statement> statements, boolean inTransaction) implements Body {

		@Override
		public int size() {
			return this.statements.size();
		}

	}

	/**
	 * A migration written in Java.
	 *
	 * @param migration the instance
	 */
	public record JavaBody(PendingJavaMigration migration) implements Body {

		@Override
		public boolean inTransaction() {
			return this.migration.canExecuteInTransaction();
		}

		@Override
		public int size() {
			return 1;
		}

	}

}
