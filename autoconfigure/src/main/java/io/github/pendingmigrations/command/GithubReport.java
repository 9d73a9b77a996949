package io.github.pendingmigrations.command;

import java.io.PrintStream;

import io.github.pendingmigrations.MigrationFinding.Severity;

/**
 * Writes a report as commands of GitHub Actions.
 *
 * @see <a href=
 * "https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions">Workflow
 * commands</a>
 */
final class GithubReport implements ReportWriter {

	private final SourceFiles files;

	GithubReport(SourceFiles files) {
		this.files = files;
	}

	@Override
	public void write(CommandReport report, PrintStream out) {
		for (ReportedProblem problem : ReportedProblem.of(report)) {
			if (problem.allowedBecause() == null) {
				out.println(command(problem));
			}
		}
		Severity severity = switch (report.exitCode()) {
			case FAILED, UNSAFE, CONFLICT -> Severity.FAIL;
			case BLOCKED, TERMINATED -> Severity.WARN;
			case DONE, SAFE_WORK_DUE, PENDING_LEFT -> Severity.INFO;
		};
		out.println("::" + name(severity) + " title=" + property("Pending migrations") + "::"
				+ data(report.message() + " (exit code " + report.exitCode().code() + ")"));
		out.flush();
	}

	private String command(ReportedProblem problem) {
		StringBuilder command = new StringBuilder("::").append(name(problem.severity())).append(' ');
		if (!problem.location().isEmpty()) {
			command.append("file=").append(property(this.files.pathOf(problem.location()))).append(',');
		}
		if (problem.line() > 0) {
			command.append("line=").append(problem.line()).append(',');
		}
		if (problem.column() > 0) {
			command.append("col=").append(problem.column()).append(',');
		}
		return command.append("title=")
			.append(property(problem.rule()))
			.append("::")
			.append(data(problem.message().contains(problem.help()) ? problem.message()
					: problem.message() + "\n" + problem.help()))
			.toString();
	}

	private static String name(Severity severity) {
		return switch (severity) {
			case FAIL -> "error";
			case WARN -> "warning";
			case INFO -> "notice";
		};
	}

	private static String data(String text) {
		return text.strip().replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
	}

	private static String property(String text) {
		return data(text).replace(":", "%3A").replace(",", "%2C");
	}

}
