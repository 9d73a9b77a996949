package io.github.pendingmigrations.check;

/**
 * How much a finding weighs, the worst first.
 *
 * @since 0.1.0
 */
public enum Severity {

	/** The script must not be applied. */
	FAIL,

	/** Somebody should read it. */
	WARN,

	/** Something else makes it harmless, and the finding says what. */
	INFO

}
