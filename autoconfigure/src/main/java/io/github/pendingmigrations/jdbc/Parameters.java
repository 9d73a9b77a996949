package io.github.pendingmigrations.jdbc;

import java.sql.Types;
import java.time.Duration;
import java.util.Collection;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;

/**
 * Named parameters. All are typed, because drivers ask the server for the type of a null
 * otherwise, and texts are cut to what their column takes.
 */
final class Parameters extends MapSqlParameterSource {

	/** Length of the columns for names. */
	static final int NAME = 255;

	/** Length of the column for the session of the database. */
	static final int SESSION = 100;

	/** Length of the columns for paths. */
	static final int PATH = 1000;

	/**
	 * Length of the columns for messages: fits into 64 kB, whatever the characters are.
	 */
	static final int MESSAGE = 16000;

	Parameters id(UUID id) {
		return uuid("id", id);
	}

	Parameters uuid(String name, @Nullable UUID value) {
		addValue(name, (value != null) ? value.toString() : null, Types.VARCHAR);
		return this;
	}

	Parameters text(String name, @Nullable String value) {
		addValue(name, value, Types.VARCHAR);
		return this;
	}

	Parameters text(String name, @Nullable String value, int maxLength) {
		return text(name, (value != null) ? truncate(value, maxLength) : null);
	}

	Parameters constant(String name, @Nullable Enum<?> value) {
		return text(name, (value != null) ? value.name() : null);
	}

	Parameters constants(String name, Collection<? extends Enum<?>> values) {
		addValue(name, values.stream().map(Enum::name).toList(), Types.VARCHAR);
		return this;
	}

	Parameters texts(String name, Collection<String> values) {
		addValue(name, values, Types.VARCHAR);
		return this;
	}

	Parameters number(String name, @Nullable Integer value) {
		addValue(name, value, Types.INTEGER);
		return this;
	}

	Parameters number(String name, @Nullable Long value) {
		addValue(name, value, Types.BIGINT);
		return this;
	}

	Parameters millis(String name, @Nullable Duration value) {
		return number(name, (value != null) ? value.toMillis() : null);
	}

	Parameters flag(String name, boolean value) {
		addValue(name, value, Types.BOOLEAN);
		return this;
	}

	private static String truncate(String value, int maxLength) {
		// PostgreSQL refuses the NUL character
		String text = value.replace("\0", "");
		if (text.length() <= maxLength) {
			return text;
		}
		int end = maxLength - 1;
		return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
	}

}
