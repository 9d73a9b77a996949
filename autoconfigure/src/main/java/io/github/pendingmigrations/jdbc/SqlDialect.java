package io.github.pendingmigrations.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

import io.github.pendingmigrations.DatabaseProduct;
import org.jspecify.annotations.Nullable;

/**
 * Where the SQL of the databases differs.
 */
enum SqlDialect {

	H2("\"", "current_timestamp(6) at time zone 'UTC'",
			"dateadd(millisecond, cast(%s as bigint), current_timestamp(6) at time zone 'UTC')"),

	/**
	 * PostgreSQL freezes {@code now()} in a transaction. There, {@code for key share}
	 * keeps others from changing the unique {@code active_key}, and so from ending the
	 * run, but lets heartbeats through.
	 */
	POSTGRESQL("\"", "clock_timestamp()", "clock_timestamp() + cast(%s as bigint) * interval '1 millisecond'") {

		@Override
		String skipDuplicates() {
			return "on conflict do nothing";
		}

		@Override
		String lockDuplicates(String key) {
			return skipDuplicates();
		}

		@Override
		String lockLease() {
			return "for key share";
		}

	},

	/**
	 * MySQL and MariaDB convert {@code timestamp} columns to the zone of the session, but
	 * not {@code datetime} ones.
	 */
	MYSQL("`", "utc_timestamp(6)", "timestampadd(microsecond, %s * 1000, utc_timestamp(6))") {

		@Override
		String lockDuplicates(String key) {
			return "on duplicate key update %1$s = %1$s".formatted(key);
		}

		@Override
		@Nullable Instant instant(ResultSet resultSet, String column) throws SQLException {
			LocalDateTime time = resultSet.getObject(column, LocalDateTime.class);
			return (time != null) ? time.toInstant(ZoneOffset.UTC) : null;
		}

	};

	private final String quote;

	private final String now;

	private final String nowPlusMillis;

	SqlDialect(String quote, String now, String nowPlusMillis) {
		this.quote = quote;
		this.now = now;
		this.nowPlusMillis = nowPlusMillis;
	}

	static SqlDialect of(DatabaseProduct product) {
		return switch (product) {
			case H2 -> H2;
			case POSTGRESQL -> POSTGRESQL;
			case MYSQL, MARIADB -> MYSQL;
		};
	}

	String quote(String identifier) {
		return this.quote + identifier.replace(this.quote, this.quote + this.quote) + this.quote;
	}

	String now() {
		return this.now;
	}

	String nowPlusMillis(String parameter) {
		return this.nowPlusMillis.formatted(parameter);
	}

	/**
	 * Return what lets an insert do nothing if the row exists, if an error would spoil
	 * the transaction. Elsewhere the error has to be handled.
	 * @return the end of the statement
	 */
	String skipDuplicates() {
		return "";
	}

	/**
	 * Return the same, for an insert that an update of the row follows. A failed insert
	 * leaves a shared lock on MySQL, and two transactions that both have one deadlock
	 * when they update. How many rows that reports depends on the driver's configuration.
	 * @param key the column of the primary key
	 * @return the end of the statement
	 */
	String lockDuplicates(String key) {
		return "";
	}

	String lockLease() {
		return "for update";
	}

	@Nullable Instant instant(ResultSet resultSet, String column) throws SQLException {
		OffsetDateTime time = resultSet.getObject(column, OffsetDateTime.class);
		return (time != null) ? time.toInstant() : null;
	}

}
