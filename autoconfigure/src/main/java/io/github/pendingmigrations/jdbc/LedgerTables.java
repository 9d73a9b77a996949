package io.github.pendingmigrations.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.pendingmigrations.DatabaseProduct;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * The names of the tables of this library in one schema of one database. Statements name
 * the schema, so that the current schema of a connection does not matter.
 *
 * @since 0.1.0
 */
public final class LedgerTables {

	/** The table prefix, unless another one is configured. */
	public static final String DEFAULT_PREFIX = "pending_migration";

	private static final Pattern PREFIX = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,40}");

	private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]+)}");

	private static final String NOW_PLUS = "now+";

	private static final String PAGE = "page ";

	private static final String CHARS = "chars ";

	private static final String LOCK_DUPLICATES = "lock duplicates of ";

	private static final List<String> SUFFIXES = List.of("", "_run", "_event", "_instance", "_meta");

	private final DatabaseProduct product;

	private final SqlDialect dialect;

	private final String schema;

	private final String prefix;

	private LedgerTables(DatabaseProduct product, String schema, String prefix) {
		this.product = product;
		this.dialect = SqlDialect.of(product);
		this.schema = schema;
		this.prefix = prefix;
	}

	/**
	 * Create the names.
	 * @param product the database
	 * @param schema the name of the schema, as the database stores it; on MySQL and
	 * MariaDB that is the name of the database
	 * @param tablePrefix what the names of all tables begin with
	 * @return the names
	 */
	public static LedgerTables of(DatabaseProduct product, String schema, String tablePrefix) {
		Assert.hasText(schema, "'schema' must not be empty");
		Assert.isTrue(PREFIX.matcher(tablePrefix).matches(),
				() -> "'tablePrefix' must match " + PREFIX + " but is '" + tablePrefix + "'");
		return new LedgerTables(product, schema, tablePrefix);
	}

	/**
	 * Return the database.
	 * @return the product
	 */
	public DatabaseProduct product() {
		return this.product;
	}

	/**
	 * Return the name of the schema.
	 * @return the name, not quoted
	 */
	public String schema() {
		return this.schema;
	}

	/**
	 * Return the names of all tables, without the schema. The database may store them in
	 * another case.
	 * @return the names
	 */
	public List<String> names() {
		return SUFFIXES.stream().map((suffix) -> this.prefix + suffix).toList();
	}

	/**
	 * Return whether a table belongs to this library.
	 * @param table the name of a table in the schema, without the schema
	 * @return {@code true} if it does
	 */
	public boolean contains(String table) {
		return names().stream().anyMatch(table::equalsIgnoreCase);
	}

	SqlDialect dialect() {
		return this.dialect;
	}

	/**
	 * Fill the placeholders of a statement: names of tables and what the dialects write
	 * differently. Used on constants only.
	 * @param template the statement
	 * @return the statement in the dialect of the database
	 */
	String sql(String template) {
		return PLACEHOLDER.matcher(template)
			.replaceAll((match) -> Matcher.quoteReplacement(replacement(match.group(1))));
	}

	@Nullable Instant instant(ResultSet resultSet, String column) throws SQLException {
		return this.dialect.instant(resultSet, column);
	}

	Instant requiredInstant(ResultSet resultSet, String column) throws SQLException {
		Instant instant = instant(resultSet, column);
		Assert.state(instant != null, () -> "No value in " + column);
		return instant;
	}

	private String replacement(String placeholder) {
		return switch (placeholder) {
			case "ledger" -> qualified("");
			case "run", "event", "instance", "meta" -> qualified("_" + placeholder);
			case "schema" -> this.dialect.quote(this.schema);
			case "prefix" -> this.prefix;
			case "now" -> this.dialect.now();
			case "skip duplicates" -> this.dialect.skipDuplicates();
			case "lock lease" -> this.dialect.lockLease();
			case "for update" -> this.dialect.forUpdate();
			case "for update skip locked" -> this.dialect.forUpdateSkipLocked();
			case "false" -> this.dialect.falseLiteral();
			case "any plan with p" -> this.dialect.concat("'%,'", "p.version", "':%'");
			case "no active key" -> this.dialect.noActiveKey();
			case "text", "timestamp", "flag", "long", "key" -> this.dialect.type(placeholder);
			default -> parameterized(placeholder);
		};
	}

	private String parameterized(String placeholder) {
		if (placeholder.startsWith(NOW_PLUS)) {
			return this.dialect.nowPlusMillis(":" + placeholder.substring(NOW_PLUS.length()));
		}
		if (placeholder.startsWith(LOCK_DUPLICATES)) {
			return this.dialect.lockDuplicates(placeholder.substring(LOCK_DUPLICATES.length()));
		}
		if (placeholder.startsWith(PAGE)) {
			String[] limitAndOffset = placeholder.substring(PAGE.length()).split(" ");
			return this.dialect.page(limitAndOffset[0], limitAndOffset[1]);
		}
		if (placeholder.startsWith(CHARS)) {
			return this.dialect.chars(Integer.parseInt(placeholder.substring(CHARS.length())));
		}
		throw new IllegalStateException("Unknown placeholder " + placeholder);
	}

	private String qualified(String suffix) {
		return this.dialect.quote(this.schema) + "." + this.prefix + suffix;
	}

	@Override
	public String toString() {
		return qualified("");
	}

}
