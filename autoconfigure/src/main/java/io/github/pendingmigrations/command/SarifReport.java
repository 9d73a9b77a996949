package io.github.pendingmigrations.command;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.pendingmigrations.MigrationFinding.Severity;

import org.springframework.boot.json.JsonWriter;

/**
 * Writes a report as SARIF 2.1.0.
 *
 * @see <a href="https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html">SARIF
 * 2.1.0</a>
 */
final class SarifReport implements ReportWriter {

	private final SourceFiles files;

	SarifReport(SourceFiles files) {
		this.files = files;
	}

	@Override
	public void write(CommandReport report, PrintStream out) {
		List<ReportedProblem> problems = ReportedProblem.of(report);
		Map<String, ReportedProblem> rules = new LinkedHashMap<>();
		problems.forEach((problem) -> rules.putIfAbsent(problem.rule(), problem));
		List<String> ids = List.copyOf(rules.keySet());
		Map<String, Object> run = new LinkedHashMap<>();
		run.put("tool", Map.of("driver", driver(rules.values().stream().map(SarifReport::rule).toList())));
		run.put("invocations", List.of(invocation(report)));
		run.put("columnKind", "utf16CodeUnits");
		run.put("results", problems.stream().map((problem) -> result(problem, ids.indexOf(problem.rule()))).toList());
		Map<String, Object> log = new LinkedHashMap<>();
		log.put("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
		log.put("version", "2.1.0");
		log.put("runs", List.of(run));
		out.println(JsonWriter.standard().writeToString(log));
		out.flush();
	}

	private static Map<String, Object> driver(List<Map<String, Object>> rules) {
		Map<String, Object> driver = new LinkedHashMap<>();
		driver.put("name", "pending-migrations");
		String version = SarifReport.class.getPackage().getImplementationVersion();
		if (version != null) {
			driver.put("version", version);
		}
		driver.put("rules", rules);
		return driver;
	}

	private static Map<String, Object> rule(ReportedProblem problem) {
		Map<String, Object> rule = new LinkedHashMap<>();
		rule.put("id", problem.rule());
		rule.put("shortDescription", text(problem.ruleDescription()));
		rule.put("help", text(problem.help().isEmpty() ? problem.ruleDescription() : problem.help()));
		return rule;
	}

	private static Map<String, Object> invocation(CommandReport report) {
		Map<String, Object> invocation = new LinkedHashMap<>();
		invocation.put("executionSuccessful", report.exitCode() != ExitCode.FAILED);
		invocation.put("exitCode", report.exitCode().code());
		invocation.put("exitCodeDescription", report.exitCode().name());
		Map<String, Object> notification = new LinkedHashMap<>();
		notification.put("level", (report.exitCode() == ExitCode.FAILED) ? "error" : "note");
		notification.put("message", text(report.message()));
		invocation.put("toolExecutionNotifications", List.of(notification));
		return invocation;
	}

	private Map<String, Object> result(ReportedProblem problem, int ruleIndex) {
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("ruleId", problem.rule());
		result.put("ruleIndex", ruleIndex);
		result.put("level", level(problem.severity()));
		result.put("message", text(problem.message()));
		result.put("locations", locations(problem));
		if (problem.allowedBecause() != null) {
			result.put("suppressions", List.of(Map.of("kind", "inSource", "justification", problem.allowedBecause())));
		}
		return result;
	}

	private List<Object> locations(ReportedProblem problem) {
		if (problem.location().isEmpty()) {
			return List.of();
		}
		Map<String, Object> physical = new LinkedHashMap<>();
		physical.put("artifactLocation", Map.of("uri", this.files.uriOf(problem.location())));
		List<Object> locations = new ArrayList<>();
		Map<String, Object> region = new LinkedHashMap<>();
		region.put("startLine", Math.max(problem.line(), 1));
		if (problem.column() > 0) {
			region.put("startColumn", problem.column());
		}
		physical.put("region", region);
		locations.add(Map.of("physicalLocation", physical));
		return locations;
	}

	private static Map<String, Object> text(String text) {
		return Map.of("text", text);
	}

	private static String level(Severity severity) {
		return switch (severity) {
			case FAIL -> "error";
			case WARN -> "warning";
			case INFO -> "note";
		};
	}

}
