package io.github.pendingmigrations.check;

import java.util.List;

/**
 * What was found in a script.
 *
 * @param file the script
 * @param script the script as it was read
 * @param findings what was found and is not acknowledged, in the order of the script
 * @param acknowledged what was found and somebody has acknowledged in the script
 * @since 0.1.0
 */
public record ScriptReport(ScriptFile file, SqlScript script, List<Finding> findings, List<Acknowledged> acknowledged) {

	/**
	 * Return whether the script must not be applied.
	 * @return {@code true} if so
	 */
	public boolean isRefused() {
		return this.findings.stream().anyMatch((finding) -> finding.severity() == Severity.FAIL);
	}

	/**
	 * Return the findings of a severity.
	 * @param severity the severity
	 * @return the findings, in order
	 */
	public List<Finding> findings(Severity severity) {
		return this.findings.stream().filter((finding) -> finding.severity() == severity).toList();
	}

	/**
	 * A finding that somebody has acknowledged.
	 *
	 * @param finding the finding
	 * @param reason the reason that the script gives
	 */
	public record Acknowledged(Finding finding, String reason) {

	}

}
