package io.github.pendingmigrations.check;

/**
 * What is done about a finding.
 *
 * @since 0.1.0
 */
public enum CheckLevel {

	/** The script is refused. */
	FAIL,

	/** It is reported. */
	WARN,

	/** Nothing. */
	OFF

}
