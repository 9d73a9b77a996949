package io.github.pendingmigrations.run;

import java.util.ArrayList;
import java.util.List;

import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Dependant;
import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.StatementLock;
import io.github.pendingmigrations.ScriptDirectives;
import io.github.pendingmigrations.run.RunPreflight.Outlook;
import org.flywaydb.core.api.MigrationVersion;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RunPreflight}.
 */
class RunPreflightTests {

	private static final Notice FAILS = new Notice(Notice.Code.DEPENDANT, Effect.FAILS, "It fails.");

	@Test
	void scriptThatIsUnderstoodAndHasADependantIsCertainToFail() {
		assertThat(look(true, true, "drop view v", "drop table t").failure()).isEqualTo(FAILS);
	}

	@Test
	void scriptThatMayRemoveTheDependantItselfIsTried() {
		Outlook outlook = look(true, false, "do $$ begin drop view w; end $$", "drop table t");
		assertThat(outlook.failure()).isNull();
		assertThat(outlook.notices()).containsExactly(FAILS);
	}

	@Test
	void scriptThatMayMeanAnotherTableIsTried() {
		assertThat(look(true, true, "set search_path = other", "drop table t").failure()).isNull();
		assertThat(look(true, true, "SET foreign_key_checks = 0", "drop table t").failure()).isNull();
		assertThat(look(false, true, "drop view v", "drop table t").failure()).isNull();
	}

	@Test
	void failureToLookIsNoReasonNotToTry() {
		RunPreflight preflight = new RunPreflight((script, done) -> {
			throw new IllegalStateException("no connection");
		}, true);
		assertThat(preflight.look(script("drop table t"), body("drop table t"), null)).isEqualTo(Outlook.CLEAR);
	}

	private static Outlook look(boolean sessionAsExpected, boolean understood, String... statements) {
		Preflight found = new Preflight(
				List.of(new StatementLock(1, understood, List.of()), new StatementLock(2, true, List.of())), List.of(),
				List.of(), List.of(), List.of(), List.of(),
				List.of(new Dependant("view w", "t", Dependant.Consequence.FAILS, 2)), List.of(), List.of(),
				List.of(FAILS));
		return new RunPreflight((script, done) -> found, sessionAsExpected).look(script(statements), body(statements),
				null);
	}

	private static PendingScript script(String... statements) {
		return new PendingScript(MigrationVersion.fromVersion("1"), "test", "P1__test.sql", PendingMigrationType.SQL, 1,
				ScriptDirectives.NONE, () -> body(statements));
	}

	private static SqlBody body(String... statements) {
		List<Statement> all = new ArrayList<>();
		for (String sql : statements) {
			all.add(new Statement(all.size() + 1, all.size() + 1, sql, true));
		}
		return new SqlBody(all, true);
	}

}
