package io.github.pendingmigrations.command;

import java.io.PrintStream;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.Force;
import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import io.github.pendingmigrations.MigrationFinding;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Hold;
import io.github.pendingmigrations.OrderConflictException.Conflict;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.StartupStep;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.json.JsonWriter;

/**
 * Writes a report as JSON. What the actuator endpoint says as well has the same name
 * here.
 */
final class JsonReport implements ReportWriter {

	@Override
	public void write(CommandReport report, PrintStream out) {
		out.println(JsonWriter.standard().writeToString(describe(report)));
		out.flush();
	}

	private static Map<String, Object> describe(CommandReport report) {
		Members members = new Members();
		members.add("mode", report.mode().name());
		members.add("exitCode", report.exitCode().code());
		members.add("outcome", report.exitCode().name());
		members.add("message", report.message());
		Map<String, Object> beans = new LinkedHashMap<>();
		report.flywayBeans().forEach((bean) -> beans.put(bean.name(), describe(bean)));
		members.add("flywayBeans", beans);
		Trouble trouble = report.trouble();
		if (trouble != null) {
			members.addAll("problems", trouble.problems().stream().map(JsonReport::describe).toList());
			if (report.flywayBeans().isEmpty()) {
				members.addAll("conflicts", trouble.conflicts().stream().map(JsonReport::describe).toList());
				members.addAll("findings",
						trouble.refused()
							.stream()
							.flatMap((checked) -> checked.findings().stream())
							.map(JsonReport::describe)
							.toList());
			}
		}
		return members.map;
	}

	private static Map<String, Object> describe(FlywayReport bean) {
		List<PendingMigration> outstanding = bean.overview().outstanding();
		Members members = new Members();
		members.add("plan", bean.overview().plan());
		members.add("pending", outstanding.size());
		members.add("nothingPending", outstanding.isEmpty());
		members.add("inUse", bean.checks().inUse());
		members.add("startup", bean.startup().stream().map(JsonReport::describe).toList());
		members.addAll("migrated", bean.migrated().stream().map(JsonReport::describe).toList());
		members.addAll("conflicts", bean.checks().conflicts().stream().map(JsonReport::describe).toList());
		members.addAll("findings",
				bean.checks()
					.due()
					.stream()
					.flatMap((checked) -> checked.findings().stream())
					.map(JsonReport::describe)
					.toList());
		members.addAll("acknowledged", acknowledged(bean));
		members.addAll("warnings", bean.warnings().stream().map(JsonReport::describe).toList());
		members.add("migrations",
				bean.overview().migrations().stream().map((migration) -> describe(migration, bean)).toList());
		MigrationRun active = bean.overview().activeRun();
		members.add("activeRun", (active != null) ? describe(active, bean) : null);
		members.add("run", (bean.run() != null) ? describe(bean.run(), bean) : null);
		return members.map;
	}

	private static List<Map<String, Object>> acknowledged(FlywayReport bean) {
		return Stream.concat(bean.checks().due().stream(), bean.checks().waiting().stream())
			.flatMap((checked) -> checked.acknowledged().stream())
			.map((allowed) -> {
				Map<String, Object> finding = describe(allowed.finding());
				finding.put("allowedBecause", allowed.reason());
				return finding;
			})
			.toList();
	}

	private static Map<String, Object> describe(StartupStep step) {
		Members members = new Members();
		members.add("kind", step.kind().name());
		members.add("version", step.version());
		members.add("description", step.description());
		members.add("script", step.script());
		return members.map;
	}

	private static Map<String, Object> describe(PendingMigration migration, FlywayReport bean) {
		Members members = new Members();
		members.add("version", migration.version());
		members.add("description", migration.description());
		members.add("script", migration.script());
		members.add("type", migration.type().name());
		members.add("checksum", migration.checksum());
		members.add("state", migration.state().name());
		members.add("reasons", migration.reasons().stream().map(JsonReport::describe).toList());
		members.add("purpose", migration.purpose());
		members.add("requiresApproval", migration.requiresApproval() ? true : null);
		members.add("firstSeenAt", migration.firstSeenAt());
		members.add("firstSeenApplicationVersion", migration.firstSeenApplicationVersion());
		members.add("findings",
				bean.checks()
					.waiting()
					.stream()
					.filter((checked) -> checked.script().location().equals(migration.script()))
					.map(CheckedMigration::findings)
					.flatMap(Collection::stream)
					.map(JsonReport::describe)
					.toList());
		members.add("lastRun", migration.lastRunId());
		return members.map;
	}

	private static Map<String, Object> describe(PendingReason reason) {
		Members members = new Members();
		members.add("code", reason.code().name());
		members.add("message", reason.message());
		members.addAll("by", reason.by());
		members.add("until", reason.until());
		return members.map;
	}

	private static Map<String, Object> describe(MigrationFinding finding) {
		Members members = new Members();
		members.add("rule", finding.rule());
		members.add("impact", finding.impact());
		members.add("severity", finding.severity().id());
		members.add("script", finding.file());
		members.add("line", finding.line());
		members.add("column", finding.column());
		members.add("object", finding.object().isEmpty() ? null : finding.object());
		members.add("message", finding.message());
		members.add("why", finding.why());
		members.addAll("steps", finding.steps());
		members.add("sql", finding.sql());
		members.add("acknowledge", finding.acknowledge().isEmpty() ? null : finding.acknowledge());
		members.add("note", finding.note());
		return members.map;
	}

	private static Map<String, Object> describe(ReportWarning warning) {
		Members members = new Members();
		members.add("state", warning.state().name());
		members.add("version", warning.version());
		members.add("script", warning.script());
		members.add("message", warning.message());
		return members.map;
	}

	private static Map<String, Object> describe(Conflict conflict) {
		Members members = new Members();
		members.add("version", conflict.version().getVersion());
		members.add("script", conflict.script());
		members.add("message", conflict.describe());
		members.add("by", List.of(conflict.pending().versionText()));
		members.add("applyFirst", conflict.applyFirst().stream().map((script) -> script.versionText()).toList());
		return members.map;
	}

	private static Map<String, Object> describe(Problem problem) {
		Members members = new Members();
		members.add("script", problem.location());
		members.add("line", (problem.line() > 0) ? problem.line() : null);
		members.add("message", problem.message());
		members.add("fix", problem.fix());
		return members.map;
	}

	private static Map<String, Object> describe(MigrationRun run, FlywayReport bean) {
		Members members = new Members();
		members.add("id", run.id());
		members.add("flyway", bean.name());
		members.add("status", run.status().name());
		members.add("phase", (run.phase() != null) ? run.phase().name() : null);
		members.add("requestedBy", run.request().by());
		members.add("requestedVia", run.request().via());
		members.add("requestedAt", run.request().at());
		members.add("reason", run.request().reason());
		members.add("force", (run.request().force() != Force.NONE) ? run.request().force() : null);
		members.add("versions", run.versions());
		members.add("version", run.position().version());
		members.add("hold", (run.hold() != null) ? describe(run.hold()) : null);
		members.add("waited", run.contention().waited());
		members.add("executed", run.contention().executed());
		members.add("failure", (run.failure() != null) ? describe(run.failure()) : null);
		members.add("startedAt", run.startedAt());
		members.add("finishedAt", run.finishedAt());
		return members.map;
	}

	private static Map<String, Object> describe(Hold hold) {
		Members members = new Members();
		members.add("reason", hold.reason());
		members.add("until", hold.until());
		return members.map;
	}

	private static Map<String, Object> describe(Failure failure) {
		Members members = new Members();
		members.add("kind", failure.kind());
		members.add("errorClass", failure.errorClass());
		members.add("sqlState", failure.sqlState());
		members.add("vendorCode", failure.vendorCode());
		members.add("message", failure.message());
		members.add("version", failure.version());
		members.add("statement", (failure.statement() > 0) ? failure.statement() : null);
		members.add("line", (failure.line() > 0) ? failure.line() : null);
		members.add("advice", failure.advice());
		return members.map;
	}

	/**
	 * The members of an object: what is {@code null} is left out.
	 */
	private static final class Members {

		private final Map<String, Object> map = new LinkedHashMap<>();

		void add(String name, @Nullable Object value) {
			if (value == null) {
				return;
			}
			boolean plain = value instanceof Number || value instanceof Boolean || value instanceof Map
					|| value instanceof Collection;
			this.map.put(name, plain ? value : Objects.toString(value));
		}

		void addAll(String name, Collection<?> values) {
			if (!values.isEmpty()) {
				add(name, values);
			}
		}

	}

}
