package io.github.pendingmigrations.verify;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.pendingmigrations.MigrationScript;
import io.github.pendingmigrations.MigrationScript.Kind;
import io.github.pendingmigrations.MigrationScript.Transaction;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.Event;
import org.jspecify.annotations.Nullable;

import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.util.PropertyPlaceholderHelper;

/**
 * Finds scripts in locations without a database, under Flyway's default names and in its
 * default encoding, with their script configurations.
 */
class ScriptLocations {

	private static final Pattern NOT_IN_TRANSACTION = Pattern
		.compile("(?im)^\\s*--\\s*pending:\\s*transaction=false\\s*$");

	private final PathMatchingResourcePatternResolver resources = new PathMatchingResourcePatternResolver();

	private final PropertyPlaceholderHelper placeholderHelper = new PropertyPlaceholderHelper("${", "}", null, null,
			true);

	private final List<String> locations;

	private final String pendingPrefix;

	private final Pattern versioned;

	private final Map<String, String> placeholders;

	ScriptLocations(List<String> locations, String pendingPrefix, Map<String, String> placeholders) {
		this.locations = locations;
		this.pendingPrefix = pendingPrefix;
		this.versioned = Pattern.compile("(V|" + Pattern.quote(pendingPrefix) + ")(\\d+(?:[._]\\d+)*)__.*\\.sql");
		this.placeholders = placeholders;
	}

	/**
	 * Read the scripts.
	 * @return the scripts: versioned and pending ones by version, repeatable ones,
	 * callbacks
	 */
	List<MigrationScript> scripts() {
		Map<URL, MigrationScript> scripts = new LinkedHashMap<>();
		try {
			for (String location : this.locations) {
				for (Found found : find(location)) {
					MigrationScript script = read(found);
					if (script != null) {
						scripts.putIfAbsent(found.resource().getURL(), script);
					}
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The migrations in " + this.locations + " cannot be read", ex);
		}
		List<MigrationScript> sorted = new ArrayList<>(scripts.values());
		sorted.sort(Comparator
			.comparing(MigrationScript::version, Comparator.nullsLast(Comparator.<MigrationVersion>naturalOrder()))
			.thenComparing(MigrationScript::kind, Comparator.comparing(ScriptLocations::place))
			.thenComparing(MigrationScript::location));
		return sorted;
	}

	private static int place(Kind kind) {
		return switch (kind) {
			case VERSIONED -> 0;
			case PENDING -> 1;
			case REPEATABLE -> 2;
			case CALLBACK -> 3;
		};
	}

	private List<Found> find(String location) throws IOException {
		boolean file = location.startsWith("filesystem:");
		String folder = location.substring(location.indexOf(':') + 1).replaceFirst("/+$", "");
		String root = file ? folder : folder.replaceFirst("^/+", "");
		List<Found> found = new ArrayList<>();
		for (Resource resource : this.resources.getResources((file ? "file:" : "classpath*:") + root + "/**/*.sql")) {
			String url = resource.getURL().getPath();
			int start = url.lastIndexOf(root + "/");
			found.add(new Found(resource, (start >= 0) ? url.substring(start) : url));
		}
		return found;
	}

	private @Nullable MigrationScript read(Found found) throws IOException {
		String name = String.valueOf(found.resource().getFilename());
		Matcher matcher = this.versioned.matcher(name);
		boolean hasVersion = matcher.matches();
		Kind kind = hasVersion ? (matcher.group(1).equals(this.pendingPrefix) ? Kind.PENDING : Kind.VERSIONED)
				: kindWithoutVersion(name);
		if (kind == null) {
			return null;
		}
		Properties configuration = configuration(found.resource());
		if ("false".equals(configuration.getProperty("shouldExecute"))) {
			return null;
		}
		String text = found.resource().getContentAsString(StandardCharsets.UTF_8);
		String sql = "false".equals(configuration.getProperty("placeholderReplacement")) ? text
				: this.placeholderHelper.replacePlaceholders(text, this.placeholders::get);
		return new MigrationScript(kind, hasVersion ? MigrationVersion.fromVersion(matcher.group(2)) : null,
				found.path(), sql, transaction(configuration, kind, text));
	}

	private static @Nullable Kind kindWithoutVersion(String name) {
		if (name.startsWith("R__")) {
			return Kind.REPEATABLE;
		}
		String event = name.substring(0, name.length() - ".sql".length()).replaceFirst("__.*", "");
		return (Event.fromId(event) != null) ? Kind.CALLBACK : null;
	}

	private static Properties configuration(Resource script) throws IOException {
		Properties properties = new Properties();
		Resource file = script.createRelative(script.getFilename() + ".conf");
		if (file.exists()) {
			try (Reader reader = new java.io.InputStreamReader(file.getInputStream(), StandardCharsets.UTF_8)) {
				properties.load(reader);
			}
		}
		return properties;
	}

	private static Transaction transaction(Properties configuration, Kind kind, String text) {
		String configured = configuration.getProperty("executeInTransaction");
		if (configured != null) {
			return Boolean.parseBoolean(configured) ? Transaction.WHOLE : Transaction.NONE;
		}
		return (kind == Kind.PENDING && NOT_IN_TRANSACTION.matcher(text).find()) ? Transaction.NONE
				: Transaction.BY_STATEMENTS;
	}

	/**
	 * A file.
	 *
	 * @param resource the file
	 * @param path its path, for messages
	 */
	private record Found(Resource resource, String path) {
	}

}
