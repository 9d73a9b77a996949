package io.github.pendingmigrations.check;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SqlScript}: statements are found and read as the databases do.
 */
class SqlScriptTests {

	@Test
	void statementKnowsItsLineAndItsText() {
		SqlScript script = SqlScript.read("-- why\nALTER TABLE t\n\n\n  DROP COLUMN c;\n", Dialect.POSTGRESQL);
		assertThat(script.statements()).singleElement().satisfies((statement) -> {
			assertThat(statement.range().line()).isEqualTo(2);
			assertThat(statement.sql()).startsWith("ALTER TABLE").endsWith("DROP COLUMN c");
			assertThat(statement.facts()).singleElement().isInstanceOfSatisfying(Fact.DropColumn.class, (drop) -> {
				assertThat(drop.column()).isEqualTo("c");
				assertThat(drop.range().line()).isEqualTo(5);
				assertThat(drop.range().column()).isEqualTo(3);
			});
		});
	}

	@Test
	void chunkThatAnotherSplitterGluedTogetherIsCutAgain() {
		SqlScript script = SqlScript.read("CREATE FUNCTION g(int) RETURNS int LANGUAGE SQL RETURN abs($1); DROP VIEW w",
				Dialect.POSTGRESQL);
		assertThat(script.statements()).hasSize(2);
		assertThat(script.isUnknown()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "SELECT 'a; DROP TABLE t;", "SELECT (1; DROP TABLE t;", "SELECT 1); DROP TABLE t;",
			"/* /* */ DROP TABLE t;", "SELECT $x$ DROP TABLE t $y$;", "SELECT \"a; DROP TABLE t;",
			"\\set x 1\nDROP TABLE t;", "COPY t FROM stdin;\n1\tDROP TABLE t;\n", "SELECT 1 \u0000; DROP TABLE t;",
			"SELECT ${x; DROP TABLE t;", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; DROP TABLE t;" })
	void scriptThatDoesNotEndWellIsUnknownFromThere(String sql) {
		SqlScript script = SqlScript.read("DROP VIEW before;\n" + sql, Dialect.POSTGRESQL);
		assertThat(script.statements()).hasSize(2);
		assertThat(script.statements().get(0).isUnknown()).isFalse();
		assertThat(script.statements().get(1).facts()).singleElement()
			.isInstanceOfSatisfying(Fact.Unknown.class, (unknown) -> assertThat(unknown.last()).isTrue());
	}

	@ParameterizedTest
	@ValueSource(strings = { "ALTER TABLE t FROBNICATE", "DROP TABLES t", "ALTER TABLE t DROP COLUMN c nonsense",
			"CREATE TABLE t", "ALTER TABLE t ADD COLUMN c", "COMMENT ON TABLE t IS", "GRANT SELECT ON t", "TRUNCATE",
			"CREATE TABLE t (a int) GO DROP TABLE x", "CREATE INDEX i ON t (a) DROP TABLE x", "INSERT INTO t VALUES",
			"UPDATE t SET a = 1 WHERE", "FLY ME", "SET x" })
	void whatIsNotReadToItsLastTokenIsUnknown(String sql) {
		assertThat(SqlScript.read(sql, Dialect.POSTGRESQL).isUnknown()).isTrue();
	}

	@Test
	void locksAreThoseOfTheDatabase() {
		assertThat(locks("ALTER TABLE s.t ADD FOREIGN KEY (a) REFERENCES r (id) NOT VALID", Dialect.POSTGRESQL))
			.containsExactly("s.t SHARE ROW EXCLUSIVE NONE", "r SHARE ROW EXCLUSIVE NONE");
		assertThat(locks("CREATE INDEX CONCURRENTLY i ON t (a)", Dialect.POSTGRESQL))
			.containsExactly("t SHARE UPDATE EXCLUSIVE BUILD");
		assertThat(locks("ALTER TABLE t ALTER a SET NOT NULL, DROP b", Dialect.POSTGRESQL))
			.containsExactly("t ACCESS EXCLUSIVE SCAN");
		assertThat(locks("ALTER TABLE t ADD a int", Dialect.MYSQL)).containsExactly("t metadata exclusive NONE");
		assertThat(locks("COMMENT ON TABLE t IS 'x'", Dialect.POSTGRESQL)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "CREATE INDEX CONCURRENTLY i ON t (a)", "DROP INDEX CONCURRENTLY i", "VACUUM t",
			"ALTER TABLE p DETACH PARTITION q CONCURRENTLY", "REINDEX TABLE CONCURRENTLY t", "CREATE DATABASE d",
			"ALTER SYSTEM SET x = 1" })
	void statementThatMustRunOutsideATransaction(String sql) {
		assertThat(SqlScript.read(sql, Dialect.POSTGRESQL).statements().get(0).outsideTransaction()).isNotNull();
	}

	@Test
	void delimiterOfMysqlClientIsObeyed() {
		SqlScript script = SqlScript.read("""
				DELIMITER //
				CREATE PROCEDURE p() BEGIN DROP TABLE t; END//
				DELIMITER ;
				CALL p();
				""", Dialect.MYSQL);
		assertThat(script.statements()).hasSize(2);
		assertThat(script.statements().get(0).facts()).hasOnlyElementsOfType(Fact.CreateObject.class);
		assertThat(script.statements().get(1).facts()).hasOnlyElementsOfType(Fact.DropObject.class);
		assertThat(script.statements().get(1).certain()).isFalse();
	}

	private static List<String> locks(String sql, Dialect dialect) {
		return SqlScript.read(sql, dialect)
			.statements()
			.get(0)
			.locks(dialect, 0)
			.stream()
			.map((lock) -> lock.table() + " " + lock.lock() + " " + lock.effect())
			.toList();
	}

}
