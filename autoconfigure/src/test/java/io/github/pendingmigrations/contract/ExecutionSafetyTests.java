package io.github.pendingmigrations.contract;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.github.pendingmigrations.ApplicationInstance.Known;
import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.InstanceRepository;
import io.github.pendingmigrations.InstanceRepository.Registration;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Planned;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunRepository.NewRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingJavaMigration;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.jdbc.JdbcInstanceRepository;
import io.github.pendingmigrations.jdbc.JdbcMigrationRunRepository;
import io.github.pendingmigrations.jdbc.LedgerTables;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.assertj.core.api.ObjectAssert;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What a migration can do to the application around it, and the world to a migration.
 */
@EveryDatabase
class ExecutionSafetyTests {

	private static final Requester OPERATOR = new Requester("ops", "test", "because");

	private final TestDatabase database;

	private final TestApplication release;

	ExecutionSafetyTests(DatabaseServer server) {
		this.database = server.createDatabase();
		this.release = TestApplication.on(this.database)
			.script("V1__create.sql",
					"create table issue (id int primary key, email varchar(40), source int, legacy int);"
							+ " create table seen (tenant varchar(20));");
	}

	@AfterEach
	void close() {
		this.release.close();
		this.database.close();
	}

	@Test
	void scriptRunsInTheSchemaOfFlywayAlsoIfTheConnectionStartsInAnother() {
		String schema = "app_" + this.database.name();
		this.release.property("spring.flyway.default-schema", schema);
		this.release.start().close();
		this.database.execute("create table issue (id int primary key, source int)");
		this.release.script("P1__drop.sql", "alter table issue drop column legacy;\ndrop table issue;");
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("1");
			assertThat(run.status()).as("%s", run.failure()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(this.database.tableNames()).contains("issue");
			assertThat(this.database
				.queryForList("select table_name from information_schema.tables where table_schema = ?", schema))
				.isNotEmpty()
				.noneMatch("issue"::equalsIgnoreCase);
		}
		finally {
			this.database.execute(
					"drop schema if exists " + this.database.server().quote(schema) + (isMysql() ? "" : " cascade"));
		}
	}

	@Test
	void scriptRunsInTheSchemaOfFlywayWhereAnEmptyDatabaseNeedsAnotherConnection() {
		Assumptions.assumeTrue(isPostgresql());
		this.release.property("spring.flyway.default-schema", "app")
			.script("P1__index.sql", "create index concurrently i on issue (source);");
		try (Instance instance = this.release.start()) {
			assertThat(instance.outstanding()).isEmpty();
			assertThat(this.database.queryForString("select schemaname from pg_indexes where indexname = 'i'"))
				.isEqualTo("app");
		}
	}

	@Test
	void scriptRunsAfterTheInitialSqlOfFlyway() {
		this.release.start().close();
		this.release.property("spring.flyway.init-sqls", setTenant("red") + ";\n" + setTenant("blue") + ";")
			.script("P1__see.sql", "insert into seen values (" + tenant() + ");");
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("1");
			assertThat(run.status()).as("%s", run.failure()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(this.database.queryForString("select tenant from seen")).isEqualTo("blue");
		}
	}

	@Test
	void settingsOfAScriptDoNotReachTheApplication() throws Exception {
		assertSettingsDoNotReachTheApplication();
	}

	@Test
	void settingsOfAScriptDoNotReachTheApplicationThroughAWrappedPool() throws Exception {
		this.release.configuration(UnreliableConfiguration.class);
		assertSettingsDoNotReachTheApplication();
	}

	private void assertSettingsDoNotReachTheApplication() throws Exception {
		this.release.property("spring.datasource.hikari.maximum-pool-size", 2);
		this.release.start().close();
		String set = switch (this.database.server()) {
			case POSTGRESQL -> "set lock_timeout = '7s';\nset search_path = pg_catalog;\n";
			case MARIADB, MYSQL -> "set foreign_key_checks = 0;\n";
			case H2 -> "set lock_timeout 7777;\n";
		};
		String issue = isPostgresql() ? "public.issue" : "issue";
		this.release.script("P1__fine.sql", set + "alter table " + issue + " drop column source;")
			.script("P2__fails.sql", set + "alter table " + issue + " drop column no_such_column;")
			.script("P3__fine.sql", "-- pending: requires=none\n" + setTenant("blue") + ";");
		try (Instance instance = this.release.start()) {
			List<String> before = settings(instance);
			for (String version : List.of("1", "2", "3")) {
				MigrationRun run = instance.apply(version);
				assertThat(run.status()).as("%s", run.failure())
					.isEqualTo(version.equals("2") ? MigrationRunStatus.FAILED : MigrationRunStatus.SUCCEEDED);
				assertThat(settings(instance)).isEqualTo(before);
			}
		}
	}

	private List<String> settings(Instance instance) throws SQLException {
		String sql = switch (this.database.server()) {
			case POSTGRESQL -> "select current_setting('lock_timeout') || ' ' || current_setting('search_path')"
					+ " || coalesce(current_setting('my.tenant', true), '')";
			case MARIADB, MYSQL -> "select concat(@@session.foreign_key_checks, database(), coalesce(@tenant, ''))";
			case H2 -> "select lock_timeout() || schema() || coalesce(@tenant, '')";
		};
		DataSource dataSource = instance.context().getBean(DataSource.class);
		List<String> values = new ArrayList<>();
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

	@Test
	void settingsOfAScriptHoldAgainWhereARetryContinues() {
		this.release.start().close();
		this.release.script("P1__step_by_step.sql",
				(isPostgresql() ? "-- pending: transaction=false\n" : "") + "/* who */ -- it is for\n"
						+ setTenant("blue") + ";\ninsert into seen values ('first');\ninsert into late values ("
						+ tenant() + ");");
		try (Instance instance = this.release.start()) {
			MigrationRun failed = instance.apply("1");
			assertThat(failed.failure()).isNotNull()
				.satisfies((failure) -> assertThat(failure.statement()).isEqualTo(3));
			this.database.execute("create table late (tenant varchar(20))");
			MigrationRun retry = instance.await(instance.pendingMigrations().retry(failed.id(), OPERATOR).id());
			assertThat(retry.status()).as("%s", retry.failure()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(this.database.queryForString("select tenant from late")).isEqualTo("blue");
			assertThat(this.database.queryForList("select tenant from seen")).containsExactly("first");
		}
	}

	@Test
	void applicationThatWaitsForTheLockWithItsWholePoolDoesNotProlongTheLock() throws Exception {
		Assumptions.assumeTrue(isPostgresql());
		this.release.property("spring.datasource.hikari.maximum-pool-size", 3)
			.property("pending-migrations.execution.heartbeat", "5s")
			.property("pending-migrations.execution.lease", "30s");
		this.release.start().close();
		this.release.script("P1__slow.sql", "alter table issue drop column source;\nselect pg_sleep(2.5);\n"
				+ "select pg_sleep(0.01);\nselect pg_sleep(0.02);\nalter table issue drop column legacy;");
		try (Instance instance = this.release.start()) {
			DataSource dataSource = instance.context().getBean(DataSource.class);
			AtomicBoolean ended = new AtomicBoolean();
			ExecutorService application = Executors.newFixedThreadPool(6);
			try {
				MigrationRun run = instance.request("1");
				List<Future<Duration>> worst = new ArrayList<>();
				for (int i = 0; i < 6; i++) {
					worst.add(application.submit(() -> queryUntil(ended, dataSource)));
				}
				Awaitility.await()
					.atMost(Duration.ofSeconds(60))
					.until(() -> this.database.queryForString("select status from pending_migration_run"),
							(status) -> !List.of("QUEUED", "RUNNING").contains(status));
				ended.set(true);
				for (Future<Duration> one : worst) {
					assertThat(one.get()).isLessThan(Duration.ofSeconds(6));
				}
				assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			}
			finally {
				ended.set(true);
				application.shutdown();
			}
		}
	}

	private static Duration queryUntil(AtomicBoolean ended, DataSource dataSource) throws Exception {
		Duration worst = Duration.ZERO;
		while (!ended.get()) {
			long started = System.nanoTime();
			try (Connection connection = dataSource.getConnection();
					Statement statement = connection.createStatement()) {
				statement.executeQuery("select count(*) from issue").close();
			}
			Duration took = Duration.ofNanos(System.nanoTime() - started);
			worst = (took.compareTo(worst) > 0) ? took : worst;
			Thread.sleep(2);
		}
		return worst;
	}

	@Test
	void locksOfAllStatementsTogetherAreHeldNoLongerThanTheBudget() {
		Assumptions.assumeTrue(isPostgresql());
		this.release.property("pending-migrations.execution.hold-budget", "1s");
		this.release.start().close();
		this.release.configuration(SlowConfiguration.class)
			.script("P1__slow.sql", "alter table issue drop column source;\nselect pg_sleep(0.7);\n"
					+ "select pg_sleep(0.7);\nselect pg_sleep(0.7);");
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("1");
			assertFailed(run, "HOLD_BUDGET_EXCEEDED").satisfies((failure) -> {
				assertThat(failure.statement()).isEqualTo(3);
				assertThat(failure.advice()).startsWith("Nothing of the migration took effect.");
			});
			instance.pendingMigrations().markApplied(run.id(), OPERATOR);
			assertThat(instance.apply("7").failure()).as("it has a budget of its own").isNull();
			assertThat(this.database.queryForString("select tenant from seen")).as("how long it may compute")
				.isEqualTo("20s");
		}
	}

	@Test
	void errorOfAMigrationEndsItsRunAndNotTheWorker() {
		this.release.start().close();
		this.release.configuration(BrokenConfiguration.class);
		try (Instance instance = this.release.start()) {
			MigrationRun died = instance.apply("2");
			assertThat(died.failure()).isNotNull().satisfies((failure) -> {
				assertThat(failure.errorClass()).isEqualTo(AssertionError.class.getName());
				assertThat(failure.message()).isEqualTo("boom");
			});
			instance.pendingMigrations().markApplied(died.id(), OPERATOR);
			if (isPostgresql()) {
				MigrationRun confused = instance.apply("3");
				assertFailed(confused, "UNEXPECTED_ERROR")
					.satisfies((failure) -> assertThat(failure.message()).isEqualTo("undecided"));
				instance.pendingMigrations().markApplied(confused.id(), OPERATOR);
			}
			else {
				assertThat(instance.apply("3").failure()).isNull();
			}
			assertThat(instance.apply("4").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
		}
	}

	@Test
	void databaseThatIsAwayForAMomentDelaysTheRunOnly() throws Exception {
		this.release.start().close();
		this.release.configuration(UnreliableConfiguration.class)
			.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			assertThatRunOutlastsADatabaseThatIsAway(instance, blocker);
		}
	}

	@Test
	void decisionAboutAStatementInDoubtOutlastsADatabaseThatIsAwayBeforeItIsSent() throws Exception {
		Assumptions.assumeFalse(isPostgresql(), "There the statement would be in the transaction of its checkpoint");
		this.release.start().close();
		this.release.configuration(UnreliableConfiguration.class)
			.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			this.database.execute("update pending_migration set checkpoint_statements = 0, checkpoint_in_doubt = true, "
					+ "checkpoint_hash = '' where version = '1'");
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.PARTIALLY_APPLIED);
			assertThatRunOutlastsADatabaseThatIsAway(instance, blocker);
		}
	}

	private void assertThatRunOutlastsADatabaseThatIsAway(Instance instance, Connection blocker) throws SQLException {
		UnreliableDataSource dataSource = (UnreliableDataSource) instance.context().getBean(DataSource.class);
		lockIssues(blocker);
		MigrationRun run = instance.request("1");
		Awaitility.await()
			.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow().position().attempt() > 1);
		dataSource.away.set(true);
		Awaitility.await().until(() -> dataSource.refused.get() > 3);
		blocker.rollback();
		dataSource.away.set(false);
		MigrationRun ended = instance.await(run.id());
		assertThat(ended.status()).as("%s", ended.failure()).isEqualTo(MigrationRunStatus.SUCCEEDED);
	}

	@Test
	void whatAScriptWouldCommitInItsMiddleIsNotExecutedAgainAndAgain() {
		Assumptions.assumeTrue(isPostgresql());
		this.release.start().close();
		this.release.property("pending-migrations.check.rules.explicit-transaction-control", "warn")
			.script("P1__commit.sql", "insert into seen values ('x');\ncommit;\nalter table issue drop column source;");
		try (Instance instance = this.release.start()) {
			assertFailed(instance.apply("1"), "TRANSACTION_CONTROL")
				.satisfies((failure) -> assertThat(failure.advice()).contains("P1__commit.sql:2", "transaction=false"));
			assertThat(this.database.queryForString("select count(*) from seen")).isEqualTo("0");
		}
	}

	@Test
	void statementThatIsNoSettingIsNotReplayedByEachAttempt() throws Exception {
		Assumptions.assumeTrue(this.database.server() == DatabaseServer.MARIADB);
		this.release.start().close();
		this.release.script("P1__set.sql",
				"set statement max_statement_time=1 for insert into seen values ('x');\nalter table issue drop column source;");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			lockIssues(blocker);
			MigrationRun run = instance.request("1");
			Awaitility.await()
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow().position().attempt() > 3);
			blocker.rollback();
			assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(this.database.queryForString("select count(*) from seen")).isEqualTo("1");
		}
	}

	@Test
	void migrationAtWhichARunStoppedIsTheOneThatIsLeftOut() {
		this.release.start().close();
		this.release.script("P1__one.sql", "alter table issue drop column source;")
			.script("P2__two.sql", "alter table issue drop column legacy;");
		try (Instance instance = this.release.start()) {
			UUID run = accepted(new Planned("1", checksum(instance, "1")),
					new Planned("2", checksum(instance, "2") + 1));
			assertFailed(instance.await(run), "CHECKSUM_MISMATCH");
			instance.pendingMigrations().skip(run, OPERATOR);
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.READY);
			assertThat(instance.state("2")).isEqualTo(PendingMigrationState.SKIPPED);
		}
	}

	@Test
	void statementThatFailedHalfwayStaysInDoubt() {
		Assumptions.assumeTrue(isMysql());
		this.release.start().close();
		this.release.script("P1__drop.sql",
				"alter table issue drop column source;\ndrop table seen, another_that_is_gone;");
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("1");
			assertThat(run.failure()).isNotNull()
				.satisfies((failure) -> assertThat(failure.advice())
					.startsWith("Statement 2 of 2 may have taken effect in part, so look at the database; "
							+ "those before it did"));
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.PARTIALLY_APPLIED);
			assertThat(this.database.tableNames()).doesNotContain("seen");
		}
	}

	@Test
	void statementThatFailedOnATableWithoutTransactionsStaysInDoubt() {
		Assumptions.assumeTrue(isMysql());
		this.release.start().close();
		createTally("create table plain (id int primary key)", "create view tally_view as select * from tally",
				"create trigger tally_trigger after update on issue for each row"
						+ " insert into tally values (new.id, 0)",
				"insert into issue (id) values (1), (2)", "insert into tally values (2, 0)");
		this.release
			.script("P1__table.sql", "-- pending: requires=none\ninsert into tally values (3, 0), (4, 0), (3, 0);")
			.script("P2__view.sql", "-- pending: requires=none\ninsert into tally_view values (5, 0), (6, 0), (5, 0);")
			.script("P3__trigger.sql", "-- pending: requires=none\nupdate issue set legacy = 1 where id > 0;")
			.script("P4__innodb.sql", "-- pending: requires=none\ninsert into plain (id) values (3), (4), (3);");
		try (Instance instance = this.release.start()) {
			for (String version : List.of("1", "2", "3")) {
				MigrationRun run = instance.apply(version);
				assertThat(run.failure()).as("P%s", version)
					.isNotNull()
					.satisfies((failure) -> assertThat(failure.advice())
						.startsWith("Statement 1 of 1 may have taken effect in part, so look at the database"));
				assertThat(instance.state(version)).isEqualTo(PendingMigrationState.PARTIALLY_APPLIED);
			}
			assertThat(this.database.queryForList("select id from tally order by id")).containsExactly("1", "2", "3",
					"4", "5", "6");
			assertThat(instance.apply("4").failure()).isNotNull()
				.satisfies((failure) -> assertThat(failure.advice()).doesNotContain("in part"));
			assertThat(instance.state("4")).isEqualTo(PendingMigrationState.FAILED);
		}
	}

	@Test
	void waitForARowBehindThoseThatWereChangedForGoodIsNotTriedAgain() throws Exception {
		Assumptions.assumeTrue(isMysql());
		this.release.start().close();
		createTally("insert into issue (id) values (1), (2)");
		this.release.script("P1__copy.sql",
				"insert into tally select id, 0 from issue where id > 0 order by id lock in share mode;");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			blocker.setAutoCommit(false);
			try (Statement statement = blocker.createStatement()) {
				statement.execute("update issue set legacy = 1 where id = 2");
			}
			MigrationRun run = instance.apply("1");
			assertFailed(run, "LOCK_TIMEOUT")
				.satisfies((failure) -> assertThat(failure.advice()).contains("may have taken effect in part"));
			assertThat(run.position().attempt()).isEqualTo(1);
			assertThat(this.database.queryForList("select id from tally")).containsExactly("1");
			blocker.rollback();
		}
	}

	@Test
	void waitForATableWithoutTransactionsIsTriedAgain() throws Exception {
		Assumptions.assumeTrue(isMysql());
		this.release.start().close();
		createTally();
		this.release.script("P1__insert.sql", "insert into tally values (1, 0);");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			try (Statement statement = blocker.createStatement()) {
				statement.execute("lock tables tally write");
				MigrationRun run = instance.request("1");
				Awaitility.await()
					.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow().position().attempt() > 2);
				statement.execute("unlock tables");
				assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			}
			assertThat(this.database.queryForList("select id from tally")).containsExactly("1");
		}
	}

	@Test
	void onlyATableWithoutTransactionsKeepsWhatAStatementChangedThatExceededItsBudget() {
		Assumptions.assumeTrue(isMysql());
		this.release.property("pending-migrations.execution.hold-budget", "500ms");
		this.release.start().close();
		createTally("insert into tally values (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)",
				"insert into issue (id, legacy) select id, n from tally");
		this.release.script("P1__innodb.sql", "update issue set legacy = 1 + sleep(0.2) where id > 0;")
			.script("P2__myisam.sql", "-- pending: requires=none\nupdate tally set n = 1 + sleep(0.2) where id > 0;");
		try (Instance instance = this.release.start()) {
			assertFailed(instance.apply("1"), "HOLD_BUDGET_EXCEEDED");
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.FAILED);
			assertThat(this.database.queryForString("select sum(legacy) from issue")).isEqualTo("0");
			assertFailed(instance.apply("2"), "HOLD_BUDGET_EXCEEDED");
			assertThat(instance.state("2")).isEqualTo(PendingMigrationState.PARTIALLY_APPLIED);
			assertThat(this.database.queryForString("select sum(n) from tally")).isIn("1", "2", "3", "4");
		}
	}

	private void createTally(String... statements) {
		this.database.execute("create table tally (id int primary key, n int) engine = myisam");
		this.database.execute(statements);
	}

	@Test
	void javaMigrationThatFailsBetweenItsCommitsKeepsWhatItCommittedOnly() {
		this.release.start().close();
		this.release.configuration(HalfConfiguration.class);
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("2");
			assertThat(run.status()).isEqualTo(MigrationRunStatus.FAILED);
			assertThat(this.database.queryForList("select tenant from seen")).containsExactly("committed");
			assertThat(run.failure()).isNotNull()
				.satisfies((failure) -> assertThat(failure.advice()).doesNotContain("Nothing of the migration")
					.contains("committed itself has taken effect"));
			instance.pendingMigrations().markApplied(run.id(), OPERATOR);
			MigrationRun locked = instance.apply("3");
			assertFailed(locked, "DEADLOCK");
			assertThat(locked.position().attempt()).isEqualTo(1);
			assertThat(this.database.queryForList("select tenant from seen")).hasSize(2);
		}
	}

	@Test
	void cancellationThatNobodyAskedForIsAFailure() {
		this.release.start().close();
		this.release.configuration(CancellingConfiguration.class);
		try (Instance instance = this.release.start()) {
			for (String version : List.of("2", "3")) {
				MigrationRun run = instance.apply(version);
				assertThat(run.status()).isEqualTo(MigrationRunStatus.FAILED);
				assertThat(run.failure()).isNotNull()
					.satisfies((failure) -> assertThat(failure.errorClass())
						.isEqualTo(CancellationException.class.getName()));
				instance.pendingMigrations().markApplied(run.id(), OPERATOR);
			}
		}
	}

	@Test
	void statementWithoutLimitsIsCancelledAtOnceAndItsInvalidIndexIsRemoved() throws Exception {
		Assumptions.assumeTrue(isPostgresql());
		this.release.start().close();
		this.release.script("P1__index.sql",
				"-- an index\ncreate index concurrently if not exists i on issue (source);");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			insertIssue(blocker);
			MigrationRun run = instance.request("1");
			awaitConcurrentIndex();
			instance.pendingMigrations().cancel(run.id(), OPERATOR, false);
			Awaitility.await()
				.atMost(Duration.ofSeconds(5))
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow().status(),
						(status) -> status == MigrationRunStatus.CANCELLED);
			blocker.rollback();
			assertThat(indexIsValid()).isEqualTo("f");
			MigrationRun retry = instance.await(instance.pendingMigrations().retry(run.id(), OPERATOR).id());
			assertThat(retry.status()).as("%s", retry.failure()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(indexIsValid()).isEqualTo("t");
			assertThat(instance.pendingMigrations().events(retry.id())).extracting(MigrationRunEvent::detail)
				.anyMatch((detail) -> detail.contains("DROP INDEX CONCURRENTLY public.i"));
		}
	}

	@Test
	void statementWithoutLimitsEndsAtTheDeadlineOfTheRun() throws Exception {
		Assumptions.assumeTrue(isPostgresql());
		this.release.property("pending-migrations.execution.deadline", "1s");
		this.release.start().close();
		this.release.script("P1__index.sql", "create index concurrently i on issue (source);");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			insertIssue(blocker);
			assertFailed(instance.apply("1"), "DEADLINE_EXCEEDED");
			blocker.rollback();
		}
	}

	private void awaitConcurrentIndex() {
		Awaitility.await()
			.until(() -> this.database
				.queryForString("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
						+ " and datname = current_database() and query like '%create index concurrently%'"),
					"1"::equals);
	}

	private String indexIsValid() {
		return this.database.queryForString("select indisvalid from pg_index where indexrelid = 'i'::regclass");
	}

	@Test
	void runWaitsForItsWindowAndAPersonCanCancelIt() {
		this.release.start().close();
		LocalTime now = LocalTime.now(ZoneOffset.UTC);
		DateTimeFormatter format = DateTimeFormatter.ofPattern("HH:mm");
		this.release.script("P1__night.sql", "-- pending: window=" + now.plusHours(3).format(format) + "-"
				+ now.plusHours(4).format(format) + " UTC\nalter table issue drop column source;");
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.request("1");
			MigrationRun held = Awaitility.await()
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow(),
						(found) -> found.status() == MigrationRunStatus.HELD);
			assertThat(held.hold()).isNotNull().satisfies((hold) -> {
				assertThat(hold.reason()).contains("It may start only at");
				assertThat(hold.until()).isNotNull().isAfter(Instant.now().plus(Duration.ofHours(2)));
			});
			assertThat(instance.pendingMigrations().cancel(run.id(), OPERATOR, false).status())
				.isEqualTo(MigrationRunStatus.CANCELLED);
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.PENDING);
		}
	}

	@Test
	void runThatAPersonHoldsGoesOnWhenResumed() throws Exception {
		this.release.start().close();
		this.release.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			insertIssue(blocker);
			MigrationRun run = instance.request("1");
			Awaitility.await()
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow().position().attempt() > 1);
			instance.pendingMigrations().hold(run.id(), OPERATOR);
			Awaitility.await()
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow().status(),
						(status) -> status == MigrationRunStatus.HELD);
			blocker.rollback();
			assertThat(instance.pendingMigrations().resume(run.id(), OPERATOR).status())
				.isEqualTo(MigrationRunStatus.QUEUED);
			assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
		}
	}

	@Test
	void statusNamesTheTransactionThatStandsInTheWay() throws Exception {
		Assumptions.assumeTrue(isPostgresql());
		this.release.start().close();
		this.release.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			insertIssue(blocker);
			MigrationRun run = instance.request("1");
			MigrationRun blocked = Awaitility.await()
				.atMost(Duration.ofSeconds(20))
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow(),
						(found) -> !found.contention().blockers().isEmpty());
			assertThat(blocked.contention().blockers()).singleElement()
				.satisfies((seen) -> assertThat(seen.state()).isEqualTo("idle in transaction"));
			blocker.rollback();
			assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
		}
	}

	@Test
	void planOfWhichOneMigrationIsNotHereExecutesNothing() {
		this.release.start().close();
		this.release.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance
				.await(accepted(new Planned("1", checksum(instance, "1")), new Planned("2", 4711)));
			assertFailed(run, "CHECKSUM_MISMATCH").satisfies((failure) -> assertThat(failure.version()).isEqualTo("2"));
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.READY);
		}
	}

	@Test
	void planIsLeftToAnInstanceThatHasIt() throws SQLException {
		this.release.start().close();
		this.release.script("P1__drop.sql", "alter table issue drop column source;")
			.property("pending-migrations.execution.heartbeat", "200ms")
			.property("pending-migrations.execution.lease", "1s");
		try (Instance instance = this.release.start()) {
			InstanceRepository instances = new JdbcInstanceRepository(this.database.dataSource(), tables());
			Known known = new Known("1", 4711, "1");
			instances.save(new Registration("other", "2.0.0", "1", "1", List.of(known), Duration.ofHours(1)));
			UUID run = accepted(new Planned("1", 4711));
			Awaitility.await()
				.during(Duration.ofSeconds(3))
				.until(() -> instance.pendingMigrations().run(run).orElseThrow().status(),
						(status) -> status == MigrationRunStatus.QUEUED);
			instances.end("other");
			assertFailed(instance.await(run), "CHECKSUM_MISMATCH");
		}
	}

	@Test
	void snapshotOfTheSessionDoesNotKeepTheRunFromItsOwnRow() {
		Assumptions.assumeTrue(this.database.server() == DatabaseServer.MARIADB);
		this.release.start().close();
		this.release
			.property("spring.datasource.hikari.connection-init-sql", "set session innodb_snapshot_isolation=on")
			.property("pending-migrations.execution.heartbeat", "5ms")
			.property("pending-migrations.execution.lease", "5s");
		for (int version = 2; version <= 20; version++) {
			this.release.script("P" + version + "__seen.sql", "insert into seen values ('" + version + "');");
		}
		try (Instance instance = this.release.start()) {
			String plan = instance.pendingMigrations().overview().plan();
			MigrationRun run = instance.await(instance.pendingMigrations().applyUpTo(plan, "20", OPERATOR).id());
			assertThat(run.status()).as("%s", run).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(this.database.queryForString("select count(distinct tenant) from seen")).isEqualTo("19");
		}
	}

	@Test
	void whatIsDeferredUntilTheCommitFailsThere() {
		Assumptions.assumeTrue(isPostgresql());
		this.release.start().close();
		this.release.script("P1__refer.sql",
				"create table vote (issue int references issue deferrable initially deferred);\n"
						+ "insert into vote values (7);");
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("1");
			assertFailed(run, "SQL_ERROR").satisfies((failure) -> {
				assertThat(failure.sqlState()).isEqualTo("23503");
				assertThat(failure.line()).isEqualTo(2);
				assertThat(failure.advice()).contains("Nothing of the migration took effect");
			});
			assertThat(this.database.tableNames()).doesNotContain("vote");
		}
	}

	@Test
	void requiredMigrationThatDoesNotExistBlocks() {
		this.release.start().close();
		this.release.script("P2__a.sql", "alter table issue drop column source;")
			.script("P3__b.sql", "-- pending: requires=P22\nalter table issue drop column legacy;");
		try (Instance instance = this.release.start()) {
			assertThat(instance.state("3")).isEqualTo(PendingMigrationState.PENDING);
			assertThat(instance.migration("3").reasons()).singleElement().satisfies((reason) -> {
				assertThat(reason.code()).isEqualTo(PendingReason.Code.BLOCKED);
				assertThat(reason.message()).contains("requires P22, which does not exist; correct the directive");
			});
		}
	}

	@Test
	void neitherRowsNorSqlGetIntoWhatIsToldAboutAFailure() {
		this.release.start().close();
		this.database.execute("insert into issue (id, email) values (1, 'bob@example.org'), (2, 'bob@example.org')");
		this.release.script("P1__syntax.sql", "-- pending: requires=none\nalter table issue dropp column secret_thing;")
			.script("P2__unique.sql", "-- pending: requires=none\ncreate unique index u on issue (email);")
			.script("P3__key.sql",
					"-- pending: requires=none\ninsert into issue (id, email) select id, email from issue;")
			.script("P4__value.sql", "-- pending: requires=none\nupdate issue set legacy = cast(email as "
					+ (isMysql() ? "inet6" : "int") + ") where id = 1;");
		if (isPostgresql()) {
			this.release.script("P5__do.sql", "-- pending: requires=none\ndo $$ begin execute"
					+ " 'alter table secret_schema.t drop column secret_thing'; end $$;");
		}
		try (Instance instance = this.release.start()) {
			for (String version : instance.outstanding()) {
				MigrationRun run = instance.apply(version);
				Failure failure = run.failure();
				assertThat(failure).as("P%s", version).isNotNull();
				assertThat(failure.message()).as("P%s", version)
					.isNotBlank()
					.doesNotContain("bob")
					.doesNotContain("secret_thing")
					.doesNotContain("\n");
				assertThat(instance.pendingMigrations().events(run.id())).extracting(MigrationRunEvent::detail)
					.noneMatch((detail) -> detail.contains("bob") || detail.contains("secret_thing"));
			}
		}
	}

	@Test
	void statementInDoubtOfACutOffInitializationIsNotRepeated() {
		Assumptions.assumeFalse(isPostgresql());
		this.release.script("P1__two.sql",
				"alter table issue drop column source;\nalter table issue drop column gone;");
		assertThatException().isThrownBy(this.release::start);
		this.release.script("P1__two.sql",
				"alter table issue drop column legacy;\nalter table issue drop column gone;");
		assertThatException().isThrownBy(this.release::start)
			.havingRootCause()
			.withMessageContaining("was changed in its first 1 statement(s)");
		this.release.script("P1__two.sql",
				"alter table issue drop column source;\nalter table issue drop column gone;");
		this.database.execute("update pending_migration set checkpoint_in_doubt = true");
		try (Instance instance = this.release.start()) {
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.APPLIED);
		}
	}

	private boolean isPostgresql() {
		return this.database.server() == DatabaseServer.POSTGRESQL;
	}

	private boolean isMysql() {
		return this.database.server() == DatabaseServer.MARIADB || this.database.server() == DatabaseServer.MYSQL;
	}

	private String setTenant(String tenant) {
		return (isPostgresql() ? "set my.tenant = '" : "set @tenant = '") + tenant + "'";
	}

	private String tenant() {
		return isPostgresql() ? "current_setting('my.tenant')" : "@tenant";
	}

	private void lockIssues(Connection connection) throws SQLException {
		if (this.database.server() == DatabaseServer.H2) {
			insertIssue(connection);
			return;
		}
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			statement.execute("select * from issue");
		}
	}

	private static void insertIssue(Connection connection) throws SQLException {
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			statement.execute("insert into issue (id) values (1)");
		}
	}

	/**
	 * Accept a run as an instance would have done that saw something else.
	 */
	private UUID accepted(Planned... plan) {
		return new JdbcMigrationRunRepository(this.database.dataSource(), tables())
			.create(new NewRun(null, OPERATOR, List.of(plan)))
			.orElseThrow()
			.id();
	}

	private LedgerTables tables() {
		try (Connection connection = this.database.openConnection()) {
			String schema = isMysql() ? connection.getCatalog() : connection.getSchema();
			return LedgerTables.of(DatabaseProduct.of(connection), schema, "pending_migration");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static int checksum(Instance instance, String version) {
		Integer checksum = instance.migration(version).checksum();
		assertThat(checksum).isNotNull();
		return checksum;
	}

	private static ObjectAssert<Failure> assertFailed(MigrationRun run, String kind) {
		assertThat(run.status()).as("%s", run).isEqualTo(MigrationRunStatus.FAILED);
		return assertThat(run.failure()).isNotNull()
			.satisfies((failure) -> assertThat(failure.kind()).as("%s", failure).isEqualTo(kind));
	}

	private static void insert(Connection connection, String tenant) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.executeUpdate("insert into seen values ('" + tenant + "')");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class SlowConfiguration {

		@Bean
		P7__Slow slow() {
			return new P7__Slow();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BrokenConfiguration {

		@Bean
		P2__Dies dies() {
			return new P2__Dies();
		}

		@Bean
		P3__Confused confused() {
			return new P3__Confused();
		}

		@Bean
		P4__Fine fine() {
			return new P4__Fine();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class HalfConfiguration {

		@Bean
		P2__Half half() {
			return new P2__Half();
		}

		@Bean
		P3__Deadlock deadlock() {
			return new P3__Deadlock();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CancellingConfiguration {

		@Bean
		P2__Cancels cancels() {
			return new P2__Cancels();
		}

		@Bean
		P3__Cancels_outside cancelsOutside() {
			return new P3__Cancels_outside();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UnreliableConfiguration {

		@Bean
		static BeanPostProcessor unreliableDataSources() {
			return new BeanPostProcessor() {

				@Override
				public Object postProcessAfterInitialization(Object bean, String beanName) {
					return (bean instanceof DataSource dataSource) ? new UnreliableDataSource(dataSource) : bean;
				}

			};
		}

	}

	static class UnreliableDataSource extends DelegatingDataSource {

		private final AtomicBoolean away = new AtomicBoolean();

		private final AtomicInteger refused = new AtomicInteger();

		UnreliableDataSource(DataSource dataSource) {
			super(dataSource);
		}

		@Override
		public Connection getConnection() throws SQLException {
			if (this.away.get()) {
				this.refused.incrementAndGet();
				throw new SQLTransientConnectionException("away");
			}
			return super.getConnection();
		}

	}

	static class P7__Slow extends PendingJavaMigration {

		@Override
		public Duration holdBudget() {
			return Duration.ofSeconds(20);
		}

		@Override
		public void migrate(Context context) throws Exception {
			try (Statement statement = context.connection().createStatement()) {
				statement.execute("select pg_sleep(1.5)");
				statement.execute("insert into seen select current_setting('idle_in_transaction_session_timeout')");
			}
		}

	}

	static class P2__Dies extends PendingJavaMigration {

		@Override
		public void migrate(Context context) {
			Thread.currentThread().interrupt();
			throw new AssertionError("boom");
		}

	}

	static class P3__Confused extends PendingJavaMigration {

		@Override
		public boolean canExecuteInTransaction() {
			throw new IllegalStateException("undecided");
		}

		@Override
		public void migrate(Context context) {
		}

	}

	static class P4__Fine extends PendingJavaMigration {

		@Override
		public void migrate(Context context) {
		}

	}

	static class P2__Half extends PendingJavaMigration {

		@Override
		public boolean canExecuteInTransaction() {
			return false;
		}

		@Override
		public void migrate(Context context) throws Exception {
			context.connection().setAutoCommit(false);
			insert(context.connection(), "committed");
			context.connection().commit();
			insert(context.connection(), "not committed");
			throw new IllegalStateException("before the second commit");
		}

	}

	static class P3__Deadlock extends PendingJavaMigration {

		@Override
		public boolean canExecuteInTransaction() {
			return false;
		}

		@Override
		public void migrate(Context context) throws Exception {
			insert(context.connection(), "once");
			boolean postgresql = "PostgreSQL".equals(context.connection().getMetaData().getDatabaseProductName());
			boolean h2 = "H2".equals(context.connection().getMetaData().getDatabaseProductName());
			throw new SQLException("of a statement", postgresql ? "40P01" : "40001", h2 ? 40001 : 1213);
		}

	}

	static class P2__Cancels extends PendingJavaMigration {

		@Override
		public void migrate(Context context) {
			CompletableFuture<String> future = new CompletableFuture<>();
			future.cancel(true);
			future.join();
		}

	}

	static class P3__Cancels_outside extends PendingJavaMigration {

		@Override
		public boolean canExecuteInTransaction() {
			return false;
		}

		@Override
		public void migrate(Context context) {
			throw new CancellationException("of a future");
		}

	}

}
