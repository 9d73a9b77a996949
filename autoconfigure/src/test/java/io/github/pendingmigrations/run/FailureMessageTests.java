package io.github.pendingmigrations.run;

import java.sql.SQLException;

import io.github.pendingmigrations.DatabaseProduct;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FailureMessage} and {@link SqlFailure}.
 */
class FailureMessageTests {

	@Test
	void messagesOfMysqlHaveNoValuesAndNoSql() {
		assertThat(mysql("(conn=12) (conn=12) Duplicate entry 'o'neil' for key 'issue.u'"))
			.isEqualTo("Duplicate entry '…' for key 'issue.u'");
		assertThat(
				mysql("You have an error in your SQL syntax; check the manual for the right syntax to use near 'x\ny'"))
			.isEqualTo("You have an error in your SQL syntax; check the manual for the right syntax to use");
		assertThat(mysql("Incorrect integer value: 'bob' for column 'a' at row 1"))
			.isEqualTo("Incorrect integer value: '…' for column 'a' at row 1");
		assertThat(mysql("Truncated incorrect DOUBLE value: 'bob'")).isEqualTo("Truncated incorrect DOUBLE value: '…'");
		assertThat(mysql("Table 'a.b' doesn't exist\nQuery is: drop table b")).isEqualTo("Table 'a.b' doesn't exist");
	}

	@Test
	void messagesOfPostgresqlArePrimaryMessages() {
		assertThat(FailureMessage.of(DatabaseProduct.POSTGRESQL,
				new SQLException("ERROR: duplicate key violates \"u\"\n  Detail: Key (email)=(bob) exists.", "23505")))
			.isEqualTo("ERROR: duplicate key violates \"u\"");
		assertThat(FailureMessage.of(DatabaseProduct.POSTGRESQL,
				new SQLException("ERROR: invalid input syntax for type integer: \"bob\"", "22P02")))
			.isEqualTo("ERROR: invalid input syntax for type integer: \"…\"");
	}

	@Test
	void messageOfAnythingElseIsItsOwn() {
		assertThat(FailureMessage.of(DatabaseProduct.H2, new IllegalStateException("half way"))).isEqualTo("half way");
		assertThat(FailureMessage.of(DatabaseProduct.H2, new IllegalStateException())).isNull();
	}

	@Test
	void serverThatAcceptsNoChangesHasDoneNothing() {
		assertThat(SqlFailure.of(DatabaseProduct.POSTGRESQL, new SQLException("", "25006")))
			.isEqualTo(SqlFailure.READ_ONLY);
		assertThat(SqlFailure.of(DatabaseProduct.MYSQL, new SQLException("", "HY000", 1836)))
			.isEqualTo(SqlFailure.READ_ONLY);
	}

	private static String mysql(String message) {
		return FailureMessage.of(DatabaseProduct.MYSQL, new SQLException(message, "HY000", 1));
	}

}
