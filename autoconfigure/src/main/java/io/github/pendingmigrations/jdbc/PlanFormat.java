package io.github.pendingmigrations.jdbc;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import io.github.pendingmigrations.MigrationRun.Planned;

/**
 * Writes the plan of a run as {@code ,3:690027783,5:-12,} so that a version can be found
 * with {@code like}.
 */
final class PlanFormat {

	/** The escape character of {@link #patternFor(String)}. */
	static final String ESCAPE = "!";

	private PlanFormat() {
	}

	static String write(List<Planned> plan) {
		return plan.stream()
			.map((planned) -> planned.version() + ":" + planned.checksum())
			.collect(Collectors.joining(",", ",", ","));
	}

	static List<Planned> read(String text) {
		return Arrays.stream(text.split(",")).filter((entry) -> !entry.isEmpty()).map(PlanFormat::readEntry).toList();
	}

	static String patternFor(String version) {
		String literal = version.replace(ESCAPE, ESCAPE + ESCAPE).replace("%", ESCAPE + "%").replace("_", ESCAPE + "_");
		return "%," + literal + ":%";
	}

	private static Planned readEntry(String entry) {
		int colon = entry.lastIndexOf(':');
		return new Planned(entry.substring(0, colon), Integer.parseInt(entry.substring(colon + 1)));
	}

}
