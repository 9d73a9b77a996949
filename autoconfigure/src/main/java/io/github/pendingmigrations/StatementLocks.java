package io.github.pendingmigrations;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Reads from the text of a statement which tables it locks and what it removes.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface StatementLocks {

	/**
	 * Knows nothing about any statement.
	 */
	StatementLocks UNKNOWN = (product, sql) -> Reading.UNKNOWN;

	/**
	 * Read a statement.
	 * @param product the database that it is meant for
	 * @param sql the text
	 * @return what it says
	 */
	Reading read(DatabaseProduct product, String sql);

	/**
	 * What a statement says.
	 *
	 * @param understood whether all of it was understood. If not, it may do more than
	 * what is listed here
	 * @param locks the locks that it takes
	 * @param removals what it removes
	 */
	record Reading(boolean understood, List<TableLock> locks, List<Removal> removals) {

		/** Of a statement that was not understood. */
		public static final Reading UNKNOWN = new Reading(false, List.of(), List.of());

	}

	/**
	 * A lock on a table.
	 *
	 * @param table the table; where a statement names only an index, that index
	 * @param mode the mode in the terms of the database, such as {@code ACCESS EXCLUSIVE}
	 * for PostgreSQL
	 * @param work what the statement does while others wait for the lock
	 */
	record TableLock(TableName table, String mode, Work work) {
	}

	/**
	 * What a statement does while others wait for its lock.
	 */
	enum Work {

		/**
		 * Nothing that takes long, or nobody waits. Rows that it chooses to change do not
		 * count.
		 */
		NONE,

		/** Reads the whole table, to check it or to build an index. */
		SCAN,

		/** Writes the whole table anew. */
		REWRITE

	}

	/**
	 * Something that a statement removes.
	 *
	 * @param kind the kind
	 * @param relation the relation that is removed, or the table that loses something
	 * @param part the name of the column or constraint, or {@code null} if the relation
	 * itself is removed
	 * @param cascade whether what depends on it is to be removed as well
	 */
	record Removal(Kind kind, TableName relation, @Nullable String part, boolean cascade) {

		/**
		 * Kind of what is removed.
		 */
		public enum Kind {

			/** A table, view, sequence or index. */
			RELATION,

			/** A column. */
			COLUMN,

			/** A constraint of a table. */
			CONSTRAINT

		}

		@Override
		public String toString() {
			return (this.part != null) ? this.relation + "." + this.part : this.relation.toString();
		}

	}

}
