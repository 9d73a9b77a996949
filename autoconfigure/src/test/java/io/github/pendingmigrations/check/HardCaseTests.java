package io.github.pendingmigrations.check;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Scripts that are easy to misread, with the impacts that must be reported and those that
 * must not be.
 */
class HardCaseTests {

	@ParameterizedTest // A17
	@MethodSource("cases")
	void impactsAreThoseOfTheDatabase(HardCase hardCase) {
		Set<String> impacts = new TreeSet<>();
		for (Finding finding : hardCase.check().findings()) {
			if (finding.severity() != Severity.INFO) {
				finding.impacts().forEach((impact) -> impacts.add(hardCase.name(impact)));
			}
		}
		assertThat(impacts).containsAll(hardCase.expect());
		assertThat(hardCase.mustNot()).noneMatch(impacts::contains);
	}

	static Stream<HardCase> cases() throws IOException {
		try (InputStream in = Objects.requireNonNull(HardCaseTests.class.getResourceAsStream("/checker/cases.jsonl"))) {
			JsonMapper mapper = JsonMapper.builder().build();
			List<HardCase> cases = new ArrayList<>();
			for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
				cases.add(HardCase.of(mapper.readTree(line)));
			}
			return cases.stream();
		}
	}

	/**
	 * A case.
	 *
	 * @param sql the script
	 * @param settings the database
	 * @param expect the impacts that must be reported
	 * @param mustNot the impacts that must not be reported
	 */
	record HardCase(String sql, CheckSettings settings, List<String> expect, List<String> mustNot) {

		static HardCase of(JsonNode row) {
			return new HardCase(row.get("sql").asString(),
					new CheckSettings(Dialect.of(row.get("dialect").asString()), row.get("version").intValue(),
							row.get("transaction").booleanValue() ? TransactionMode.ALWAYS : TransactionMode.NEVER,
							false, null),
					strings(row.get("expect")), strings(row.get("mustNot")));
		}

		private static List<String> strings(JsonNode array) {
			List<String> strings = new ArrayList<>();
			array.forEach((node) -> strings.add(node.asString()));
			return strings;
		}

		ScriptReport check() {
			return new SqlChecker(CheckPolicy.defaults())
				.check(new ScriptFile("V1__case.sql", ScriptKind.VERSIONED, "1", this.sql), this.settings);
		}

		String name(Impact impact) {
			return (impact == Impact.EXECUTION) ? "script" : impact.id();
		}

		@Override
		public String toString() {
			return this.settings.dialect() + " " + this.sql;
		}

	}

}
