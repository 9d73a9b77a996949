package io.github.pendingmigrations.command;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.MigrationFinding;
import io.github.pendingmigrations.MigrationFinding.Severity;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationScript;
import io.github.pendingmigrations.OrderConflictException.Conflict;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.StartupStep;

/**
 * Writes a report for people.
 */
final class TextReport implements ReportWriter {

	@Override
	public void write(CommandReport report, PrintStream out) {
		for (FlywayReport bean : report.flywayBeans()) {
			write(bean, report.flywayBeans().size() > 1, out);
		}
		writeFindings(report, out);
		writeConflicts(report, out);
		writeWarnings(report, out);
		Trouble trouble = report.trouble();
		if (trouble != null) {
			trouble.problems().forEach((problem) -> {
				out.println(problem.describe());
				out.println("    Fix: " + problem.fix());
			});
		}
		out.println(report.exitCode().name().replace('_', ' ') + ": " + report.message() + " (exit code "
				+ report.exitCode().code() + ")");
		out.flush();
	}

	private static void write(FlywayReport bean, boolean several, PrintStream out) {
		if (several) {
			out.println("Flyway bean '" + bean.name() + "'");
			out.println();
		}
		if (!bean.checks().inUse()) {
			out.println("The database is empty or being initialized: everything runs at start-up, and findings stop "
					+ "nothing. To see what would stop on a database in use, ask one.");
			out.println();
		}
		table("Has run", bean.migrated().stream().map(TextReport::row).toList(), out);
		table("Runs at start-up", bean.startup().stream().map(TextReport::row).toList(), out);
		boolean all = bean.checks().inUse();
		List<PendingMigration> waiting = bean.overview()
			.outstanding()
			.stream()
			.filter((migration) -> all || bean.startup().stream().noneMatch((step) -> isSame(step, migration)))
			.toList();
		List<List<String>> rows = new ArrayList<>();
		for (PendingMigration migration : waiting) {
			rows.add(List.of("P" + migration.version(), migration.state().name(), migration.description(),
					migration.script(), "checksum " + migration.checksum()));
			for (PendingReason reason : migration.reasons()) {
				rows.add(List.of("", "", "- " + reason.code() + ": " + reason.message()));
			}
		}
		table("Waits", rows, out);
		if (!waiting.isEmpty()) {
			out.println("Plan " + bean.overview().plan());
			out.println();
		}
		MigrationRun active = bean.overview().activeRun();
		if (active != null) {
			out.println("Run " + active.id() + " of " + active.request().by() + " is " + active.status() + ": "
					+ active.versions().stream().map((version) -> "P" + version).collect(Collectors.joining(", ")));
			out.println();
		}
	}

	private static boolean isSame(StartupStep step, PendingMigration migration) {
		return step.kind() == MigrationScript.Kind.PENDING && migration.version().equals(step.version());
	}

	private static List<String> row(StartupStep step) {
		return List.of(step.name(), step.description(), step.script());
	}

	private static void table(String title, List<List<String>> rows, PrintStream out) {
		if (rows.isEmpty()) {
			return;
		}
		int columns = rows.stream().mapToInt(List::size).max().orElse(0);
		int[] widths = new int[columns];
		for (List<String> row : rows) {
			for (int i = 0; i < row.size() - 1; i++) {
				widths[i] = Math.max(widths[i], row.get(i).length());
			}
		}
		out.println(title);
		for (List<String> row : rows) {
			StringBuilder line = new StringBuilder(" ");
			for (int i = 0; i < row.size(); i++) {
				line.append(' ').append(row.get(i));
				line.append(" ".repeat((i < row.size() - 1) ? widths[i] - row.get(i).length() + 1 : 0));
			}
			out.println(line.toString().stripTrailing());
		}
		out.println();
	}

	private static void writeFindings(CommandReport report, PrintStream out) {
		List<String> harmless = new ArrayList<>();
		for (CheckedMigration checked : report.checked()) {
			for (MigrationFinding finding : checked.findings()) {
				if (finding.severity() == Severity.INFO) {
					harmless.add(finding.severity() + " " + finding.toLine());
				}
				else {
					write(finding, out);
				}
			}
			checked.acknowledged()
				.forEach((allowed) -> harmless
					.add("ALLOWED " + allowed.finding().toLine() + " because " + allowed.reason()));
		}
		harmless.forEach(out::println);
		if (!harmless.isEmpty()) {
			out.println();
		}
	}

	private static void write(MigrationFinding finding, PrintStream out) {
		out.println(finding.severity() + " " + finding.toLine());
		indent(finding.why(), out);
		for (int i = 0; i < finding.steps().size(); i++) {
			indent((i + 1) + ". " + finding.steps().get(i), out);
		}
		if (finding.sql() != null) {
			indent(finding.sql(), out);
		}
		if (!finding.acknowledge().isEmpty()) {
			indent("To allow it, write above the statement: " + finding.acknowledge(), out);
		}
		out.println();
	}

	private static void writeConflicts(CommandReport report, PrintStream out) {
		for (Conflict conflict : report.conflicts()) {
			out.println("ORDER " + conflict.describe());
			indent("Apply " + conflict.applyFirstText()
					+ " first, with an instance of the previous release, and come back.", out);
			out.println();
		}
	}

	private static void writeWarnings(CommandReport report, PrintStream out) {
		for (FlywayReport bean : report.flywayBeans()) {
			for (ReportWarning warning : bean.warnings()) {
				out.println("WARN " + warning.message() + " [" + warning.script() + ", " + warning.state() + "]");
				out.println();
			}
		}
	}

	private static void indent(String text, PrintStream out) {
		text.strip().lines().forEach((line) -> out.println("    " + line));
	}

}
