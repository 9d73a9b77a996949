package io.github.pendingmigrations.run;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

import io.github.pendingmigrations.DatabaseProduct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.UncategorizedSQLException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SqlFailure}: the tables of codes of each database.
 */
class SqlFailureTests {

	@ParameterizedTest
	@CsvSource({ "55P03, LOCK_TIMEOUT", "40P01, DEADLOCK", "40001, DEADLOCK", "57014, HOLD_BUDGET_EXCEEDED",
			"25P04, HOLD_BUDGET_EXCEEDED", "08000, CONNECTION_LOST", "08001, CONNECTION_LOST", "08003, CONNECTION_LOST",
			"08004, CONNECTION_LOST", "08006, CONNECTION_LOST", "08P01, CONNECTION_LOST", "57P01, CONNECTION_LOST",
			"57P02, CONNECTION_LOST", "57P03, CONNECTION_LOST", "57P05, CONNECTION_LOST", "25P03, CONNECTION_LOST",
			"53300, CONNECTION_LOST", "25006, READ_ONLY", "53100, OUT_OF_SPACE", "53200, OUT_OF_SPACE",
			"42701, LOOKS_APPLIED", "42P07, LOOKS_APPLIED", "42710, LOOKS_APPLIED", "42703, LOOKS_APPLIED",
			"42P01, LOOKS_APPLIED", "42704, LOOKS_APPLIED", "2BP01, SQL_ERROR", "42501, NOT_PERMITTED",
			"23505, SQL_ERROR", "42601, SQL_ERROR", "XX000, SQL_ERROR" })
	void stateOfPostgresql(String state, SqlFailure expected) {
		assertThat(SqlFailure.of(DatabaseProduct.POSTGRESQL, new SQLException("", state))).isEqualTo(expected);
	}

	@ParameterizedTest
	@CsvSource({ "1205, LOCK_TIMEOUT", "1213, DEADLOCK", "1969, HOLD_BUDGET_EXCEEDED", "1317, HOLD_BUDGET_EXCEEDED",
			"3024, HOLD_BUDGET_EXCEEDED", "1845, FORM_NOT_SUPPORTED", "1846, FORM_NOT_SUPPORTED",
			"1040, CONNECTION_LOST", "1053, CONNECTION_LOST", "1927, CONNECTION_LOST", "2006, CONNECTION_LOST",
			"2013, CONNECTION_LOST", "1203, CONNECTION_LOST", "1290, READ_ONLY", "1836, READ_ONLY",
			"1021, OUT_OF_SPACE", "1114, OUT_OF_SPACE", "1091, LOOKS_APPLIED", "1051, LOOKS_APPLIED",
			"1146, LOOKS_APPLIED", "1060, LOOKS_APPLIED", "1061, LOOKS_APPLIED", "1050, LOOKS_APPLIED",
			"1044, NOT_PERMITTED", "1142, NOT_PERMITTED", "1227, NOT_PERMITTED", "1064, SQL_ERROR", "1062, SQL_ERROR" })
	void codeOfMysqlAndMariaDb(int code, SqlFailure expected) {
		SQLException exception = new SQLException("", "HY000", code);
		assertThat(SqlFailure.of(DatabaseProduct.MYSQL, exception)).isEqualTo(expected);
		assertThat(SqlFailure.of(DatabaseProduct.MARIADB, exception)).isEqualTo(expected);
	}

	@Test
	void emptyPoolAndBrokenLinkAreOutagesOnEveryDatabase() {
		for (DatabaseProduct product : DatabaseProduct.values()) {
			assertThat(SqlFailure.of(product, new SQLTransientConnectionException("no connection in 30 s")).isOutage())
				.isTrue();
			assertThat(SqlFailure.of(product, new SQLException("", "08S01")).isOutage()).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "Connection is closed", "Connection was closed in SingleConnectionDataSource.",
			"Connection has already been closed." })
	void connectionThatAPoolHasClosedIsLost(String message) {
		for (DatabaseProduct product : DatabaseProduct.values()) {
			assertThat(SqlFailure.of(product, new SQLException(message))).isEqualTo(SqlFailure.CONNECTION_LOST);
		}
	}

	@Test
	void whatWaitingMayHelpAgainstIsTriedAgainForOurOwnStatements() {
		assertThat(Patience.isOutage(DatabaseProduct.POSTGRESQL,
				new UncategorizedSQLException("", null, new SQLException("", "25006"))))
			.isTrue();
		assertThat(Patience.isOutage(DatabaseProduct.POSTGRESQL,
				new UncategorizedSQLException("", null, new SQLException("", "53100"))))
			.isTrue();
		assertThat(Patience.isOutage(DatabaseProduct.MARIADB,
				new UncategorizedSQLException("", null, new SQLException("", "HY000", 1290))))
			.isTrue();
		assertThat(Patience.isOutage(DatabaseProduct.POSTGRESQL,
				new UncategorizedSQLException("", null, new SQLException("", "42501"))))
			.isFalse();
	}

}
