package io.github.pendingmigrations.check;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * The name of a table or another object of a schema, as the database stores it.
 *
 * @param schema the schema (the database with MySQL and MariaDB), or {@code null} if the
 * script does not name it
 * @param name the name
 * @since 0.1.0
 */
public record ObjectName(@Nullable String schema, String name) {

	/**
	 * Write this name so that it can be used in SQL.
	 * @param dialect the dialect
	 * @return the name, in quotes where it needs them
	 */
	public String toSql(Dialect dialect) {
		return (this.schema != null) ? dialect.write(this.schema) + '.' + dialect.write(this.name)
				: dialect.write(this.name);
	}

	/**
	 * Return whether this may be the same object as another one: a schema that is not
	 * named may be any, and case is no difference, since databases differ in that.
	 * @param other the other name
	 * @return {@code true} if it may be
	 */
	public boolean mayBe(ObjectName other) {
		return this.name.equalsIgnoreCase(other.name)
				&& (this.schema == null || other.schema == null || this.schema.equalsIgnoreCase(other.schema));
	}

	String key() {
		return ((this.schema != null) ? this.schema + '.' + this.name : this.name).toLowerCase(Locale.ROOT);
	}

	@Override
	public String toString() {
		return (this.schema != null) ? this.schema + '.' + this.name : this.name;
	}

}
