package io.github.pendingmigrations.check;

import org.jspecify.annotations.Nullable;

/**
 * A lock that a statement takes on a table.
 *
 * @param table the table, or the index or view if the statement names only that, or
 * {@code null} if the statement names none
 * @param lock its name in the words of the database, for example
 * {@code ACCESS EXCLUSIVE}, {@code metadata exclusive} or {@code exclusive}
 * @param blocksReads whether readers wait while it is held
 * @param blocksWrites whether writers wait while it is held
 * @param effect what is done under it
 * @param withReferenced whether tables that are referenced by foreign keys of this table
 * may be locked as well (their names are only in the catalog)
 * @since 0.1.0
 */
public record TableLock(@Nullable ObjectName table, String lock, boolean blocksReads, boolean blocksWrites,
		LockEffect effect, boolean withReferenced) {

}
