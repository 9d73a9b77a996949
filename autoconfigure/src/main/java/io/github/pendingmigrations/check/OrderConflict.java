package io.github.pendingmigrations.check;

/**
 * Two scripts that cannot be applied in the order that is planned.
 *
 * @param kind what is wrong
 * @param object the table or column, for example {@code issue.source}
 * @param first the script that changes it first
 * @param firstRange where
 * @param second the other script, or the same one
 * @param secondRange where
 * @param message what is wrong and what to do, one or two sentences
 * @since 0.1.0
 */
public record OrderConflict(Kind kind, String object, ScriptFile first, SourceRange firstRange, ScriptFile second,
		SourceRange secondRange, String message) {

	/**
	 * A kind of conflict.
	 */
	public enum Kind {

		/** A later script uses what an earlier one, which waits, drops or renames. */
		USES_WHAT_WAITS,

		/**
		 * A script that waits only adds, so that nothing speaks against running it at
		 * once.
		 */
		PENDING_ONLY_ADDS,

		/** A column is added, dropped and added again. */
		ADDED_AGAIN

	}

}
