package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two readers that have nothing in common read the same statements in the same way.
 */
class SecondReaderTests {

	private static final List<String> ACTIONS = List.of("add column n_c int", "add n_c text default 'a;b'",
			"add column if not exists n_c n_s.n_y not null", "add n_c numeric ( 10 , 2 ) not null default 0",
			"add constraint n_k check ( n_a > 0 ) not valid", "add unique ( n_a , n_b )",
			"add constraint n_k foreign key ( n_a ) references n_s.n_r ( n_id ) on delete set null",
			"add constraint n_k exclude using gist ( n_a with && )", "drop n_c", "drop column if exists n_c cascade",
			"drop column n_c restrict", "drop constraint if exists n_k cascade", "drop constraint n_k",
			"validate constraint n_k", "alter n_c type varchar ( 20 )",
			"alter column n_c set data type timestamp with time zone using n_c :: timestamptz",
			"alter n_c set not null", "alter n_c drop not null", "alter n_c set default 'x'", "alter n_c drop default",
			"alter n_c set statistics 100", "set unlogged", "enable row level security", "disable trigger all",
			"owner to n_o", "replica identity full", "add n_c int check ( n_c > 0 ) references n_r");

	private static final List<String> OTHERS = List.of("alter table n_s.n_t rename to n_u",
			"alter table n_t rename column n_c to n_d", "alter table n_t rename n_c to n_d",
			"alter table n_t set schema n_s", "alter table n_t detach partition n_p concurrently",
			"alter table n_t detach partition n_p", "drop table n_t , n_s.n_u cascade", "drop table if exists n_t",
			"drop view n_v restrict", "drop materialized view if exists n_v cascade",
			"drop index concurrently if exists n_i", "drop type n_e", "drop sequence n_q cascade",
			"drop schema n_s cascade", "drop domain n_d", "drop extension n_x cascade",
			"truncate table only n_t , n_u restart identity cascade", "truncate n_t",
			"create unique index concurrently if not exists n_i on n_s.n_t using btree ( n_c desc , lower ( n_d ) ) where n_c is not null",
			"create index on n_t ( n_c )", "delete from only n_t", "delete from n_t using n_u where n_t.n_a = n_u.n_a",
			"update n_t set n_c = 'where' , n_d = 2",
			"update n_t set n_c = ( select 1 where true ) where n_d in ( 1 , 2 )");

	@Test
	void generatedStatementsAreReadAlike() {
		Random random = new Random(20261122);
		int read = 0;
		for (int i = 0; i < 3_000; i++) {
			StringBuilder sql = new StringBuilder();
			if (random.nextInt(3) > 0) {
				sql.append(random.nextBoolean() ? "alter table n_t " : "alter table if exists only n_s.n_t ");
				int actions = 1 + random.nextInt(3);
				for (int j = 0; j < actions; j++) {
					sql.append((j > 0) ? " , " : "").append(ACTIONS.get(random.nextInt(ACTIONS.size())));
				}
			}
			else {
				sql.append(OTHERS.get(random.nextInt(OTHERS.size())));
			}
			String mutated = Mutations.spell(sql.toString(), random);
			Optional<List<String>> second = SecondReader.read(mutated);
			if (second.isPresent()) {
				read++;
				assertThat(facts(mutated)).as(mutated).isEqualTo(second.get());
			}
		}
		// what the other reader refuses proves nothing
		assertThat(read).isGreaterThan(2_500);
	}

	@ParameterizedTest
	@MethodSource("statements")
	void everyStatementIsReadByBoth(String sql) {
		assertThat(SecondReader.read(sql)).hasValue(facts(sql));
	}

	static List<String> statements() {
		List<String> statements = new ArrayList<>(OTHERS);
		ACTIONS.forEach((action) -> statements.add("alter table n_t " + action));
		return statements;
	}

	private static List<String> facts(String sql) {
		List<String> facts = new ArrayList<>();
		for (SqlStatement statement : SqlScript.read(sql, Dialect.POSTGRESQL).statements()) {
			statement.facts()
				.stream()
				.map(SecondReaderTests::describe)
				.filter((text) -> !text.isEmpty())
				.forEach(facts::add);
		}
		return facts;
	}

	private static String describe(Fact fact) {
		if (fact instanceof Fact.AddColumn add) {
			return "add-column " + add.table() + ' ' + add.column().name() + (add.column().notNull() ? " not-null" : "")
					+ (add.column().defaultExpression() != null ? " default" : "");
		}
		if (fact instanceof Fact.AddConstraint add) {
			return "add-constraint " + add.table() + (add.constraint().notValid() ? " not-valid" : "");
		}
		if (fact instanceof Fact.DropConstraint drop) {
			return "drop-constraint " + drop.table() + ' ' + drop.name() + (drop.cascade() ? " cascade" : "");
		}
		if (fact instanceof Fact.ValidateConstraint validate) {
			return "validate " + validate.table() + ' ' + validate.name();
		}
		if (fact instanceof Fact.AlterColumnType alter) {
			return "type " + alter.table() + ' ' + alter.column();
		}
		if (fact instanceof Fact.AlterColumn alter) {
			return alter.change().name().toLowerCase(Locale.ROOT).replace('_', '-') + ' ' + alter.table() + ' '
					+ alter.column();
		}
		if (fact instanceof Fact.DropColumn drop) {
			return "drop-column " + drop.table() + ' ' + drop.column() + (drop.cascade() ? " cascade" : "");
		}
		if (fact instanceof Fact.RewriteTable rewrite) {
			return "rewrite " + rewrite.table();
		}
		if (fact instanceof Fact.ChangeBehaviour change) {
			return "other " + change.on();
		}
		return describeOther(fact);
	}

	private static String describeOther(Fact fact) {
		if (fact instanceof Fact.RenameColumn rename) {
			return "rename-column " + rename.table() + ' ' + rename.from() + " to " + rename.to();
		}
		if (fact instanceof Fact.RenameObject rename) {
			boolean moved = rename.from().name().equals(rename.to().name());
			return "rename-table " + rename.from() + " to " + (moved ? rename.to().schema() : rename.to().name());
		}
		if (fact instanceof Fact.AlterPartition alter) {
			return alter.change().name().toLowerCase(Locale.ROOT) + ' ' + alter.table()
					+ (alter.concurrently() ? " concurrently" : "");
		}
		if (fact instanceof Fact.DropObject drop) {
			return "drop " + drop.kind() + ' ' + drop.name() + (drop.cascade() ? " cascade" : "")
					+ (drop.concurrently() ? " concurrently" : "");
		}
		if (fact instanceof Fact.Truncate truncate) {
			return "truncate " + truncate.table() + (truncate.cascade() ? " cascade" : "");
		}
		if (fact instanceof Fact.CreateIndex index) {
			return "create-index " + index.table() + (index.unique() ? " unique" : "")
					+ (index.concurrently() ? " concurrently" : "");
		}
		if (fact instanceof Fact.WriteRows write) {
			return write.verb().name().toLowerCase(Locale.ROOT) + ' ' + write.table()
					+ (write.allRows() ? "" : " where");
		}
		boolean beside = fact instanceof Fact.OutsideTransaction || fact instanceof Fact.NeedsVersion;
		return beside ? "" : fact.toString();
	}

}
