package io.github.pendingmigrations.flyway;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a name such as {@code P3__drop_issue_source}.
 *
 * @param version the version, without leading or trailing zeros
 * @param description the description, with spaces
 */
record ScriptName(MigrationVersion version, String description) {

	private static final Pattern VERSION = Pattern.compile("\\d+([._]\\d+)*");

	/**
	 * Parse a name without its suffix.
	 * @param name the name
	 * @param prefix the prefix that it starts with
	 * @param separator what separates version and description
	 * @return the parts, or {@code null} if it is not a valid name
	 */
	static @Nullable ScriptName parse(String name, String prefix, String separator) {
		int end = name.indexOf(separator);
		if (!name.startsWith(prefix) || end < prefix.length()) {
			return null;
		}
		String version = name.substring(prefix.length(), end);
		if (!VERSION.matcher(version).matches()) {
			return null;
		}
		return new ScriptName(canonical(version), name.substring(end + separator.length()).replace('_', ' ').trim());
	}

	/**
	 * Parse a version as people type it.
	 * @param text the text
	 * @return the version, or {@code null} if it is none
	 */
	static @Nullable MigrationVersion parseVersion(String text) {
		try {
			return (VERSION.matcher(text).matches()) ? canonical(text) : null;
		}
		catch (FlywayException ex) {
			return null;
		}
	}

	/**
	 * Return whether a file that is not a valid pending migration was probably meant to
	 * be one, so that it must not be passed over in silence.
	 * @param name the name without its suffix
	 * @param prefix the prefix of pending migrations
	 * @param separator what separates version and description
	 * @return {@code true} if somebody should look at it
	 */
	static boolean looksIntended(String name, String prefix, String separator) {
		if (!name.toLowerCase(Locale.ROOT).startsWith(prefix.toLowerCase(Locale.ROOT))) {
			return false;
		}
		String rest = name.substring(prefix.length());
		boolean versionFollows = !rest.isEmpty() && !Character.isLetter(rest.charAt(0));
		return versionFollows || (name.startsWith(prefix) && rest.contains(separator));
	}

	static Problem invalid(String location, String name, String prefix, String separator, String suffix) {
		String expected = prefix + "<version>" + separator + "<description>" + suffix;
		String what = "the name '" + name + suffix + "' is not one of a pending migration (" + expected + ")";
		return new Problem(location, 0, what, "rename it, for example to '" + suggestion(name, prefix, separator)
				+ suffix + "', or move it out of the locations of Flyway if it is no migration.");
	}

	private static String suggestion(String name, String prefix, String separator) {
		boolean prefixed = name.regionMatches(true, 0, prefix, 0, prefix.length())
				&& !name.substring(prefix.length()).matches("[a-z].*");
		String rest = prefixed ? name.substring(prefix.length()) : name;
		String version = Arrays.stream(rest.split("[^0-9]+"))
			.filter((part) -> !part.isEmpty())
			.limit(1)
			.collect(Collectors.joining());
		String description = rest.replaceFirst("^[^A-Za-z]*", "").replaceAll("[^A-Za-z0-9]+", "_");
		return prefix + (version.isEmpty() ? "3" : version) + separator
				+ (description.isEmpty() ? "description" : description);
	}

	private static MigrationVersion canonical(String version) {
		String[] parts = version.split("[._]");
		int length = parts.length;
		while (length > 1 && parts[length - 1].matches("0+")) {
			length--;
		}
		return MigrationVersion.fromVersion(Arrays.stream(parts)
			.limit(length)
			.map((part) -> part.replaceFirst("^0+(?=\\d)", ""))
			.collect(Collectors.joining(".")));
	}

}
