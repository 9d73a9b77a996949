package io.github.pendingmigrations.preflight;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Reads from the catalog of a database.
 */
class CatalogConnection {

	private final Connection connection;

	private final int queryTimeoutSeconds;

	/**
	 * Create one.
	 * @param connection the connection
	 * @param queryTimeoutSeconds the limit of a query that the driver is to hold, or 0 if
	 * somebody else does
	 */
	CatalogConnection(Connection connection, int queryTimeoutSeconds) {
		this.connection = connection;
		this.queryTimeoutSeconds = queryTimeoutSeconds;
	}

	<T> List<T> query(String sql, Row<T> row, @Nullable Object... arguments) throws SQLException {
		try (PreparedStatement statement = this.connection.prepareStatement(sql)) {
			if (this.queryTimeoutSeconds > 0) {
				statement.setQueryTimeout(this.queryTimeoutSeconds);
			}
			for (int i = 0; i < arguments.length; i++) {
				statement.setObject(i + 1, arguments[i]);
			}
			List<T> rows = new ArrayList<>();
			try (ResultSet resultSet = statement.executeQuery()) {
				while (resultSet.next()) {
					rows.add(row.map(resultSet));
				}
			}
			return rows;
		}
	}

	/**
	 * Go on in another transaction, after the failure of a query has made an end of this
	 * one and its settings.
	 */
	void rollback() throws SQLException {
		this.connection.rollback();
	}

	/**
	 * Make an argument of many numbers, for {@code = ANY(?)} of PostgreSQL.
	 */
	Object numbers(Collection<Long> values) throws SQLException {
		return this.connection.createArrayOf("int8", values.toArray());
	}

	static @Nullable Duration seconds(ResultSet resultSet, String column) throws SQLException {
		double seconds = resultSet.getDouble(column);
		// Clocks of several sessions can differ by a little
		return resultSet.wasNull() ? null : Duration.ofMillis(Math.max(0, Math.round(seconds * 1000)));
	}

	static @Nullable Long number(ResultSet resultSet, String column) throws SQLException {
		long number = resultSet.getLong(column);
		return resultSet.wasNull() ? null : number;
	}

	/**
	 * Reads a row.
	 *
	 * @param <T> what it makes of it
	 */
	@FunctionalInterface
	interface Row<T> {

		T map(ResultSet resultSet) throws SQLException;

	}

}
