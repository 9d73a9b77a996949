package io.github.pendingmigrations.run;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SqlText} and {@link ConcurrentIndex}.
 */
class SqlTextTests {

	@ParameterizedTest
	@ValueSource(strings = { "set foreign_key_checks = 0", "-- why\n/* and\nwho */ SET @x = 1", "use other",
			"SET SESSION sql_mode = ''", "reset role", "set\nlock_timeout 7" })
	void statementThatChangesOnlyTheSession(String sql) {
		assertThat(SqlText.changesOnlySession(sql)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "set global max_connections = 1", "set persist x = 1", "SET @@GLOBAL.x = 1",
			"set x = 1, global y = 2", "set password = 'x'", "set transaction read only", "update t set x = 1",
			"-- set x = 1\ndelete from t", "settle" })
	void statementThatChangesMoreOrNothing(String sql) {
		assertThat(SqlText.changesOnlySession(sql)).isFalse();
	}

	@Test
	void statementsEndWithASemicolonAtTheEndOfALine() {
		assertThat(SqlText.split("set a = ';x';\nset b = 1; \r\n\n")).containsExactly("set a = ';x'", "set b = 1");
		assertThat(SqlText.split(null)).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', value = { "create index concurrently I on t (a)|i|t",
			"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"I \"\"x\" ON ONLY app.\"T\" USING btree (a)|I \"x|app.\"T\"",
			"/* c */ create index concurrently if not exists i_1 on s . t(a)|i_1|s . t" })
	void indexThatIsCreatedConcurrently(String sql, String name, String table) {
		assertThat(ConcurrentIndex.createdBy(sql)).isEqualTo(new ConcurrentIndex(name, table));
	}

	@ParameterizedTest
	@ValueSource(strings = { "create index i on t (a)", "create index concurrently on t (a)",
			"drop index concurrently i", "vacuum t" })
	void statementThatCreatesNoNamedIndexConcurrently(String sql) {
		assertThat(ConcurrentIndex.createdBy(sql)).isNull();
	}

}
