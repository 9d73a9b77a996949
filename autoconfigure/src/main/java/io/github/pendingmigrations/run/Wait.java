package io.github.pendingmigrations.run;

import java.time.Duration;

/**
 * How long something may take.
 *
 * @param kind whether there is a limit
 * @param limit the limit, if there is one
 */
record Wait(Kind kind, Duration limit) {

	/** Give up at once. */
	static final Wait NONE = new Wait(Kind.NONE, Duration.ZERO);

	/** As long as it likes. */
	static final Wait UNLIMITED = new Wait(Kind.UNLIMITED, Duration.ZERO);

	static Wait atMost(Duration limit) {
		return (limit.isZero() || limit.isNegative()) ? NONE : new Wait(Kind.LIMITED, limit);
	}

	boolean isUnlimited() {
		return this.kind == Kind.UNLIMITED;
	}

	/**
	 * Whether there is a limit.
	 */
	enum Kind {

		/** Not at all. */
		NONE,

		/** For a time. */
		LIMITED,

		/** As long as it likes. */
		UNLIMITED

	}

}
