package io.github.pendingmigrations.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.CheckedMigration.Acknowledged;
import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import io.github.pendingmigrations.MigrationFinding;
import io.github.pendingmigrations.MigrationFinding.Severity;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.OrderConflictException.Conflict;
import org.jspecify.annotations.Nullable;

/**
 * Something in a file that a tool shows beside it.
 *
 * @param rule the rule
 * @param ruleDescription what the rule is about
 * @param help why it matters and what to do
 * @param severity how much it weighs
 * @param location the file, as Flyway tells it, or empty if it is none
 * @param line the line, counted from 1, or 0 if it concerns the whole file
 * @param column the column, counted from 1, or 0
 * @param message what is wrong
 * @param allowedBecause the reason for which the script allows it, or {@code null} if it
 * does not
 */
record ReportedProblem(String rule, String ruleDescription, String help, Severity severity, String location, int line,
		int column, String message, @Nullable String allowedBecause) {

	static List<ReportedProblem> of(CommandReport report) {
		List<ReportedProblem> problems = new ArrayList<>();
		for (CheckedMigration checked : report.checked()) {
			checked.findings().forEach((finding) -> problems.add(of(finding, null)));
			for (Acknowledged allowed : checked.acknowledged()) {
				problems.add(of(allowed.finding(), allowed.reason()));
			}
		}
		report.conflicts().forEach((conflict) -> problems.add(of(conflict)));
		Trouble trouble = report.trouble();
		if (trouble != null) {
			trouble.problems().forEach((problem) -> problems.add(of(problem)));
		}
		for (FlywayReport bean : report.flywayBeans()) {
			bean.warnings().forEach((warning) -> problems.add(of(warning)));
			MigrationRun run = bean.run();
			if (run != null && run.failure() != null) {
				problems.add(of(bean, run.failure()));
			}
		}
		return problems;
	}

	private static ReportedProblem of(MigrationFinding finding, @Nullable String allowedBecause) {
		StringBuilder help = new StringBuilder(finding.why());
		finding.steps().forEach((step) -> help.append('\n').append("- ").append(step));
		if (finding.sql() != null) {
			help.append("\n\n").append(finding.sql());
		}
		if (!finding.acknowledge().isEmpty()) {
			help.append("\n\nTo allow it, write above the statement: ").append(finding.acknowledge());
		}
		String note = (finding.note() != null) ? " (harmless: " + finding.note() + ")" : "";
		return new ReportedProblem(finding.rule(),
				finding.rule().replace('-', ' ') + ": " + String.join(", ", finding.impacts()), help.toString().strip(),
				finding.severity(), finding.file(), finding.line(), finding.column(),
				finding.message() + " [" + finding.rule() + "]" + note, allowedBecause);
	}

	private static ReportedProblem of(Conflict conflict) {
		return new ReportedProblem("order-conflict", "A migration is due that must wait for a pending one",
				"Apply " + conflict.applyFirstText() + " first, with an instance of the previous release.",
				Severity.FAIL, conflict.script(), 0, 0, conflict.describe(), null);
	}

	private static ReportedProblem of(ReportWarning warning) {
		return new ReportedProblem(warning.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
				"The code and the database differ in a pending migration", "", Severity.WARN, warning.script(), 0, 0,
				warning.message(), null);
	}

	private static ReportedProblem of(Problem problem) {
		return new ReportedProblem("invalid-pending-migration", "A pending migration cannot be used as it is",
				problem.fix(), Severity.FAIL, problem.location(), problem.line(), 0,
				problem.message() + ". Fix: " + problem.fix(), null);
	}

	private static ReportedProblem of(FlywayReport bean, Failure failure) {
		String location = bean.overview()
			.migrations()
			.stream()
			.filter((migration) -> migration.version().equals(failure.version()))
			.map((migration) -> migration.script())
			.findFirst()
			.orElse("");
		String message = (failure.message() != null) ? failure.message() + " " : "";
		return new ReportedProblem("migration-failed", "A pending migration failed", failure.advice(), Severity.FAIL,
				location, failure.line(), 0, failure.kind() + ": " + message + failure.advice(), null);
	}

}
