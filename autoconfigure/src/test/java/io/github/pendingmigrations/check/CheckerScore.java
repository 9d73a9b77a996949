package io.github.pendingmigrations.check;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs the checker over files of labelled scripts, one JSON object a line. Two kinds are
 * known: records with {@code expect} and {@code must_not} are judged here, by impact; for
 * others the rules that were hit are written as {@code {"id": …, "rules": […]}}, in the
 * names that several linters share, for a program that compares them.
 * <p>
 * Arguments: the file, and where to write the rules.
 */
final class CheckerScore {

	/** Names of other linters for what rules of this library find. */
	private static final Map<String, Set<String>> SHARED_NAMES = Map.ofEntries(
			Map.entry("delete-all-rows", Set.of("delete-without-where")),
			Map.entry("update-all-rows", Set.of("delete-without-where")), Map.entry("cascade", Set.of("drop-cascade")),
			Map.entry("truncate-partition", Set.of("truncate-table")),
			Map.entry("add-check-validating", Set.of("add-constraint-validating")),
			Map.entry("add-foreign-key-validating", Set.of("add-foreign-key-validating", "add-constraint-validating")),
			Map.entry("validate-in-same-transaction",
					Set.of("validate-in-same-transaction", "add-constraint-validating")),
			Map.entry("add-required-column", Set.of("add-required-column", "required-column-may-fail")),
			Map.entry("unreadable-statement", Set.of("unknown")), Map.entry("opaque-code", Set.of("unknown")),
			Map.entry("unresolved-placeholder", Set.of("unknown")));

	/**
	 * What a comment of another linter allows: such labels say that nothing is reported.
	 */
	private static final Map<String, String> ALLOWED_ELSEWHERE = Map.of("E5", "alter-column-type", "E6",
			"create-index-blocking");

	private final SqlChecker checker = new SqlChecker(
			CheckPolicy.defaults().withRule("missing-lock-timeout", CheckLevel.WARN));

	private final JsonMapper mapper = JsonMapper.builder().build();

	private CheckerScore() {
	}

	public static void main(String[] args) throws IOException {
		new CheckerScore().run(Path.of(args[0]), (args.length > 1) ? Path.of(args[1]) : null, System.out);
	}

	private void run(Path labelled, Path output, PrintStream out) throws IOException {
		List<String> lines = new ArrayList<>();
		int judged = 0;
		int wrong = 0;
		for (String line : Files.readAllLines(labelled, StandardCharsets.UTF_8)) {
			JsonNode row = this.mapper.readTree(line);
			ScriptReport report = check(row);
			if (row.has("expect")) {
				judged++;
				wrong += judge(row, report, out) ? 0 : 1;
			}
			lines.add(this.mapper.writeValueAsString(Map.of("id", row.get("id").asString(), "rules", rules(report))));
		}
		if (judged > 0) {
			out.println((judged - wrong) + " of " + judged + " right");
		}
		if (output != null) {
			Files.write(output, lines);
		}
	}

	private ScriptReport check(JsonNode row) {
		JsonNode version = row.get("pg_version");
		int serverVersion = (version == null || version.isNull()) ? 0 : Integer.parseInt(version.asString());
		JsonNode transaction = row.get("in_transaction");
		boolean outside = transaction != null && transaction.isBoolean() && !transaction.booleanValue();
		CheckSettings settings = new CheckSettings(Dialect.of(row.get("dialect").asString()), serverVersion,
				outside ? TransactionMode.NEVER : TransactionMode.ALWAYS, false, null);
		return this.checker.check(
				new ScriptFile("V1__x.sql", ScriptKind.VERSIONED, "1", withOurComments(row.get("sql").asString())),
				settings);
	}

	private static String withOurComments(String sql) {
		return Pattern.compile("-- eugene: ignore (.*)").matcher(sql).replaceAll((match) -> {
			Set<String> rules = new TreeSet<>();
			for (String code : match.group(1).trim().split(",\\s*")) {
				if (ALLOWED_ELSEWHERE.containsKey(code)) {
					rules.add(ALLOWED_ELSEWHERE.get(code));
				}
			}
			return rules.isEmpty() ? "--" : "-- check: allow " + String.join(", ", rules) + " because labelled so";
		});
	}

	private static Set<String> rules(ScriptReport report) {
		Set<String> rules = new TreeSet<>();
		for (Finding finding : report.findings()) {
			if (finding.severity() != Severity.INFO) {
				rules.addAll(SHARED_NAMES.getOrDefault(finding.rule(), Set.of(finding.rule())));
			}
		}
		return rules;
	}

	private static boolean judge(JsonNode row, ScriptReport report, PrintStream out) {
		Set<String> impacts = new TreeSet<>();
		for (Finding finding : report.findings()) {
			if (finding.severity() != Severity.INFO && !finding.rule().equals("missing-lock-timeout")) {
				finding.impacts().forEach((impact) -> impacts.add(name(impact)));
			}
		}
		Set<String> expected = names(row.get("expect"));
		Set<String> forbidden = names(row.get("must_not"));
		forbidden.retainAll(impacts);
		boolean right = impacts.containsAll(expected) && forbidden.isEmpty();
		if (!right) {
			out.println("WRONG " + row.get("id").asString() + ": expected " + expected + ", found " + impacts
					+ ", of which must not be " + forbidden);
		}
		return right;
	}

	private static String name(Impact impact) {
		return (impact == Impact.EXECUTION) ? "script" : impact.id().toLowerCase(Locale.ROOT);
	}

	private static Set<String> names(JsonNode array) {
		Set<String> names = new TreeSet<>();
		array.forEach((node) -> names.add(node.asString()));
		return names;
	}

}
