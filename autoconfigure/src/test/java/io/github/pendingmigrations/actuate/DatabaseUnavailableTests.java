package io.github.pendingmigrations.actuate;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTransientConnectionException;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DatabaseUnavailable}.
 */
class DatabaseUnavailableTests {

	@ParameterizedTest
	@MethodSource
	void whatCannotGetAConnectionIsThat(RuntimeException error) {
		assertThat(DatabaseUnavailable.isCauseOf(error)).isTrue();
	}

	static Stream<RuntimeException> whatCannotGetAConnectionIsThat() {
		SQLException refused = new SQLException("no such user", "28P01");
		return Stream.of(new CannotGetJdbcConnectionException("Failed", refused),
				new DataAccessResourceFailureException("The database cannot be used",
						new CannotCreateTransactionException("Failed", refused)),
				new IllegalStateException("The ledger cannot be written", new SQLTransientConnectionException("full")),
				new DataAccessResourceFailureException("closed", new SQLNonTransientConnectionException("closed")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "08006", "08S01", "57P01", "57P03", "53300" })
	void connectionThatBreaksIsThat(String state) {
		assertThat(
				DatabaseUnavailable.isCauseOf(new IllegalStateException("Failed", new SQLException("broken", state))))
			.isTrue();
	}

	@ParameterizedTest
	@MethodSource
	void everythingElseIsAnotherError(RuntimeException error) {
		assertThat(DatabaseUnavailable.isCauseOf(error)).isFalse();
	}

	static Stream<RuntimeException> everythingElseIsAnotherError() {
		return Stream.of(new IllegalStateException("no connection"),
				new BadSqlGrammarException("read", "select", new SQLSyntaxErrorException("missing", "42P01")),
				new DataAccessResourceFailureException("read", new SQLException("disk full", "53100")),
				new CannotCreateTransactionException("Failed", new IllegalStateException("another data source")));
	}

	@Test
	void messageHasNothingOfTheDriver() {
		assertThat(DatabaseUnavailable.MESSAGE).startsWith("The database cannot be reached: ")
			.endsWith("Look whether it runs and try again.");
	}

}
