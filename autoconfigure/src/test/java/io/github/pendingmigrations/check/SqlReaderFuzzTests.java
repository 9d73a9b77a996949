package io.github.pendingmigrations.check;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

/**
 * Whatever stands in a script, it is read without an exception and in linear time, and
 * what does not end well is unknown.
 */
class SqlReaderFuzzTests {

	private static final long SEED = 20261122;

	private static final String[] PIECES = { "ALTER TABLE ", "t", " ADD COLUMN ", "c int", " DROP ", "TABLE ", "'",
			"''", "\"", "`", "$$", "$x$", "$1", "/*", "*/", "/*!", "/*M!1", "--", "#", "\n", "\r", ";", "(", ")", ",",
			".", "\\", "E'", "U&\"", "${", "}", "BEGIN ", "END ", "CASE ", "DELIMITER //", "//", "CREATE ",
			"PROCEDURE p() ", "FUNCTION f() ", "DO ", "COPY t FROM STDIN", "\\.", "SELECT ", "WITH ", "AS ", "UPDATE ",
			" SET ", "=", "1", "WHERE ", "DELETE FROM ", "INSERT INTO ", "VALUES ", " NOT NULL ", "DEFAULT ", "CHECK ",
			"CONSTRAINT ", "REFERENCES ", "CALL p()", "MERGE INTO ", "USING ", "TYPE ", "RENAME ", " TO ", "\u0000",
			"\uFEFF", "[", "]", "@", ":", "%", "é", "\uD83D", "IF ", "THEN ", "LOOP ", "DECLARE ", "INDEX ", "ON ",
			"VIEW ", "DOMAIN ", "PARTITION ", "NULL", "GRANT ", "REVOKE ", "EXPLAIN ", "ANALYZE ", "SHOW ", "LOCK ",
			"FOR ", "IN ", "PRIMARY KEY", "-- check: allow x because y\n" };

	@ParameterizedTest
	@EnumSource
	void piecesInAnyOrderAreReadWithoutAnException(Dialect dialect) {
		Random random = new Random(SEED);
		SqlChecker checker = new SqlChecker(CheckPolicy.defaults());
		assertTimeoutPreemptively(Duration.ofSeconds(120), () -> {
			for (int i = 0; i < 20_000; i++) {
				StringBuilder sql = new StringBuilder();
				int length = 1 + random.nextInt(25);
				for (int j = 0; j < length; j++) {
					sql.append(PIECES[random.nextInt(PIECES.length)]);
				}
				assertReadable(checker, sql.toString(), dialect);
			}
		});
	}

	@ParameterizedTest
	@EnumSource
	void arbitraryBytesAreReadWithoutAnException(Dialect dialect) {
		Random random = new Random(SEED);
		SqlChecker checker = new SqlChecker(CheckPolicy.defaults());
		assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
			for (int i = 0; i < 5_000; i++) {
				byte[] bytes = new byte[random.nextInt(300)];
				random.nextBytes(bytes);
				assertReadable(checker, new String(bytes, StandardCharsets.UTF_8), dialect);
				assertReadable(checker, new String(bytes, StandardCharsets.ISO_8859_1), dialect);
			}
		});
	}

	private static void assertReadable(SqlChecker checker, String sql, Dialect dialect) {
		ScriptReport report = checker.check(new ScriptFile("f.sql", ScriptKind.VERSIONED, "1", sql),
				CheckSettings.of(dialect));
		for (SqlStatement statement : report.script().statements()) {
			assertThat(statement.facts()).as(sql).isNotEmpty();
			assertThat(statement.range().end()).as(sql).isBetween(statement.range().start(), sql.length());
		}
	}

	@ParameterizedTest
	@EnumSource
	void scriptWithAnOpenEndIsNeverSafe(Dialect dialect) {
		Random random = new Random(SEED);
		List<String> openers = dialect.isMysqlFamily() ? List.of("'", "\"", "`", "/*", "(", "/*!")
				: List.of("'", "\"", "/*", "(");
		for (int i = 0; i < 2_000; i++) {
			String opener = openers.get(random.nextInt(openers.size()));
			String sql = "ALTER TABLE t ADD COLUMN a int;\nINSERT INTO t (a) VALUES (" + random.nextInt()
					+ ");\nSELECT " + opener + " a b " + random.nextInt() + " ;\n";
			assertThat(SqlScript.read(sql, dialect).isUnknown()).as(sql).isTrue();
		}
	}

	@Test
	void scriptThatIsCutOffAnywhereInsideAStatementIsNeverTakenForSomethingHarmless() {
		String sql = "CREATE TABLE t (a int, b text DEFAULT 'x;y', CHECK (a > 0), PRIMARY KEY (a))";
		int body = sql.indexOf('(');
		for (int end = body + 1; end < sql.length(); end++) {
			String cut = sql.substring(0, end);
			assertThat(SqlScript.read(cut, Dialect.POSTGRESQL).isUnknown()).as(cut).isTrue();
		}
	}

	@ParameterizedTest
	@EnumSource
	void timeOfTheRulesIsLinear(Dialect dialect) {
		SqlChecker checker = new SqlChecker(CheckPolicy.defaults());
		List<String> units = List.of("UPDATE t SET a = 1 WHERE id = 2;\n", "DROP VIEW v;\n",
				"ALTER TABLE t DROP COLUMN c;\n", "CREATE TABLE x (a int);\n");
		for (String unit : units) {
			ScriptFile file = new ScriptFile("f.sql", ScriptKind.VERSIONED, "1", unit.repeat(30_000));
			assertTimeoutPreemptively(Duration.ofSeconds(30),
					() -> assertThat(checker.check(file, CheckSettings.of(dialect)).script().statements())
						.hasSize(30_000));
		}
	}

	@Test
	void timeIsLinear() {
		String statement = "ALTER TABLE t ADD COLUMN c int DEFAULT 1; -- a comment\nINSERT INTO t VALUES ('a;b', $$x$$);\n";
		List<String> unit = List.of(statement, "(", "$a$ $b$ ", "/*", "'", "a ", ";", "SELECT (", "BEGIN ", "x.", "\\");
		for (String part : unit) {
			String sql = part.repeat(10_000_000 / part.length());
			assertTimeoutPreemptively(Duration.ofSeconds(30),
					() -> assertThat(SqlScript.read(sql, Dialect.POSTGRESQL).statements()).isNotNull(), part);
		}
	}

}
