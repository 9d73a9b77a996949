package io.github.pendingmigrations.check;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ScriptOrder}.
 */
class ScriptOrderTests {

	private final ScriptOrder order = new ScriptOrder(Dialect.POSTGRESQL);

	@ParameterizedTest
	@ValueSource(strings = { "ALTER TABLE issue ADD COLUMN source text", "CREATE INDEX i ON public.issue (\"source\")",
			"UPDATE issue SET title = source WHERE id = 1", "CREATE VIEW v AS SELECT source FROM issue",
			"ALTER TABLE issue ALTER COLUMN source TYPE text",
			"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ SELECT source FROM issue $$" })
	void laterScriptThatUsesAColumnThatWaitsToBeDropped(String sql) {
		ScriptFile waiting = pending("3", "ALTER TABLE issue DROP COLUMN source;");
		assertThat(this.order.conflicts(waiting, versioned("4", sql))).singleElement().satisfies((conflict) -> {
			assertThat(conflict.object()).isEqualTo("issue.source");
			assertThat(conflict.message()).contains("V4__x.sql:1", "P3__x.sql:1", "Apply P3__x.sql first");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "ALTER TABLE issue ADD COLUMN target text", "ALTER TABLE person ADD COLUMN source text",
			"-- source of issue\nSELECT 1" })
	void laterScriptThatUsesSomethingElse(String sql) {
		ScriptFile waiting = pending("3", "ALTER TABLE issue DROP COLUMN source;");
		assertThat(this.order.conflicts(waiting, versioned("4", sql))).isEmpty();
	}

	@Test
	void laterScriptThatUsesATableThatWaitsToBeDroppedOrRenamed() {
		ScriptFile user = versioned("4", "ALTER TABLE b ADD COLUMN a_id int REFERENCES a (id);");
		assertThat(this.order.conflicts(pending("3", "DROP TABLE a;"), user)).hasSize(1);
		assertThat(this.order.conflicts(pending("3", "ALTER TABLE a RENAME TO c;"), user)).hasSize(1);
		assertThat(this.order.conflicts(pending("3", "CREATE TEMP TABLE a (x int); DROP TABLE a;"), user)).isEmpty();
	}

	@Test
	void pendingScriptThatOnlyAddsBelongsIntoAnOrdinaryOne() {
		assertThat(this.order.onlyAdds(pending("3", "ALTER TABLE a ADD COLUMN b int; COMMENT ON TABLE a IS 'x';")))
			.hasValueSatisfying((conflict) -> assertThat(conflict.message()).contains("a.b"));
		assertThat(this.order.onlyAdds(pending("3", "ALTER TABLE a ADD COLUMN b int, DROP COLUMN c;"))).isEmpty();
		assertThat(this.order.onlyAdds(pending("3", "ALTER TABLE a ADD COLUMN b int NOT NULL;"))).isEmpty();
		assertThat(this.order.onlyAdds(pending("3", "CALL f();"))).isEmpty();
		assertThat(this.order.onlyAdds(pending("3", "-- nothing"))).isEmpty();
	}

	@Test
	void columnThatIsAddedDroppedAndAddedAgain() {
		List<ScriptFile> files = List.of(versioned("1", "ALTER TABLE a ADD COLUMN b int;"),
				pending("2", "ALTER TABLE a DROP COLUMN b;"), versioned("3", "ALTER TABLE a ADD COLUMN B text;"));
		assertThat(this.order.addedAgain(files)).singleElement().satisfies((conflict) -> {
			assertThat(conflict.first().path()).isEqualTo("P2__x.sql");
			assertThat(conflict.second().path()).isEqualTo("V3__x.sql");
		});
		assertThat(this.order.addedAgain(files.subList(0, 2))).isEmpty();
	}

	private static ScriptFile pending(String version, String sql) {
		return new ScriptFile("P" + version + "__x.sql", ScriptKind.PENDING, version, sql);
	}

	private static ScriptFile versioned(String version, String sql) {
		return new ScriptFile("V" + version + "__x.sql", ScriptKind.VERSIONED, version, sql);
	}

}
