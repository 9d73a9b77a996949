package io.github.pendingmigrations.run;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SqlText}.
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
			"-- set x = 1\ndelete from t", "settle", "set statement max_statement_time=1 for insert into t values (1)",
			"reset master", "RESET QUERY CACHE" })
	void statementThatChangesMoreOrNothing(String sql) {
		assertThat(SqlText.changesOnlySession(sql)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "call clean_up()", "-- why\nDROP TABLE a, b", "begin not atomic delete from t; end",
			"drop view a,b", "execute statement", "declare begin null; end", "exec clean_up", "drop database d" })
	void statementThatCanFailHalfway(String sql) {
		assertThat(SqlText.canFailHalfway(sql)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "drop table a", "alter table t drop column a, drop column b", "delete from t where a = 1",
			"dropper a, b", "called" })
	void statementThatFailsAsAWhole(String sql) {
		assertThat(SqlText.canFailHalfway(sql)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "commit", "-- so\nROLLBACK", "begin;", "end", "prepare transaction 'x'",
			"commit /* switch to v2 */" })
	void statementThatControlsTheTransaction(String sql) {
		assertThat(SqlText.controlsTransaction(sql)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "rollback to savepoint a", "savepoint a", "endless", "comment on table t is 'commit'" })
	void statementThatLeavesTheTransactionAlone(String sql) {
		assertThat(SqlText.controlsTransaction(sql)).isFalse();
	}

	@Test
	void statementsEndWithASemicolonAtTheEndOfALine() {
		assertThat(SqlText.split("set a = ';x';\nset b = 1; \r\n\n")).containsExactly("set a = ';x'", "set b = 1");
		assertThat(SqlText.split(null)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "vacuum issue", "VACUUM (ANALYZE, FULL false) issue",
			"create index concurrently i on t (a)", "-- why\nreindex table concurrently t",
			"reindex (concurrently) index i", "alter table t detach partition p concurrently",
			"alter table t validate constraint c", "vacuum full_moon" })
	void statementThatHindersNobody(String sql) {
		assertThat(SqlText.hindersNobody(sql)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "vacuum full issue", "VACUUM (VERBOSE, FULL) issue", "/* c */ vacuum (full) issue",
			"reindex schema public", "REINDEX DATABASE issues", "vacuum(full) t", "VACUUM /* all */ FULL t",
			"reindex (concurrently false) table t", "cluster", "alter type stage add value 'old'" })
	void statementThatLocksItsTables(String sql) {
		assertThat(SqlText.hindersNobody(sql)).isFalse();
	}

}
