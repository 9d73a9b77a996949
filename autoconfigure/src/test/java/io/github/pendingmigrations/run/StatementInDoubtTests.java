package io.github.pendingmigrations.run;

import java.sql.SQLException;

import io.github.pendingmigrations.DatabaseProduct;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StatementInDoubt}.
 */
class StatementInDoubtTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			MARIADB    | alter table t drop column c                 |       | 1091
			MARIADB    | /* why */ ALTER TABLE t ADD COLUMN c int     |       | 1060
			MARIADB    | create index i on t (a, b)                   |       | 1061
			MARIADB    | drop table t                                 |       | 1051
			MARIADB    | alter table t add index i (a), algorithm=copy, lock = none | | 1061
			MYSQL      | alter table t add constraint f foreign key (a) references u (a) | | 1826
			POSTGRESQL | drop index concurrently i                    | 42704 | 0
			POSTGRESQL | create unique index concurrently i on t (a)  | 42P07 | 0
			H2         | alter table t drop column c                  |       | 42122
			""")
	void statementThatDoesOneThingIsDoneIfThatIsSo(DatabaseProduct product, String sql, String state, int code) {
		assertThat(StatementInDoubt.isDone(product, sql, new SQLException("", state, code))).isTrue();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			MARIADB    | alter table t drop column c, drop column d   |       | 1091
			MARIADB    | alter table typo drop column c               |       | 1146
			MARIADB    | insert into typo values (1)                  |       | 1146
			MARIADB    | update t set n = n + 1                       |       | 1054
			MARIADB    | alter table t drop column c                  |       | 1060
			MARIADB    | alter table t drop column c                  |       | 1064
			POSTGRESQL | alter table typo drop column c               | 42P01 | 0
			POSTGRESQL | vacuum t                                     | 42P01 | 0
			H2         | alter table typo drop column c               |       | 42102
			H2         | update t set c = 1                           |       | 42122
			""")
	void anythingElseProvesNothing(DatabaseProduct product, String sql, String state, int code) {
		assertThat(StatementInDoubt.isDone(product, sql, new SQLException("", state, code))).isFalse();
	}

}
