package io.github.pendingmigrations.check;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A statement of a script: where it stands, what it does and which locks it takes.
 *
 * @param range where it stands
 * @param sql its text, without comments before it and without its delimiter
 * @param facts what it does, at least one
 * @param certain whether it is executed for sure: {@code false} for a comment that only
 * some servers execute, and for what code does under conditions
 * @since 0.1.0
 */
public record SqlStatement(SourceRange range, String sql, List<Fact> facts, boolean certain) {

	/**
	 * Return whether a part of the statement, or all of it, could not be understood. It
	 * must not be taken for safe.
	 * @return {@code true} if so
	 */
	public boolean isUnknown() {
		for (Fact fact : this.facts) {
			if (fact instanceof Fact.Unknown || fact instanceof Fact.Opaque || fact instanceof Fact.Placeholder) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Return why the statement can only be executed outside a transaction.
	 * @return the words that are the reason, for example
	 * {@code CREATE INDEX CONCURRENTLY}, or {@code null} if it can be executed in one
	 */
	public @Nullable String outsideTransaction() {
		for (Fact fact : this.facts) {
			if (fact instanceof Fact.OutsideTransaction outside) {
				return outside.what();
			}
		}
		return null;
	}

	/**
	 * Return the locks that the statement takes on tables, as far as its text tells.
	 * @param dialect the dialect
	 * @param majorVersion the major version of the server, or 0 if it is not known, which
	 * gives the cautious answer
	 * @return the locks, each table once with its strongest one, empty for a statement
	 * without any or one that is unknown
	 */
	public List<TableLock> locks(Dialect dialect, int majorVersion) {
		return LockModel.of(dialect).locks(this.facts, majorVersion);
	}

}
