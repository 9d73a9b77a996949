package io.github.pendingmigrations.command;

import java.io.PrintStream;

/**
 * Writes a report.
 */
interface ReportWriter {

	/**
	 * Write a report.
	 * @param report the report
	 * @param out where to
	 */
	void write(CommandReport report, PrintStream out);

	static ReportWriter of(ReportFormat format, SourceFiles files) {
		return switch (format) {
			case TEXT -> new TextReport();
			case JSON -> new JsonReport();
			case SARIF -> new SarifReport(files);
			case GITHUB -> new GithubReport(files);
		};
	}

}
