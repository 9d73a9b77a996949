package io.github.pendingmigrations;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import io.github.pendingmigrations.MigrationFinding.Severity;

/**
 * A script and what a checker found in it.
 *
 * @param script the script
 * @param findings what was found and is not acknowledged, in the order of the script
 * @param acknowledged what was found and the script allows
 * @param harmlessLines the lines of the statements that nothing fails about, counted from
 * 1, in order
 * @since 0.1.0
 */
public record CheckedMigration(MigrationScript script, List<MigrationFinding> findings, List<Acknowledged> acknowledged,
		List<Integer> harmlessLines) {

	/**
	 * Return whether the script must not run.
	 * @return {@code true} if a finding fails
	 */
	public boolean isRefused() {
		return !findings(Severity.FAIL).isEmpty();
	}

	/**
	 * Return the findings that weigh as much.
	 * @param severity the severity
	 * @return the findings, in the order of the script
	 */
	public List<MigrationFinding> findings(Severity severity) {
		return this.findings.stream().filter((finding) -> finding.severity() == severity).toList();
	}

	/**
	 * Return everything about what fails, and one line about each other finding, for
	 * people.
	 * @return lines of text, without a line end behind the last one
	 */
	public String describe() {
		List<String> parts = new ArrayList<>();
		findings(Severity.FAIL).forEach((finding) -> parts.add(finding.describe()));
		if (isRefused() && !this.harmlessLines.isEmpty()) {
			parts.add(this.script.location() + ": the other statement" + ((this.harmlessLines.size() > 1) ? "s" : "")
					+ " (line " + this.harmlessLines.stream().map(String::valueOf).collect(Collectors.joining(", "))
					+ ") can stay: split the script.");
		}
		this.findings.stream()
			.filter((finding) -> finding.severity() != Severity.FAIL)
			.forEach((finding) -> parts.add(finding.severity().id() + ": " + finding.toLine()));
		return String.join(System.lineSeparator(), parts);
	}

	/**
	 * A finding that the script allows.
	 *
	 * @param finding the finding
	 * @param reason the reason that the script gives
	 */
	public record Acknowledged(MigrationFinding finding, String reason) {
	}

}
