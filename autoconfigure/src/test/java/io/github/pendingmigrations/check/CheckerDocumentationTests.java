package io.github.pendingmigrations.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The table of rules in {@code docs/checker.md} is complete, and its examples are found.
 */
class CheckerDocumentationTests {

	private static final Pattern ROW = Pattern.compile("\\| `([a-z-]+)` \\| ([a-z, -]+) \\| (\\w+) \\| `(.*)` \\|");

	@Test
	void everyRuleIsDescribed() throws IOException {
		assertThat(rows().map(Row::rule))
			.containsExactlyInAnyOrderElementsOf(SqlChecker.rules().stream().map(Rule::id).toList());
	}

	@ParameterizedTest
	@MethodSource("rows")
	void exampleIsFound(Row row) {
		Rule rule = SqlChecker.rules().stream().filter((one) -> one.id().equals(row.rule())).findFirst().orElseThrow();
		assertThat(rule.impacts().stream().map(Impact::id).collect(Collectors.joining(", "))).isEqualTo(row.impacts());
		CheckSettings settings = new CheckSettings(row.dialect(), row.rule().equals("needs-newer-server") ? 17 : 0,
				TransactionMode.AUTOMATIC, true, null);
		SqlChecker checker = new SqlChecker(CheckPolicy.defaults().withRule("missing-lock-timeout", CheckLevel.WARN));
		ScriptKind kind = row.rule().startsWith("pending-") ? ScriptKind.PENDING : ScriptKind.VERSIONED;
		assertThat(checker.check(new ScriptFile("V1__x.sql", kind, "1", row.example()), settings).findings())
			.extracting(Finding::rule)
			.contains(row.rule());
	}

	static Stream<Row> rows() throws IOException {
		List<Row> rows = new ArrayList<>();
		for (String line : Files.readAllLines(Path.of("..", "docs", "checker.md"))) {
			Matcher matcher = ROW.matcher(line);
			if (matcher.matches()) {
				rows.add(new Row(matcher.group(1), matcher.group(2), dialect(matcher.group(3)), matcher.group(4)));
			}
		}
		return rows.stream();
	}

	private static Dialect dialect(String name) {
		return name.equals("PG") ? Dialect.POSTGRESQL : Dialect.of(name);
	}

	record Row(String rule, String impacts, Dialect dialect, String example) {

	}

}
