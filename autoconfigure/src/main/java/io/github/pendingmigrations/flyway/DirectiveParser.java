package io.github.pendingmigrations.flyway;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import io.github.pendingmigrations.ScriptDirectives;
import io.github.pendingmigrations.ScriptDirectives.Repeat;
import io.github.pendingmigrations.ScriptDirectives.Window;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.convert.DurationStyle;

/**
 * Reads the directives at the head of a script: comment lines such as
 * {@code -- pending: delay=7d}, up to the first line that is neither blank nor a comment.
 */
final class DirectiveParser {

	private static final Pattern LINE = Pattern.compile("^\\s*--\\s*pending\\s*:(.*)$", Pattern.CASE_INSENSITIVE);

	private static final String KEYWORD = "pending";

	/** A comment that may be meant as a directive, with its keyword and its name. */
	private static final Pattern LOOKS_ALIKE = Pattern.compile("^\\s*--\\s*(\\w+)\\s*(:|\\s)\\s*([a-z-]+)\\s*=.*$",
			Pattern.CASE_INSENSITIVE);

	/** How many letters of the keyword may be wrong, or missing. */
	private static final int TYPOS = 2;

	/** Who leaves out the unit does not mean milliseconds. */
	private static final Pattern WITHOUT_UNIT = Pattern.compile("[+-]?0*[1-9]\\d*");

	private static final Pattern WINDOW = Pattern.compile("(\\d{1,2}:\\d{2})\\s*-\\s*(\\d{1,2}:\\d{2})(?:\\s+(\\S+))?");

	private static final String UNTIL_NO_ROWS = "until-no-rows";

	private static final String SYNTAX = "write one directive a line, as in '-- pending: delay=7d'.";

	private final String location;

	private final String prefix;

	private final String versionedPrefix;

	private final Set<Directive> allowed;

	private final List<Problem> problems;

	private final Map<Directive, String> values = new LinkedHashMap<>();

	private int line;

	private DirectiveParser(String location, String prefix, String versionedPrefix, Set<Directive> allowed,
			List<Problem> problems) {
		this.location = location;
		this.prefix = prefix;
		this.versionedPrefix = versionedPrefix;
		this.allowed = allowed;
		this.problems = problems;
	}

	/**
	 * Read the directives of a pending migration.
	 * @param location the path of the script, for messages
	 * @param text the script
	 * @param prefix the prefix of pending migrations
	 * @param versionedPrefix the prefix of versioned migrations
	 * @param problems where to add what is wrong
	 * @return the directives
	 */
	static ScriptDirectives parsePending(String location, String text, String prefix, String versionedPrefix,
			List<Problem> problems) {
		return new DirectiveParser(location, prefix, versionedPrefix, EnumSet.allOf(Directive.class), problems)
			.parse(text);
	}

	/**
	 * Read the directives of a versioned migration, which can only require pending ones.
	 * @param location the path of the script, for messages
	 * @param text the script
	 * @param prefix the prefix of pending migrations
	 * @param versionedPrefix the prefix of versioned migrations
	 * @param problems where to add what is wrong
	 * @return the pending migrations that it requires
	 */
	static List<MigrationVersion> parseVersioned(String location, String text, String prefix, String versionedPrefix,
			List<Problem> problems) {
		List<MigrationVersion> requires = new DirectiveParser(location, prefix, versionedPrefix,
				EnumSet.of(Directive.REQUIRES), problems)
			.parse(text)
			.requires();
		return (requires != null) ? requires : List.of();
	}

	private ScriptDirectives parse(String text) {
		boolean head = true;
		for (String content : text.lines().toList()) {
			this.line++;
			head = head && (content.isBlank() || content.stripLeading().startsWith("--"));
			Matcher matcher = LINE.matcher(content);
			if (matcher.matches()) {
				parseLine(matcher.group(1).trim(), head);
			}
			else if (looksLikeDirective(content)) {
				problem("'" + content.trim() + "' looks like a directive and is none",
						"write 'pending' with a colon behind it; " + SYNTAX);
			}
		}
		return build();
	}

	private static boolean looksLikeDirective(String content) {
		Matcher matcher = LOOKS_ALIKE.matcher(content);
		if (!matcher.matches()) {
			return false;
		}
		String keyword = matcher.group(1).toLowerCase(Locale.ROOT);
		return keyword.equals(KEYWORD)
				|| (Directive.of(matcher.group(3)) != null && distance(keyword, KEYWORD) <= TYPOS);
	}

	/**
	 * Return how many letters one has to insert, remove or replace to turn a word into
	 * another (Levenshtein).
	 */
	private static int distance(String one, String other) {
		int[] row = new int[other.length() + 1];
		Arrays.setAll(row, (i) -> i);
		for (int i = 1; i <= one.length(); i++) {
			int diagonal = row[0];
			row[0] = i;
			for (int j = 1; j <= other.length(); j++) {
				int replaced = diagonal + ((one.charAt(i - 1) == other.charAt(j - 1)) ? 0 : 1);
				diagonal = row[j];
				row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
			}
		}
		return row[other.length()];
	}

	private void parseLine(String content, boolean head) {
		int equals = content.indexOf('=');
		if (equals <= 0 || content.substring(equals + 1).isBlank()) {
			problem("the directive '" + content + "' is not of the form name=value", SYNTAX);
			return;
		}
		String name = content.substring(0, equals).trim();
		Directive directive = Directive.of(name);
		if (directive == null || !this.allowed.contains(directive)) {
			problem("the directive '" + name + "' is not known here",
					"use one of " + this.allowed.stream().map(Directive::key).collect(Collectors.joining(", ")) + ".");
			return;
		}
		if (!head) {
			problem("the directive '" + name + "' stands after the first statement",
					"move it to the head of the file.");
			return;
		}
		if (this.values.putIfAbsent(directive, content.substring(equals + 1).trim()) != null) {
			problem("the directive '" + name + "' is given twice", "keep one of them.");
			return;
		}
		validate(directive);
	}

	private void validate(Directive directive) {
		String value = this.values.get(directive);
		if (value == null) {
			return;
		}
		String expected = switch (directive) {
			case DELAY -> (duration(value) == null) ? "a duration that is not negative, such as 7d or 12h" : null;
			case HOLD_BUDGET -> isPositive(duration(value)) ? null : "a duration above zero, such as 30s";
			case WINDOW -> (window(value) == null)
					? "two different times and a time zone, such as 02:00-05:00 Europe/Berlin" : null;
			case TRANSACTION, REQUIRES_APPROVAL -> (bool(value) == null) ? "true or false" : null;
			case REPEAT -> UNTIL_NO_ROWS.equalsIgnoreCase(value) ? null : UNTIL_NO_ROWS;
			case PAUSE -> (duration(value) == null) ? "a duration that is not negative, such as 200ms" : null;
			case REPEAT_LIMIT -> isPositive(duration(value)) ? null : "a duration above zero, such as 48h";
			case REQUIRES ->
				(requires(value) == null) ? "pending migrations such as " + this.prefix + "2, or none" : null;
			case PRECEDES -> (versions(value, this.versionedPrefix) == null)
					? "versioned migrations such as " + this.versionedPrefix + "4" : null;
			case REASON -> null;
		};
		if (expected != null) {
			problem("the value '" + value + "' of the directive '" + directive.key() + "' is not understood",
					"give " + expected + ".");
			this.values.remove(directive);
		}
	}

	private ScriptDirectives build() {
		String delay = this.values.get(Directive.DELAY);
		String window = this.values.get(Directive.WINDOW);
		String requires = this.values.get(Directive.REQUIRES);
		String precedes = this.values.get(Directive.PRECEDES);
		String holdBudget = this.values.get(Directive.HOLD_BUDGET);
		String transaction = this.values.get(Directive.TRANSACTION);
		String approval = this.values.get(Directive.REQUIRES_APPROVAL);
		List<MigrationVersion> precededVersions = (precedes != null) ? versions(precedes, this.versionedPrefix) : null;
		return new ScriptDirectives((delay != null) ? duration(delay) : null, (window != null) ? window(window) : null,
				(requires != null) ? requires(requires) : null,
				(precededVersions != null) ? precededVersions : List.of(),
				(holdBudget != null) ? duration(holdBudget) : null, (transaction != null) ? bool(transaction) : null,
				this.values.get(Directive.REASON), repeat(), (approval != null) ? bool(approval) : null);
	}

	private @Nullable Repeat repeat() {
		String pause = this.values.get(Directive.PAUSE);
		String limit = this.values.get(Directive.REPEAT_LIMIT);
		if (!this.values.containsKey(Directive.REPEAT)) {
			if (pause != null || limit != null) {
				problem("the directive '" + ((pause != null) ? Directive.PAUSE : Directive.REPEAT_LIMIT).key()
						+ "' needs a statement that is repeated", "add '-- pending: repeat=until-no-rows'.");
			}
			return null;
		}
		if (Boolean.TRUE.equals(bool(this.values.getOrDefault(Directive.TRANSACTION, "")))) {
			problem("the directive 'transaction=true' contradicts 'repeat'",
					"remove it: each batch is a transaction of its own.");
		}
		return new Repeat(duration(pause, Repeat.DEFAULT_PAUSE), duration(limit, Repeat.DEFAULT_LIMIT));
	}

	private static Duration duration(@Nullable String value, Duration otherwise) {
		Duration duration = (value != null) ? duration(value) : null;
		return (duration != null) ? duration : otherwise;
	}

	private static @Nullable Duration duration(String value) {
		if (WITHOUT_UNIT.matcher(value).matches()) {
			return null;
		}
		try {
			Duration duration = DurationStyle.detectAndParse(value);
			return duration.isNegative() ? null : duration;
		}
		catch (IllegalArgumentException | ArithmeticException ex) {
			return null;
		}
	}

	private static boolean isPositive(@Nullable Duration duration) {
		return (duration != null) && !duration.isZero();
	}

	private static @Nullable Boolean bool(String value) {
		return switch (value.toLowerCase(Locale.ROOT)) {
			case "true" -> Boolean.TRUE;
			case "false" -> Boolean.FALSE;
			default -> null;
		};
	}

	private static @Nullable Window window(String value) {
		Matcher matcher = WINDOW.matcher(value);
		if (!matcher.matches() || matcher.group(3) == null) {
			return null;
		}
		try {
			Window window = new Window(time(matcher.group(1)), time(matcher.group(2)), ZoneId.of(matcher.group(3)));
			return window.from().equals(window.to()) ? null : window;
		}
		catch (DateTimeException ex) {
			return null;
		}
	}

	private static LocalTime time(String value) {
		return LocalTime.parse((value.length() == 4) ? "0" + value : value);
	}

	private @Nullable List<MigrationVersion> requires(String value) {
		return "none".equalsIgnoreCase(value) ? List.of() : versions(value, this.prefix);
	}

	private static @Nullable List<MigrationVersion> versions(String value, String prefix) {
		List<MigrationVersion> versions = new ArrayList<>();
		for (String part : value.split("[,\\s]+")) {
			MigrationVersion version = part.startsWith(prefix)
					? ScriptName.parseVersion(part.substring(prefix.length())) : null;
			if (version == null) {
				return null;
			}
			versions.add(version);
		}
		return List.copyOf(versions);
	}

	private void problem(String message, String fix) {
		this.problems.add(new Problem(this.location, this.line, message, fix));
	}

	private enum Directive {

		DELAY, REASON, WINDOW, REQUIRES, PRECEDES, HOLD_BUDGET, TRANSACTION, REPEAT, PAUSE, REPEAT_LIMIT,
		REQUIRES_APPROVAL;

		String key() {
			return name().toLowerCase(Locale.ROOT).replace('_', '-');
		}

		static @Nullable Directive of(String key) {
			for (Directive directive : values()) {
				if (directive.key().equals(key.toLowerCase(Locale.ROOT))) {
					return directive;
				}
			}
			return null;
		}

	}

}
