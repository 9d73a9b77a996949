package io.github.pendingmigrations.run;

/**
 * A form in which a statement can be executed.
 *
 * @param sql the statement
 * @param bound what of it is limited
 */
record Form(String sql, Bound bound) {

	static Form asWritten(String sql) {
		return new Form(sql, Bound.BUDGET);
	}

	/**
	 * What of a statement is limited.
	 */
	enum Bound {

		/** It waits, and is done in no time: both have the limit of a wait. */
		WAIT_AND_WORK,

		/** Only its waits: while it works, nobody waits for it. */
		WAIT,

		/** Its wait, and the time in which it holds its locks. */
		BUDGET

	}

}
