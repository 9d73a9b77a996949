package io.github.pendingmigrations.flyway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import io.github.pendingmigrations.ScriptDirectives;
import io.github.pendingmigrations.ScriptDirectives.Repeat;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DirectiveParser}.
 */
class DirectiveParserTests {

	private final List<Problem> problems = new ArrayList<>();

	@Test
	void repetitionHasAPauseAndALimit() {
		assertThat(parse("repeat=until-no-rows", "pause=2s", "repeat-limit=3d").repeat())
			.isEqualTo(new Repeat(Duration.ofSeconds(2), Duration.ofDays(3)));
		assertThat(parse("repeat=until-no-rows").repeat())
			.isEqualTo(new Repeat(Duration.ofMillis(100), Duration.ofHours(24)));
		assertThat(parse("repeat=until-no-rows", "pause=0s").repeat())
			.isEqualTo(new Repeat(Duration.ZERO, Duration.ofHours(24)));
		assertThat(parse("delay=7d").repeat()).isNull();
		assertThat(this.problems).isEmpty();
	}

	@Test // A15
	void invalidRepetitionIsAProblem() {
		parse("repeat=twice", "pause=soon", "repeat-limit=0s");
		assertThat(this.problems).extracting(Problem::line).containsExactly(1, 2, 3);
		assertThat(this.problems).extracting(Problem::fix)
			.satisfiesExactly((fix) -> assertThat(fix).contains("until-no-rows"),
					(fix) -> assertThat(fix).contains("such as 200ms"),
					(fix) -> assertThat(fix).contains("such as 48h"));
	}

	@Test // A15, A22
	void delayThatIsNegativeOrNoTimeIsAProblem() {
		for (String delay : List.of("-1d", "soon", "1w 2d", "30")) {
			this.problems.clear();
			parse("delay=" + delay);
			assertThat(this.problems).as(delay)
				.singleElement()
				.satisfies((problem) -> assertThat(problem.fix()).contains("such as 7d"));
		}
	}

	@Test // A15
	void mistypedKeywordIsAProblem() {
		for (String comment : List.of("-- pendng: delay=7d", "-- pneding: window=x", "--Pending hold-budget=1s",
				"-- pendings: requires=none", "-- pending foo=bar")) {
			this.problems.clear();
			DirectiveParser.parsePending("P2__a.sql", comment + "\ndelete from item;", "P", "V", this.problems);
			assertThat(this.problems).as(comment)
				.singleElement()
				.satisfies((problem) -> assertThat(problem.message()).contains("looks like a directive"));
		}
		this.problems.clear();
		DirectiveParser.parsePending("P2__a.sql",
				"-- Precheck: delay=7d\n-- ending: x=1\n-- todo: reason=later\nselect 1;", "P", "V", this.problems);
		assertThat(this.problems).isEmpty();
	}

	@Test
	void pauseAloneIsAProblem() {
		parse("pause=1s");
		assertThat(this.problems).singleElement()
			.satisfies((problem) -> assertThat(problem.message())
				.isEqualTo("the directive 'pause' needs a statement that is repeated"));
	}

	@Test
	void repetitionInOneTransactionIsAProblem() {
		parse("repeat=until-no-rows", "transaction=true");
		assertThat(this.problems).singleElement()
			.satisfies((problem) -> assertThat(problem.message()).contains("contradicts 'repeat'"));
	}

	private ScriptDirectives parse(String... directives) {
		StringBuilder script = new StringBuilder();
		for (String directive : directives) {
			script.append("-- pending: ").append(directive).append('\n');
		}
		return DirectiveParser.parsePending("P2__a.sql", script + "delete from item where id > 0;", "P", "V",
				this.problems);
	}

}
