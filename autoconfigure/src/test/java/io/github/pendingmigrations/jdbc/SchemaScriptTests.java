package io.github.pendingmigrations.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The scripts of all databases create the same.
 */
class SchemaScriptTests {

	private static final Pattern TABLE = Pattern.compile("create table (?:if not exists )?(\\{\\w+}) \\((.*?)\\n\\)",
			Pattern.DOTALL);

	private static final Pattern COLUMN = Pattern.compile("(?m)^\\t(\\w+) ");

	@ParameterizedTest
	@ValueSource(strings = { "h2", "mysql", "postgresql" })
	void standardScriptHasTheTablesAndColumnsOfTheOthers(String other) throws IOException {
		Map<String, List<String>> tables = tables("standard");
		assertThat(tables).containsOnlyKeys("{ledger}", "{run}", "{event}", "{instance}", "{meta}");
		assertThat(tables.values()).allSatisfy((columns) -> assertThat(columns).hasSizeGreaterThan(4));
		assertThat(tables).isEqualTo(tables(other));
	}

	private static Map<String, List<String>> tables(String name) throws IOException {
		Map<String, List<String>> tables = new LinkedHashMap<>();
		Matcher table = TABLE.matcher(script(name));
		while (table.find()) {
			Stream<String> columns = COLUMN.matcher(table.group(2)).results().map((column) -> column.group(1));
			tables.put(table.group(1), columns.filter((column) -> !column.matches("index|key|unique")).toList());
		}
		return tables;
	}

	private static String script(String name) throws IOException {
		try (InputStream script = SchemaScriptTests.class.getResourceAsStream("schema-" + name + ".sql")) {
			return new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
		}
	}

}
