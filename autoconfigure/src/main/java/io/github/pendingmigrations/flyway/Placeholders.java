package io.github.pendingmigrations.flyway;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * Replaces placeholders as Flyway does, except that one without a value is left as it is:
 * the checker says where it stands, together with everything else.
 */
final class Placeholders {

	private final String prefix;

	private final String suffix;

	private final Map<String, String> values = new HashMap<>();

	private Placeholders(Configuration configuration) {
		this.prefix = configuration.getPlaceholderPrefix();
		this.suffix = configuration.getPlaceholderSuffix();
	}

	/**
	 * Create the placeholders of one script.
	 * @param configuration the configuration of Flyway
	 * @param session what Flyway takes from the connection
	 * @param filename the name of the script
	 * @return the placeholders
	 */
	static Placeholders of(Configuration configuration, Session session, String filename) {
		Placeholders placeholders = new Placeholders(configuration);
		configuration.getPlaceholders().forEach(placeholders::put);
		String own = "flyway" + configuration.getPlaceholderSeparator();
		placeholders.put(own + "defaultSchema", session.schema());
		placeholders.put(own + "user", session.user());
		placeholders.put(own + "database", session.database());
		placeholders.put(own + "timestamp", session.timestamp());
		placeholders.put(own + "filename", filename);
		placeholders.put(own + "workingDirectory", System.getProperty("user.dir"));
		placeholders.put(own + "table", configuration.getTable());
		placeholders.put(own + "environment", configuration.getCurrentEnvironmentName());
		return placeholders;
	}

	private void put(String name, @Nullable String value) {
		if (value != null) {
			this.values.put(name.toLowerCase(Locale.ROOT), value);
		}
	}

	/**
	 * Replace them.
	 * @param text the text
	 * @return the text with values
	 */
	String replace(String text) {
		int start = text.indexOf(this.prefix);
		if (start < 0) {
			return text;
		}
		StringBuilder result = new StringBuilder(text.length());
		int copied = 0;
		while (start >= 0) {
			int nameStart = start + this.prefix.length();
			int end = text.indexOf(this.suffix, nameStart);
			if (end < 0) {
				break;
			}
			String value = this.values.get(text.substring(nameStart, end).toLowerCase(Locale.ROOT));
			if (value != null) {
				result.append(text, copied, start).append(value);
				copied = end + this.suffix.length();
			}
			start = text.indexOf(this.prefix, (value != null) ? copied : nameStart);
		}
		return result.append(text, copied, text.length()).toString();
	}

	/**
	 * What Flyway takes from the connection.
	 *
	 * @param schema the default schema
	 * @param user the current user
	 * @param database the catalog, or {@code null} if there is none
	 * @param timestamp the time as Flyway writes it
	 */
	record Session(String schema, String user, @Nullable String database, String timestamp) {
	}

}
