package io.github.pendingmigrations.check;

import org.jspecify.annotations.Nullable;

/**
 * What a live database knows about its tables. It can only make a finding weigh less, and
 * the finding then says why. Every method may answer that it does not know.
 *
 * @since 0.1.0
 */
public interface Catalog {

	/**
	 * Return whether a table is known to have no rows.
	 * @param table the table
	 * @return {@code true} if it has none, {@code false} if it has or nobody knows
	 */
	boolean isEmpty(ObjectName table);

	/**
	 * Return the type of a column.
	 * @param table the table
	 * @param column the column
	 * @return the type as SQL writes it, for example {@code varchar(20)}, or {@code null}
	 * if it is not known
	 */
	@Nullable String columnType(ObjectName table, String column);

	/**
	 * Return whether a column is known to be {@code NOT NULL} already, or to have a valid
	 * constraint {@code CHECK (column IS NOT NULL)}.
	 * @param table the table
	 * @param column the column
	 * @return {@code true} if so, {@code false} if not or nobody knows
	 */
	boolean isNeverNull(ObjectName table, String column);

}
