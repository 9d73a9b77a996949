package io.github.pendingmigrations;

import org.jspecify.annotations.Nullable;

/**
 * The name of a table, or of something else in a schema, as the database stores it:
 * without quotes, and in the case that the database gives to names that are not quoted.
 *
 * @param schema the schema, or {@code null} if it is not named
 * @param name the name
 * @since 0.1.0
 */
public record TableName(@Nullable String schema, String name) {

	@Override
	public String toString() {
		return (this.schema != null) ? this.schema + "." + this.name : this.name;
	}

}
