package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Comments, blank lines, case and quotes do not change what is found.
 */
class MutationTests {

	@ParameterizedTest
	@MethodSource("statements")
	void spellingChangesNothing(String sql) {
		Random random = new Random(sql.hashCode());
		List<String> expected = findings(sql);
		assertThat(expected).isNotEmpty();
		for (int i = 0; i < 200; i++) {
			String mutated = Mutations.spell(sql, random);
			assertThat(findings(mutated)).as(mutated).isEqualTo(expected);
		}
	}

	private static List<String> findings(String sql) {
		return new SqlChecker(CheckPolicy.defaults())
			.check(new ScriptFile("V1__m.sql", ScriptKind.VERSIONED, "1", sql),
					new CheckSettings(Dialect.POSTGRESQL, 17, TransactionMode.ALWAYS, false, null))
			.findings()
			.stream()
			.map((finding) -> finding.rule() + " " + finding.object() + " " + finding.severity())
			.toList();
	}

	static Stream<String> statements() {
		Stream<String> actions = Stream.of("drop column n_c", "drop n_c cascade", "alter column n_c type bigint",
				"alter n_c set not null", "alter n_c drop default", "rename column n_c to n_d", "rename to n_u",
				"add column n_c int not null", "add column n_c serial", "add constraint n_k unique ( n_a , n_b )",
				"add constraint n_k check ( n_a > 0 )", "add foreign key ( n_a ) references n_r ( n_id )",
				"drop constraint n_k", "set schema n_s", "set logged", "detach partition n_p",
				"add column n_c int , drop column n_d , alter n_e type text", "enable row level security");
		Stream<String> others = Stream.of("drop table n_t , n_u", "drop schema n_s cascade", "truncate n_t",
				"delete from n_t", "update n_t set n_c = 'x' where true", "create index n_i on n_t ( n_c )",
				"drop index n_i", "drop view n_v", "alter type n_e rename value 'a' to 'b'", "vacuum full n_t",
				"alter table if exists only n_t drop column if exists n_c", "call n_p ( )", "banana split",
				"create unique index concurrently n_i on n_t ( n_c )", "refresh materialized view n_v");
		return Stream.concat(actions.map((action) -> "alter table n_t " + action), others);
	}

}
