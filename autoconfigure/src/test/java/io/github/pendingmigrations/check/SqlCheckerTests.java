package io.github.pendingmigrations.check;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Tests for {@link SqlChecker}: what is made of findings.
 */
class SqlCheckerTests {

	private static final CheckSettings POSTGRESQL = CheckSettings.of(Dialect.POSTGRESQL);

	private final SqlChecker checker = new SqlChecker(CheckPolicy.defaults());

	@Test
	void findingSaysWhatWhereWhyAndWhatToDo() {
		ScriptReport report = check("ALTER TABLE issue\n  DROP COLUMN source;");
		assertThat(report.isRefused()).isTrue();
		assertThat(report.findings()).singleElement().satisfies((finding) -> {
			assertThat(finding.toLine()).isEqualTo("db/V7__x.sql:2:3: [drop-column] drops the column issue.source");
			assertThat(finding.impacts()).containsExactly(Impact.DESTRUCTIVE, Impact.INCOMPATIBLE);
			assertThat(finding.why()).isNotBlank();
			assertThat(finding.steps()).last().asString().contains("P7__x.sql");
			assertThat(finding.sql()).isEqualTo("-- P7__x.sql\nALTER TABLE issue\n  DROP COLUMN source;");
			assertThat(finding.acknowledge()).isEqualTo("-- check: allow drop-column because <reason>");
		});
	}

	@Test
	void everyRuleHasAnIdOfItsOwnAndSaysWhatToDo() {
		assertThat(SqlChecker.rules()).extracting(Rule::id)
			.doesNotHaveDuplicates()
			.allMatch((id) -> id.matches("[a-z-]+"));
		assertThat(SqlChecker.rules()).allSatisfy((rule) -> assertThat(rule.impacts()).isNotEmpty());
	}

	@Test
	void commentBeforeAStatementAcknowledgesWhatItNames() {
		ScriptReport report = check("""
				-- check: allow drop-column because nobody has read it since 2.0
				ALTER TABLE t DROP COLUMN a;
				ALTER TABLE t DROP COLUMN b;
				""");
		assertThat(report.acknowledged()).singleElement().satisfies((one) -> {
			assertThat(one.finding().object()).isEqualTo("t.a");
			assertThat(one.reason()).isEqualTo("nobody has read it since 2.0");
		});
		assertThat(report.findings()).extracting(Finding::object).containsExactly("t.b");
	}

	@Test
	void commentForTheFileAcknowledgesEveryStatement() {
		ScriptReport report = check("""
				-- check: allow drop-column, drop-table in this file because the module is gone
				ALTER TABLE t DROP COLUMN a;
				DROP TABLE u;
				""");
		assertThat(report.findings()).isEmpty();
		assertThat(report.acknowledged()).hasSize(2);
	}

	@Test
	void commentThatAllowsNothingIsReported() {
		ScriptReport report = check("""
				-- check: allow drop-table because of a reason
				-- check: allow drop-column
				-- check: allow no-such-rule because of a reason
				-- check: nonsense
				ALTER TABLE t DROP COLUMN a;
				""");
		assertThat(report.isRefused()).isTrue();
		assertThat(report.findings()).filteredOn((finding) -> finding.rule().equals("unused-acknowledgement"))
			.extracting((finding) -> finding.range().line(), Finding::severity)
			.containsExactlyInAnyOrder(tuple(1, Severity.WARN), tuple(2, Severity.WARN), tuple(3, Severity.WARN),
					tuple(4, Severity.WARN));
	}

	@Test
	void commentInAStringAcknowledgesNothing() {
		assertThat(check("SELECT '\n-- check: allow drop-table because x\n'; DROP TABLE t;").isRefused()).isTrue();
	}

	@Test
	void policyDecidesByImpactRuleAndVersion() {
		String sql = "CREATE INDEX i ON t (a);";
		assertThat(check(sql).findings()).extracting(Finding::severity).containsExactly(Severity.WARN);
		assertThat(check(CheckPolicy.defaults().with(Impact.BLOCKING, CheckLevel.FAIL), sql).isRefused()).isTrue();
		assertThat(check(CheckPolicy.defaults().withRule("create-index-blocking", CheckLevel.OFF), sql).findings())
			.isEmpty();
		assertThat(check(CheckPolicy.defaults().withVersion("7.0", CheckLevel.OFF), sql).findings()).isEmpty();
		assertThat(check(CheckPolicy.defaults().startAfter("7"), sql).findings()).isEmpty();
		assertThat(check(CheckPolicy.defaults().startAfter("6.10"), sql).findings()).hasSize(1);
	}

	@Test
	void ruleThatIsOffByDefaultCanBeSwitchedOn() {
		String sql = "ALTER TABLE t ADD COLUMN a int;";
		assertThat(check(sql).findings()).isEmpty();
		assertThat(check(CheckPolicy.defaults().withRule("missing-lock-timeout", CheckLevel.WARN), sql).findings())
			.extracting(Finding::rule)
			.containsExactly("missing-lock-timeout");
	}

	@Test
	void teamCanAddARule() {
		Rule rule = new Rule() {

			@Override
			public String id() {
				return "no-json";
			}

			@Override
			public List<Impact> impacts() {
				return List.of(Impact.INCOMPATIBLE);
			}

			@Override
			public List<Finding> check(Fact fact, ScriptContext context) {
				return (fact instanceof Fact.AddColumn add && add.column().type().equals("json"))
						? List.of(Finding.of(this, fact).about(add.table(), "adds json", "we use jsonb")) : List.of();
			}

		};
		ScriptReport report = new SqlChecker(List.of(rule), CheckPolicy.defaults())
			.check(file("7", "ALTER TABLE t ADD COLUMN a json, ADD COLUMN b jsonb"), POSTGRESQL);
		assertThat(report.findings()).extracting(Finding::rule, Finding::severity)
			.containsExactly(tuple("no-json", Severity.FAIL));
	}

	@Test
	void tableThatAnEarlierScriptOfTheRunCreatedIsNew() {
		List<ScriptFile> run = List.of(file("7", "CREATE TABLE t (a int);"),
				file("8", "ALTER TABLE t ALTER a SET NOT NULL; CREATE INDEX i ON t (a);"));
		assertThat(this.checker.check(run, POSTGRESQL)).allSatisfy((report) -> assertThat(report.findings()).isEmpty());
		assertThat(this.checker.check(run.get(1), POSTGRESQL).findings()).isNotEmpty();
	}

	@Test
	void catalogOnlyLowersAFindingAndSaysWhy() {
		Catalog empty = new Catalog() {

			@Override
			public boolean isEmpty(ObjectName table) {
				return true;
			}

			@Override
			public @Nullable String columnType(ObjectName table, String column) {
				return null;
			}

			@Override
			public boolean isNeverNull(ObjectName table, String column) {
				return false;
			}

		};
		CheckSettings settings = new CheckSettings(Dialect.POSTGRESQL, 17, TransactionMode.AUTOMATIC, false, empty);
		ScriptReport report = this.checker.check(file("7", "CREATE INDEX i ON t (a); ALTER TABLE t DROP COLUMN b;"),
				settings);
		assertThat(report.findings()).extracting(Finding::rule, Finding::severity, Finding::harmlessBecause)
			.containsExactly(tuple("create-index-blocking", Severity.INFO, "the table t has no rows"),
					tuple("drop-column", Severity.FAIL, null));
	}

	@Test
	void pendingScriptIsNotToldToMoveItsStatements() {
		ScriptReport report = this.checker.check(new ScriptFile("P7__x.sql", ScriptKind.PENDING, "7", "DROP TABLE t;"),
				POSTGRESQL);
		assertThat(report.findings()).singleElement()
			.satisfies((finding) -> assertThat(finding.steps()).noneMatch((step) -> step.contains("Move")));
	}

	@Test
	void concurrentIndexWaitsForTheTransactionalLockOfFlyway() {
		CheckSettings settings = new CheckSettings(Dialect.POSTGRESQL, 17, TransactionMode.AUTOMATIC, true, null);
		String sql = "CREATE INDEX CONCURRENTLY i ON t (a);";
		assertThat(this.checker.check(file("7", sql), settings).findings()).extracting(Finding::rule)
			.containsExactly("flyway-transactional-lock");
		assertThat(this.checker.check(file("7", sql), POSTGRESQL).findings()).isEmpty();
	}

	@Test
	void statementThatFlywayDoesNotNoticeRunsInATransactionUnlessItIsToldOtherwise() {
		for (String sql : List.of("REINDEX TABLE CONCURRENTLY t", "ALTER TABLE p DETACH PARTITION q CONCURRENTLY")) {
			assertThat(check(sql).findings()).filteredOn(Finding::rule, "concurrently-in-transaction")
				.singleElement()
				.satisfies((finding) -> assertThat(finding.steps()).last().asString().contains("executeInTransaction"));
			CheckSettings outside = new CheckSettings(Dialect.POSTGRESQL, 17, TransactionMode.NEVER, false, null);
			assertThat(this.checker.check(file("7", sql), outside).findings()).extracting(Finding::rule)
				.doesNotContain("concurrently-in-transaction");
			ScriptFile pending = new ScriptFile("P7__x.sql", ScriptKind.PENDING, "7", sql);
			assertThat(this.checker.check(pending, POSTGRESQL).findings()).extracting(Finding::rule)
				.doesNotContain("concurrently-in-transaction");
		}
	}

	private ScriptReport check(String sql) {
		return this.checker.check(file("7", sql), POSTGRESQL);
	}

	private static ScriptReport check(CheckPolicy policy, String sql) {
		return new SqlChecker(policy).check(file("7", sql), POSTGRESQL);
	}

	private static ScriptFile file(String version, String sql) {
		return new ScriptFile("db/V" + version + "__x.sql", ScriptKind.VERSIONED, version, sql);
	}

}
