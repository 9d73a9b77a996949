package io.github.pendingmigrations.check;

import java.util.Locale;

/**
 * What makes a statement unsafe, the worst first.
 *
 * @since 0.1.0
 */
public enum Impact {

	/** Data or an object is gone, and rolling the application back does not help. */
	DESTRUCTIVE,

	/** Code that is still running breaks or is refused. */
	INCOMPATIBLE,

	/** Nobody can say what it does. */
	UNKNOWN,

	/** It cannot run as it is written, or cannot be run again after a failure. */
	EXECUTION,

	/** Readers or writers wait for a scan, a build or a rewrite. */
	BLOCKING,

	/** It may fail on the rows that are there. */
	DATA_DEPENDENT;

	/**
	 * Return the name that configuration and reports use.
	 * @return the name, for example {@code data-dependent}
	 */
	public String id() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
