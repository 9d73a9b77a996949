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
	 * Return whether something that ended then can have ended because of the limit.
	 * @param elapsed how long it took, as measured here
	 * @return {@code true} if the limit was reached, or nearly so
	 */
	boolean isReachedAfter(Duration elapsed) {
		// The clock of the database need not agree to the last millisecond.
		return !isUnlimited() && elapsed.toMillis() * 10 >= this.limit.toMillis() * 9;
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
