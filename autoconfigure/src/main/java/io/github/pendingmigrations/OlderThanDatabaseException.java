package io.github.pendingmigrations;

import java.util.List;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when the code is older than the database and is not to start because of that.
 * Nothing was applied.
 *
 * @since 0.1.0
 */
public class OlderThanDatabaseException extends RuntimeException {

	private final transient List<Missing> missing;

	private final @Nullable String applicationVersion;

	public OlderThanDatabaseException(List<Missing> missing, @Nullable String applicationVersion) {
		super("This code" + ((applicationVersion != null) ? ", version " + applicationVersion + "," : "")
				+ " is older than the database, where migrations were applied that it does not have: "
				+ missing.stream().map(Missing::describe).collect(Collectors.joining(", ")));
		this.missing = List.copyOf(missing);
		this.applicationVersion = applicationVersion;
	}

	/**
	 * Return the applied migrations that the code does not have.
	 * @return the migrations in version order
	 */
	public List<Missing> getMissing() {
		return this.missing;
	}

	/**
	 * Return the version of the application.
	 * @return the version, or {@code null} if unknown
	 */
	public @Nullable String getApplicationVersion() {
		return this.applicationVersion;
	}

	/**
	 * An applied migration that the code does not have.
	 *
	 * @param version the version
	 * @param description the description
	 * @param broughtBy the version of the application that brought it, or {@code null} if
	 * unknown
	 */
	public record Missing(String version, String description, @Nullable String broughtBy) {

		/**
		 * Return which one it is.
		 * @return the name, and the release that brought it
		 */
		public String describe() {
			return "P" + this.version + " " + this.description
					+ ((this.broughtBy != null) ? " (of application version " + this.broughtBy + ")" : "");
		}

	}

}
