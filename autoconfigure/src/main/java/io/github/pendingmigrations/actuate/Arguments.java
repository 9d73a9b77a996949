package io.github.pendingmigrations.actuate;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

import io.github.pendingmigrations.Force;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Checks the arguments of web requests. The operations take them as optional text, since
 * what Spring Boot answers to a missing or unconvertible argument does not say which one
 * it was, and comes before it is known whether the caller may write.
 */
final class Arguments {

	private static final int MAX_REASON = 1000;

	private static final int DEFAULT_SIZE = 20;

	private static final int MAX_SIZE = 200;

	private Arguments() {
	}

	static String text(String name, @Nullable String value, String meaning) {
		if (!StringUtils.hasText(value)) {
			throw refuse("'" + name + "' is missing: " + meaning);
		}
		return value.strip();
	}

	static String reason(@Nullable String value) {
		String reason = text("reason", value, "say why, it is kept with the run");
		if (reason.length() > MAX_REASON) {
			throw refuse("'reason' is longer than " + MAX_REASON + " characters");
		}
		return reason;
	}

	static int checksum(@Nullable String value) {
		String text = text("checksum", value, "pass the one that was listed when you reviewed the migration");
		try {
			return Integer.parseInt(text);
		}
		catch (NumberFormatException ex) {
			throw refuse("'checksum' is not a checksum: pass the number that was listed");
		}
	}

	static boolean flag(String name, @Nullable String value) {
		if (value == null || value.strip().equals("false")) {
			return false;
		}
		if (value.strip().equals("true")) {
			return true;
		}
		throw refuse("'" + name + "' must be true or false");
	}

	static Force force(@Nullable String value) {
		if (value == null) {
			return Force.NONE;
		}
		if (value.strip().equalsIgnoreCase("rollout")) {
			return Force.ROLLOUT;
		}
		throw refuse("'force' must be rollout, which overrides that instances are alive that do not know a migration. "
				+ "Nothing else can be overridden");
	}

	static @Nullable MigrationRunStatus status(@Nullable String value) {
		if (value == null) {
			return null;
		}
		try {
			return MigrationRunStatus.valueOf(value.strip().toUpperCase(Locale.ROOT));
		}
		catch (IllegalArgumentException ex) {
			throw refuse("'status' must be one of: "
					+ Arrays.stream(MigrationRunStatus.values()).map(Enum::name).collect(Collectors.joining(", ")));
		}
	}

	static int page(@Nullable String value) {
		return number("page", value, 0, 0, Integer.MAX_VALUE / MAX_SIZE - 1);
	}

	static int size(@Nullable String value) {
		return number("size", value, DEFAULT_SIZE, 1, MAX_SIZE);
	}

	private static int number(String name, @Nullable String value, int defaultValue, int min, int max) {
		if (value == null) {
			return defaultValue;
		}
		try {
			int number = Integer.parseInt(value.strip());
			if (number >= min && number <= max) {
				return number;
			}
		}
		catch (NumberFormatException ex) {
			// Refused below, like a number out of range
		}
		throw refuse("'" + name + "' must be a number from " + min + " to " + max);
	}

	private static RequestRefusedException refuse(String message) {
		return new RequestRefusedException(Code.BAD_REQUEST, message);
	}

}
