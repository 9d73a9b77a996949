package io.github.pendingmigrations.command;

/**
 * How a report is written: {@code pending-migrations.report}.
 *
 * @since 0.1.0
 */
public enum ReportFormat {

	/** Tables for people. */
	TEXT,

	/** With the names that the actuator endpoint uses. */
	JSON,

	/** SARIF 2.1.0, for code scanning. */
	SARIF,

	/** Commands of GitHub Actions, which annotate the files of a pull request. */
	GITHUB

}
