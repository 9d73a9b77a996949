package io.github.pendingmigrations;

import org.jspecify.annotations.Nullable;

/**
 * A migration that a start-up runs.
 *
 * @param kind when it is run in general; a pending one runs at start-up only while an
 * empty database is initialized
 * @param version the version, or {@code null} of a repeatable migration
 * @param description the description from its name
 * @param script the path of the script, or the name of the Java class
 * @since 0.1.0
 */
public record StartupStep(MigrationScript.Kind kind, @Nullable String version, String description, String script) {

	/**
	 * Return the short name that people use.
	 * @return such as {@code V3}, or {@code R}
	 */
	public String name() {
		String prefix = switch (this.kind) {
			case VERSIONED -> "V";
			case PENDING -> "P";
			case REPEATABLE -> "R";
			case CALLBACK -> "";
		};
		return (this.version != null) ? prefix + this.version : prefix;
	}

}
