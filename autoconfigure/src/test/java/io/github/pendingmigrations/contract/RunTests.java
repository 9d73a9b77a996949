package io.github.pendingmigrations.contract;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Planned;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunRepository.NewRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigration.Origin;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations.Overview;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.jdbc.JdbcMigrationRunRepository;
import io.github.pendingmigrations.jdbc.LedgerTables;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What becomes of requests to apply pending migrations.
 */
@EveryDatabase
class RunTests {

	private static final Requester OPERATOR = new Requester("ops", "test", "because");

	private final TestDatabase database;

	private final TestApplication release;

	RunTests(DatabaseServer server) {
		this.database = server.createDatabase();
		this.release = TestApplication.on(this.database)
			.script("V1__create.sql",
					"create table issue (id int primary key, source varchar(20), legacy int);"
							+ " create table counter (id int primary key, value_ int);"
							+ " insert into counter values (1, 0);");
		this.release.start().close();
	}

	@AfterEach
	void close() {
		this.release.close();
		this.database.close();
	}

	@Test
	void requestIsAcceptedAtOnceAndPersisted() {
		this.release.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release.start(); Instance other = this.release.start()) {
			MigrationRun requested = instance.request("1");
			assertThat(requested.status()).isIn(MigrationRunStatus.QUEUED, MigrationRunStatus.RUNNING);
			assertThat(requested.request().by()).isEqualTo("ops");
			assertThat(requested.request().reason()).isEqualTo("because");
			MigrationRun ended = other.await(requested.id());
			assertThat(ended.status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(ended.finishedAt()).isAfterOrEqualTo(ended.startedAt());
			assertThat(other.pendingMigrations().events(requested.id())).extracting(MigrationRunEvent::type)
				.contains(MigrationRunEvent.Type.TRANSITION);
		}
		try (Instance restarted = this.release.start()) {
			assertThat(restarted.pendingMigrations().runs(new RunQuery(null, "1", 0, 10))).hasSize(1);
			PendingMigration migration = restarted.migration("1");
			assertThat(migration.application()).isNotNull().satisfies((application) -> {
				assertThat(application.by()).isEqualTo("ops");
				assertThat(application.origin()).isEqualTo(Origin.RUN);
				assertThat(application.statements()).isEqualTo(1);
			});
		}
	}

	@Test
	void everythingUpToAVersionIsAppliedInOrderAsOneRun() {
		this.release.script("P1__one.sql", "insert into counter select 2, count(*) from counter;")
			.script("P2__two.sql", "insert into counter select 3, count(*) from counter;")
			.script("P3__three.sql", "alter table issue drop column source;");
		try (Instance instance = this.release.start()) {
			Overview reviewed = instance.pendingMigrations().overview();
			MigrationRun run = instance
				.await(instance.pendingMigrations().applyUpTo(reviewed.plan(), "2", OPERATOR).id());
			assertThat(run.status()).as("%s", run).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(run.versions()).containsExactly("1", "2");
			assertThat(instance.outstanding()).containsExactly("3");
			assertThat(this.database.queryForList("select value_ from counter order by id")).containsExactly("0", "1",
					"2");
			refused(Code.PLAN_MISMATCH, () -> instance.pendingMigrations().applyUpTo(reviewed.plan(), "3", OPERATOR));
		}
	}

	@Test // A10
	void planChangesWithOrderNameAndContent() {
		this.release.script("P1__one.sql", "select 1;").script("P2__two.sql", "select 2;");
		String plan = plan();
		assertThat(plan()).isEqualTo(plan);
		this.release.script("P2__two.sql", "select 3;");
		String otherContent = plan();
		rename("P2__two.sql", "P2__renamed.sql");
		String otherName = plan();
		rename("P2__renamed.sql", "P3__renamed.sql");
		assertThat(Set.of(plan, otherContent, otherName, plan())).hasSize(4);
	}

	@Test
	void requestThatDoesNotFitIsRefusedAndChangesNothing() {
		this.release.script("P1__one.sql", "select 1;").script("P2__two.sql", "select 2;");
		try (Instance instance = this.release.start()) {
			int checksum = checksum(instance, "2");
			refused(Code.UNKNOWN_VERSION, () -> instance.pendingMigrations().apply("7", checksum, OPERATOR));
			refused(Code.UNKNOWN_VERSION, () -> instance.pendingMigrations().apply("../x", checksum, OPERATOR));
			refused(Code.CHECKSUM_MISMATCH, () -> instance.pendingMigrations().apply("1", checksum, OPERATOR));
			assertThat(refused(Code.NOT_READY, () -> instance.pendingMigrations().apply("2", checksum, OPERATOR))
				.getReasons()).extracting(PendingReason::code).containsExactly(PendingReason.Code.BLOCKED);
			assertThat(instance.pendingMigrations().runs(new RunQuery(null, null, 0, 10))).isEmpty();
			instance.apply("1");
			refused(Code.ALREADY_APPLIED,
					() -> instance.pendingMigrations().apply("1", checksum(instance, "1"), OPERATOR));
			refused(Code.UNKNOWN_RUN, () -> instance.pendingMigrations().cancel(UUID.randomUUID(), OPERATOR, false));
		}
	}

	@Test
	void delayAndWindowAreReasonsToWait() {
		this.release.script("P1__later.sql", "-- pending: delay=7d\nselect 1;")
			.script("P2__zero.sql",
					"-- pending: requires=none\n-- pending: delay=0s\n-- pending: reason=why not\nselect 1;");
		try (Instance instance = this.release.start()) {
			PendingMigration later = Awaitility.await()
				.until(() -> instance.migration("1"), (migration) -> migration.rolledOutAt() != null);
			assertThat(later.state()).isEqualTo(PendingMigrationState.PENDING);
			assertThat(later.reasons()).singleElement().satisfies((reason) -> {
				assertThat(reason.code()).isEqualTo(PendingReason.Code.DELAYED);
				assertThat(reason.until()).isEqualTo(later.rolledOutAt().plus(Duration.ofDays(7)));
			});
			refused(Code.NOT_READY, () -> instance.request("1"));
			assertThat(instance.state("2")).isEqualTo(PendingMigrationState.READY);
			assertThat(instance.migration("2").purpose()).isEqualTo("why not");
		}
	}

	@Test // A27
	void twentyInstancesStartAtOnce() throws Exception {
		int instances = (this.database.server() == DatabaseServer.H2) ? 4 : 20;
		this.release.property("spring.datasource.hikari.maximum-pool-size", 3)
			.script("V2__count.sql", "update counter set value_ = value_ + 1 where value_ >= 0;")
			.script("V3__more.sql", "alter table issue add more int;")
			.script("P2__drop.sql", "alter table issue drop column source;")
			.script("P3__drop.sql", "alter table issue drop column legacy;");
		List<Instance> started = together(instances, this.release::start);
		try {
			assertThat(this.database.queryForString("select value_ from counter")).isEqualTo("1");
			assertThat(this.database.queryForString("select count(*) from pending_migration")).isEqualTo("2");
			assertThat(started).allSatisfy((instance) -> assertThat(instance.outstanding()).containsExactly("2", "3"));
		}
		finally {
			started.forEach(Instance::close);
		}
	}

	@Test // A21
	void twentyInstancesInitializeAnEmptyDatabaseTogetherInOrder() throws Exception {
		int instances = (this.database.server() == DatabaseServer.H2) ? 1 : 20;
		try (TestDatabase empty = this.database.server().createDatabase();
				TestApplication fresh = TestApplication.on(empty)
					.property("spring.datasource.hikari.maximum-pool-size", 2)) {
			fresh.script("V1__create.sql", "create table steps (id int primary key, seen int);");
			StringBuilder expected = new StringBuilder();
			for (int i = 1; i <= 10; i++) {
				fresh.script("P" + i + "__p.sql", insertStep(2 * i));
				fresh.script("V" + (i + 1) + "__v.sql", insertStep(2 * i + 1));
			}
			fresh.script("P11__last.sql", insertStep(22));
			List<Instance> started = together(instances, fresh::start);
			started.forEach(Instance::close);
			List<Integer> seen = empty.queryForList("select seen from steps order by id")
				.stream()
				.map(Integer::valueOf)
				.toList();
			assertThat(seen).as("each step saw all earlier ones %s", expected).hasSize(21).isSorted();
			assertThat(seen.get(20)).isEqualTo(20);
			assertThat(empty.queryForString("select count(*) from pending_migration where applied_at is not null"))
				.isEqualTo("11");
		}
	}

	@Test // A28
	void manyRequestsAtOnceMakeOneRun() throws Exception {
		this.release.script("P1__count.sql", "update counter set value_ = value_ + 1;")
			.script("P2__more.sql", "-- pending: requires=none\nupdate counter set value_ = value_ + 10;");
		try (Instance one = this.release.start(); Instance two = this.release.start()) {
			int checksum = checksum(one, "1");
			List<Object> answers = together(40, () -> {
				try {
					return ((Math.random() < 0.5) ? one : two).pendingMigrations().apply("1", checksum, OPERATOR);
				}
				catch (RequestRefusedException ex) {
					return ex.getCode();
				}
			});
			List<MigrationRun> accepted = answers.stream()
				.filter(MigrationRun.class::isInstance)
				.map(MigrationRun.class::cast)
				.toList();
			assertThat(accepted).as("%s", answers).isNotEmpty();
			accepted.forEach((run) -> assertThat(one.await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED));
			assertThat(answers).filteredOn((answer) -> answer instanceof Code)
				.allSatisfy((code) -> assertThat(code).isIn(Code.RUN_ACTIVE, Code.ALREADY_APPLIED));
			assertThat(this.database.queryForString("select value_ from counter")).isEqualTo("1");
		}
	}

	@Test
	void runThatAnotherInstanceAcceptedIsPickedUp() {
		this.release.script("P1__count.sql", "update counter set value_ = value_ + 1;");
		try (Instance instance = this.release.start()) {
			UUID accepted = runs()
				.create(new NewRun(null, OPERATOR, List.of(new Planned("1", checksum(instance, "1")))))
				.orElseThrow()
				.id();
			assertThat(instance.await(accepted).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
		}
	}

	@Test // A31
	void failureKeepsWhatTheDatabaseSaidAndBlocksNothingElse() {
		this.release.script("P1__fails.sql", "-- a comment\n\nalter table issue drop column no_such_column;")
			.script("P2__fine.sql", "-- pending: requires=none\nalter table issue drop column source;");
		UUID id;
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("1");
			id = run.id();
			assertFailure(run);
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.FAILED);
		}
		this.release.script("V4__next.sql", "alter table issue add more int;");
		try (Instance restarted = this.release.start()) {
			assertFailure(restarted.pendingMigrations().run(id).orElseThrow());
			assertThat(restarted.state("1")).isEqualTo(PendingMigrationState.FAILED);
			assertThat(restarted.apply("2").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
		}
	}

	private void assertFailure(MigrationRun run) {
		assertThat(run.status()).isEqualTo(MigrationRunStatus.FAILED);
		Failure failure = run.failure();
		assertThat(failure).isNotNull();
		assertThat(failure.sqlState()).hasSize(5);
		assertThat(failure.vendorCode()).isNotNull();
		assertThat(failure.message()).containsIgnoringCase("no_such_column");
		assertThat(failure.version()).isEqualTo("1");
		assertThat(failure.statement()).isEqualTo(1);
		assertThat(failure.line()).isEqualTo(3);
		assertThat(failure.advice()).startsWith("Nothing of the migration took effect.").contains("P1__fails.sql:3");
	}

	@Test // A31, A35
	void failureInsideAScriptTakesBackEverythingOrSaysHowFarItGot() {
		this.release.script("P1__partly.sql",
				"update counter set value_ = value_ + 1;\nalter table issue drop column source;\n"
						+ "insert into no_such_table values (1);\nupdate counter set value_ = value_ + 100;");
		try (Instance instance = this.release.start()) {
			MigrationRun failed = instance.apply("1");
			assertThat(failed.status()).isEqualTo(MigrationRunStatus.FAILED);
			assertThat(failed.failure()).isNotNull().satisfies((failure) -> {
				assertThat(failure.statement()).isEqualTo(3);
				assertThat(failure.line()).isEqualTo(3);
			});
			if (isTransactional()) {
				assertThat(this.database.queryForString("select value_ from counter")).isEqualTo("0");
				assertThat(instance.state("1")).isEqualTo(PendingMigrationState.FAILED);
			}
			else {
				assertThat(this.database.queryForString("select value_ from counter")).isEqualTo("1");
				PendingMigration partly = instance.migration("1");
				assertThat(partly.state()).isEqualTo(PendingMigrationState.PARTIALLY_APPLIED);
				assertThat(partly.checkpoint()).isNotNull().satisfies((checkpoint) -> {
					assertThat(checkpoint.statementsDone()).isEqualTo(2);
					assertThat(checkpoint.inDoubt()).isFalse();
				});
				assertThat(failed.failure().advice()).startsWith("Statements 1 to 2 of 4 took effect and are recorded");
			}
			this.database.execute("create table no_such_table (id int)");
			MigrationRun retry = instance.await(instance.pendingMigrations().retry(failed.id(), OPERATOR).id());
			assertThat(retry.status()).as("%s", retry).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(this.database.queryForString("select value_ from counter")).isEqualTo("101");
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.APPLIED);
		}
	}

	@Test // A35
	void correctedScriptContinuesAtTheFailedStatementUnlessTheExecutedPartWasChanged() {
		if (isTransactional()) {
			this.release.script("P1__partly.sql.conf", "executeInTransaction=false");
		}
		this.release.script("P1__partly.sql",
				"update counter set value_ = value_ + 1;\ninsert into wrong_table values (1);");
		try (Instance instance = this.release.start()) {
			assertThat(instance.apply("1").status()).isEqualTo(MigrationRunStatus.FAILED);
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.PARTIALLY_APPLIED);
		}
		this.release.script("P1__partly.sql",
				"update counter set value_ = value_ + 50;\nupdate counter set value_ = value_ + 100;");
		try (Instance instance = this.release.start()) {
			assertThat(refused(Code.NOT_READY, () -> instance.request("1")).getReasons())
				.extracting(PendingReason::code)
				.containsExactly(PendingReason.Code.EXECUTED_PART_CHANGED);
		}
		this.release.script("P1__partly.sql",
				"update counter set value_ = value_ + 1;\nupdate counter set value_ = value_ + 100;");
		try (Instance instance = this.release.start()) {
			assertThat(instance.apply("1").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(this.database.queryForString("select value_ from counter")).isEqualTo("101");
		}
	}

	@Test // A32
	void instanceStartsWhileARunIsActive() throws Exception {
		this.release.script("P1__wait.sql", "alter table issue drop column source;");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			lockIssues(blocker);
			MigrationRun run = instance.request("1");
			Awaitility.await()
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow().position().attempt() > 1);
			long started = System.nanoTime();
			try (Instance second = this.release.start()) {
				assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(8));
				assertThat(second.pendingMigrations().overview().activeRun()).isNotNull()
					.satisfies((active) -> assertThat(active.id()).isEqualTo(run.id()));
				refused(Code.RUN_ACTIVE, () -> second.request("1"));
				blocker.rollback();
				assertThat(second.await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			}
		}
	}

	@Test
	void runThatWaitsForALockIsCancelledAtOnce() throws Exception {
		this.release.script("P1__wait.sql", "alter table issue drop column source;");
		try (Instance instance = this.release.start();
				Instance other = this.release.start();
				Connection blocker = this.database.openConnection()) {
			lockIssues(blocker);
			MigrationRun run = instance.request("1");
			Awaitility.await()
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow().position().attempt() > 1);
			other.pendingMigrations().cancel(run.id(), OPERATOR, false);
			assertThat(other.await(run.id()).status()).isEqualTo(MigrationRunStatus.CANCELLED);
			blocker.rollback();
			assertThat(other.state("1")).isEqualTo(PendingMigrationState.READY);
			refused(Code.ILLEGAL_STATE, () -> other.pendingMigrations().cancel(run.id(), OPERATOR, false));
			MigrationRun retry = other.await(other.pendingMigrations().retry(run.id(), OPERATOR).id());
			assertThat(retry.status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			refused(Code.ILLEGAL_STATE, () -> other.pendingMigrations().retry(retry.id(), OPERATOR));
		}
	}

	@Test
	void personCanSayThatAFailedMigrationNeedsNotRun() {
		this.release.script("P1__fails.sql", "alter table issue drop column no_such_column;")
			.script("P2__behind.sql", "alter table issue drop column source;");
		try (Instance instance = this.release.start()) {
			MigrationRun failed = instance.apply("1");
			assertThat(instance.state("2")).isEqualTo(PendingMigrationState.PENDING);
			instance.pendingMigrations().markApplied(failed.id(), new Requester("dba", "test", "was never there"));
			PendingMigration skipped = instance.migration("1");
			assertThat(skipped.state()).isEqualTo(PendingMigrationState.SKIPPED);
			assertThat(skipped.application()).isNotNull().satisfies((application) -> {
				assertThat(application.by()).isEqualTo("dba");
				assertThat(application.reason()).isEqualTo("was never there");
				assertThat(application.origin()).isEqualTo(Origin.MANUAL);
			});
			assertThat(instance.state("2")).isEqualTo(PendingMigrationState.READY);
			refused(Code.ILLEGAL_STATE, () -> instance.pendingMigrations().markApplied(failed.id(), OPERATOR));
		}
	}

	@Test
	void personCanLeaveOutAMigrationWithoutDoingItsWork() {
		this.release.script("P1__fails.sql", "alter table issue drop column no_such_column;")
			.script("P2__behind.sql", "alter table issue drop column source;");
		try (Instance instance = this.release.start()) {
			MigrationRun failed = instance.apply("1");
			instance.pendingMigrations().skip(failed.id(), new Requester("dba", "test", "not any more"));
			PendingMigration skipped = instance.migration("1");
			assertThat(skipped.state()).isEqualTo(PendingMigrationState.SKIPPED);
			assertThat(skipped.application()).isNotNull().satisfies((application) -> {
				assertThat(application.by()).isEqualTo("dba");
				assertThat(application.reason()).isEqualTo("not any more");
				assertThat(application.origin()).isEqualTo(Origin.LEFT_OUT);
			});
			assertThat(instance.apply("2").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			refused(Code.ILLEGAL_STATE, () -> instance.pendingMigrations().skip(failed.id(), OPERATOR));
		}
	}

	@Test // A25, A26
	void followerWhoseDelayIsOverWaitsForItsPredecessorWhoseIsNot() {
		this.release.script("P1__later.sql", "-- pending: delay=7d\nselect 1;")
			.script("P2__now.sql", "-- pending: delay=0s\nselect 1;");
		try (Instance instance = this.release.start()) {
			// The delays begin a moment after the start, when the rollout is complete
			Awaitility.await()
				.untilAsserted(() -> assertThat(instance.migration("1").reasons()).singleElement()
					.satisfies((reason) -> assertThat(reason.until()).isNotNull()));
			assertThat(instance.migration("2").reasons()).singleElement().satisfies((reason) -> {
				assertThat(reason.code()).isEqualTo(PendingReason.Code.BLOCKED);
				assertThat(reason.by()).containsExactly("1");
			});
		}
	}

	@Test
	void statementThatWorksIsCancelledByForceOnly() {
		Assumptions.assumeTrue(this.database.server() != DatabaseServer.H2, "it has no function that takes its time");
		this.release.property("pending-migrations.execution.hold-budget", "60s")
			.script("P1__slow.sql", (this.database.server() == DatabaseServer.POSTGRESQL) ? "select pg_sleep(50);"
					: "select sleep(50) from counter;");
		try (Instance instance = this.release.start(); Instance other = this.release.start()) {
			MigrationRun run = instance.request("1");
			Awaitility.await()
				.until(() -> other.pendingMigrations().run(run.id()).orElseThrow().position().statement() == 1);
			other.pendingMigrations().cancel(run.id(), OPERATOR, false);
			Awaitility.await()
				.during(Duration.ofSeconds(1))
				.until(() -> other.pendingMigrations().run(run.id()).orElseThrow().status(),
						MigrationRunStatus.CANCELLING::equals);
			other.pendingMigrations().cancel(run.id(), OPERATOR, true);
			assertThat(other.await(run.id()).status()).isEqualTo(MigrationRunStatus.CANCELLED);
			assertThat(other.migration("1").application()).isNull();
		}
	}

	@Test
	void statementThatAnAdministratorCancelsFailsWithAdvice() {
		Assumptions.assumeTrue(this.database.server() != DatabaseServer.H2, "it has no function that takes its time");
		boolean postgresql = this.database.server() == DatabaseServer.POSTGRESQL;
		this.release.property("pending-migrations.execution.hold-budget", "60s")
			.script("P1__slow.sql", postgresql ? "select pg_sleep(50);" : "select sleep(50) from counter;");
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.request("1");
			String session = Awaitility.await()
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow(),
						(found) -> found.position().statement() == 1 && found.lease() != null
								&& found.lease().databaseSession() != null)
				.lease()
				.databaseSession();
			this.database.execute(postgresql ? "select pg_cancel_backend(" + session + ")" : "kill query " + session);
			MigrationRun failed = instance.await(run.id());
			assertThat(failed.failure()).as("%s", failed).isNotNull().satisfies((failure) -> {
				assertThat(failure.kind()).isEqualTo("CANCELLED_BY_ADMIN");
				assertThat(failure.advice()).contains("Somebody cancelled the statement").contains("'retry'");
			});
		}
	}

	@Test
	void whatIsCertainToFailFailsBeforeALockIsAskedFor() throws Exception {
		this.release.script("V2__child.sql",
				"create table vote (id int primary key, issue_id int, foreign key (issue_id) references issue (id));")
			.script("P2__drop.sql", "drop table issue;");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			lockIssues(blocker);
			MigrationRun run = instance.apply("2");
			assertThat(run.failure()).as("%s", run).isNotNull().satisfies((failure) -> {
				assertThat(failure.kind()).isEqualTo("WOULD_FAIL");
				assertThat(failure.advice()).containsIgnoringCase("vote").contains("No lock was asked for");
			});
			assertThat(run.position().attempt()).isZero();
			assertThat(instance.pendingMigrations().events(run.id())).extracting(MigrationRunEvent::detail)
				.anyMatch((detail) -> detail.startsWith("Pre-flight of P2 drop: FAILS: "));
			blocker.rollback();
		}
	}

	@Test
	void profilesTryMoreOrLessOften() throws Exception {
		Assumptions.assumeTrue(this.database.server() != DatabaseServer.MYSQL, "it waits for whole seconds");
		int gentle = attemptsWithin(Duration.ofMillis(2200), "gentle", "P1__drop.sql", "source");
		int firm = attemptsWithin(Duration.ofMillis(2200), "firm", "P2__drop.sql", "legacy");
		assertThat(gentle).isBetween(2, 4);
		assertThat(firm).isGreaterThan(gentle);
	}

	private int attemptsWithin(Duration time, String profile, String script, String column) throws Exception {
		this.release.property("pending-migrations.execution.profile", profile)
			.script(script, "alter table issue drop column " + column + ";");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			lockIssues(blocker);
			MigrationRun run = instance.request(script.substring(1, 2));
			Awaitility.await()
				.during(time)
				.atMost(Duration.ofSeconds(10))
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow().status().isActive());
			blocker.rollback();
			MigrationRun ended = instance.await(run.id());
			assertThat(ended.status()).as("%s", ended).isEqualTo(MigrationRunStatus.SUCCEEDED);
			return ended.position().attempt();
		}
	}

	@Test
	void markingTwiceMarksOnlyTheMigrationAtWhichTheRunStopped() {
		this.release.script("P1__fails.sql", "alter table issue drop column no_such_column;")
			.script("P2__drop.sql", "drop table issue;");
		try (Instance instance = this.release.start()) {
			String plan = instance.pendingMigrations().overview().plan();
			MigrationRun failed = instance.await(instance.pendingMigrations().applyUpTo(plan, "2", OPERATOR).id());
			assertThat(failed.status()).isEqualTo(MigrationRunStatus.FAILED);
			instance.pendingMigrations().markApplied(failed.id(), OPERATOR);
			refused(Code.ILLEGAL_STATE, () -> instance.pendingMigrations().markApplied(failed.id(), OPERATOR));
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.SKIPPED);
			assertThat(instance.state("2")).isEqualTo(PendingMigrationState.READY);
		}
	}

	@Test // A34
	void fileThatChangedAfterItWasListedDoesNotRun() {
		this.release.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release.start()) {
			int reviewed = checksum(instance, "1");
			this.release.script("P1__drop.sql", "drop table issue;");
			refused(Code.CHECKSUM_MISMATCH, () -> instance.pendingMigrations().apply("1", reviewed, OPERATOR));
			assertThat(checksum(instance, "1")).isNotEqualTo(reviewed);
			UUID smuggled = runs().create(new NewRun(null, OPERATOR, List.of(new Planned("1", reviewed))))
				.orElseThrow()
				.id();
			MigrationRun run = instance.await(smuggled);
			assertThat(run.status()).isEqualTo(MigrationRunStatus.FAILED);
			assertThat(run.failure()).isNotNull()
				.satisfies((failure) -> assertThat(failure.kind()).isEqualTo("CHECKSUM_MISMATCH"));
			assertThat(this.database.tableNames()).contains("issue");
		}
	}

	@Test // A36
	void settingsOfTheSessionAreRestoredAndNoLockIsLeftBehind() throws Exception {
		this.release.property("spring.datasource.hikari.maximum-pool-size", 2)
			.script("P1__drop.sql", "alter table issue drop column source;")
			.script("P2__fails.sql", "alter table issue drop column no_such_column;")
			.script("P3__repeated.sql",
					"-- pending: requires=none\n-- pending: repeat=until-no-rows\ndelete from counter where id = 1;")
			.script("P4__by_itself.sql",
					"-- pending: requires=none\n-- pending: transaction=false\ninsert into counter values (1, 0);");
		try (Instance instance = this.release.start()) {
			List<String> before = sessionSettings(instance);
			instance.apply("1");
			instance.apply("2");
			assertThat(instance.apply("3").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(instance.apply("4").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(sessionSettings(instance)).isEqualTo(before);
		}
	}

	private List<String> sessionSettings(Instance instance) throws Exception {
		String sql = switch (this.database.server()) {
			case POSTGRESQL -> "select current_setting('lock_timeout') || current_setting('statement_timeout')"
					+ " || current_setting('deadlock_timeout') || current_setting('application_name')"
					+ " || current_setting('idle_in_transaction_session_timeout')"
					+ " || current_setting('client_connection_check_interval') || current_setting('search_path')"
					+ " || (select count(*) from pg_locks where locktype = 'advisory' and database ="
					+ " (select oid from pg_database where datname = current_database()))";
			case MARIADB -> "select concat_ws(' ', @@session.lock_wait_timeout, @@session.innodb_lock_wait_timeout,"
					+ " @@session.max_statement_time, @@session.idle_transaction_timeout,"
					+ " @@session.autocommit, database())";
			case MYSQL -> "select concat_ws(' ', @@session.lock_wait_timeout, @@session.innodb_lock_wait_timeout)";
			case H2 -> "select lock_timeout()";
		};
		List<String> values = new ArrayList<>();
		javax.sql.DataSource dataSource = instance.context().getBean(javax.sql.DataSource.class);
		try (Connection one = dataSource.getConnection(); Connection two = dataSource.getConnection()) {
			for (Connection connection : List.of(one, two)) {
				try (Statement statement = connection.createStatement(); var result = statement.executeQuery(sql)) {
					result.next();
					values.add(result.getString(1));
				}
			}
		}
		return values;
	}

	private boolean isTransactional() {
		return DatabaseProduct.valueOf(this.database.server().name()).hasTransactionalDdl();
	}

	private void lockIssues(Connection connection) throws Exception {
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			statement.execute((this.database.server() == DatabaseServer.H2) ? "insert into issue (id) values (1)"
					: "select * from issue");
		}
	}

	private JdbcMigrationRunRepository runs() {
		try (Connection connection = this.database.openConnection()) {
			DatabaseProduct product = DatabaseProduct.of(connection);
			String schema = switch (product) {
				case MYSQL, MARIADB -> connection.getCatalog();
				default -> connection.getSchema();
			};
			return new JdbcMigrationRunRepository(this.database.dataSource(),
					LedgerTables.of(product, schema, "pending_migration"));
		}
		catch (java.sql.SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private String plan() {
		try (Instance instance = this.release.start()) {
			return instance.pendingMigrations().overview().plan();
		}
	}

	private void rename(String from, String to) {
		try {
			Files.move(this.release.scripts().resolve(from), this.release.scripts().resolve(to));
		}
		catch (java.io.IOException ex) {
			throw new java.io.UncheckedIOException(ex);
		}
	}

	private static String insertStep(int number) {
		return "insert into steps (id, seen) select " + number + ", count(*) from steps;";
	}

	private static int checksum(Instance instance, String version) {
		Integer checksum = instance.migration(version).checksum();
		assertThat(checksum).isNotNull();
		return checksum;
	}

	private static RequestRefusedException refused(Code code, ThrowingCallable request) {
		RequestRefusedException[] refusal = new RequestRefusedException[1];
		assertThatExceptionOfType(RequestRefusedException.class).isThrownBy(request).satisfies((ex) -> {
			assertThat(ex.getCode()).as(ex.getMessage()).isEqualTo(code);
			refusal[0] = ex;
		});
		return refusal[0];
	}

	private static <T> List<T> together(int count, Callable<T> task) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(count);
		try {
			List<Future<T>> futures = new ArrayList<>();
			for (int i = 0; i < count; i++) {
				futures.add(executor.submit(task));
			}
			List<T> results = new ArrayList<>();
			for (Future<T> future : futures) {
				results.add(future.get());
			}
			return results;
		}
		finally {
			executor.shutdown();
		}
	}

}
