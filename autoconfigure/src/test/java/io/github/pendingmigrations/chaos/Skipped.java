package io.github.pendingmigrations.chaos;

import org.junit.jupiter.api.Assumptions;

/**
 * Skips a test because the machine lacks what it needs, and says so on standard error,
 * since the reports hardly show it.
 */
final class Skipped {

	private Skipped() {
	}

	/**
	 * Skip the test that runs.
	 * @param <T> the type of what is lacking
	 * @param reason what is skipped, and why
	 * @return never
	 */
	static <T> T because(String reason) {
		String message = "SKIPPED: " + reason;
		System.err.println(message);
		return Assumptions.abort(message);
	}

}
