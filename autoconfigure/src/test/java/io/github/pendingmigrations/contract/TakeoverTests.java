package io.github.pendingmigrations.contract;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Planned;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunRepository.Claim;
import io.github.pendingmigrations.MigrationRunRepository.Interruption;
import io.github.pendingmigrations.MigrationRunRepository.NewRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.jdbc.JdbcMigrationRunRepository;
import io.github.pendingmigrations.jdbc.LedgerTables;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What becomes of a run whose worker has gone, in order or not.
 */
@EveryDatabase
class TakeoverTests {

	private static final Requester OPERATOR = new Requester("ops", "test", "because");

	private static final String GONE = "a worker that has gone";

	private final TestDatabase database;

	private final TestApplication release;

	TakeoverTests(DatabaseServer server) {
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

	@Test // A29, A30
	void runOfWhichNothingIsInDoubtGoesOnByItself() {
		this.release.script("P1__count.sql", "update counter set value_ = value_ + 1;");
		UUID run = runOfAWorkerThatHasGone();
		try (Instance instance = this.release.start()) {
			MigrationRun ended = instance.await(run);
			assertThat(ended.status()).as("%s", ended).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(instance.pendingMigrations().events(run)).extracting(MigrationRunEvent::detail)
				.anySatisfy((detail) -> assertThat(detail).startsWith("INTERRUPTED: The worker " + GONE))
				.contains("QUEUED: goes on by itself, because nothing is in doubt (1 of 3 times)");
			assertThat(runs().heartbeat(run, GONE, Duration.ofMinutes(1))).isEmpty();
			assertThat(this.database.queryForString("select value_ from counter")).isEqualTo("1");
		}
	}

	@Test // A30, A35
	void statementInDoubtWaitsForADecisionAndIsTakenAsDoneIfTheDatabaseSaysSo() {
		this.release.script("P1__two.sql", (isPostgresql() ? "-- pending: transaction=false\n" : "")
				+ "alter table issue drop column source;\n" + "update counter set value_ = value_ + 1;");
		UUID run = runOfAWorkerThatHasGone();
		inDoubt(run);
		this.database.execute("alter table issue drop column source");
		try (Instance instance = this.release.start()) {
			MigrationRun interrupted = instance.await(run);
			assertThat(interrupted.status()).isEqualTo(MigrationRunStatus.INTERRUPTED);
			assertThat(interrupted.failure()).isNotNull().satisfies((failure) -> {
				assertThat(failure.kind()).isEqualTo("IN_DOUBT");
				assertThat(failure.version()).isEqualTo("1");
				assertThat(failure.statement()).isEqualTo(1);
				assertThat(failure.advice()).contains("Whether statement 1 of P1 took effect is not known", "'retry'",
						"'mark-applied'", "'skip'");
			});
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.PARTIALLY_APPLIED);
			MigrationRun retry = instance.await(instance.pendingMigrations().retry(run, OPERATOR).id());
			assertThat(retry.status()).as("%s", retry).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(retry.parentId()).isEqualTo(run);
			assertThat(instance.pendingMigrations().events(retry.id())).extracting(MigrationRunEvent::detail)
				.anySatisfy((detail) -> assertThat(detail)
					.startsWith("Statement 1 of 2 of P1, which was in doubt, had taken effect"));
			assertThat(this.database.queryForString("select value_ from counter")).isEqualTo("1");
		}
	}

	@Test
	void whoNamesALaterVersionHasNotDecidedAboutAStatementInDoubt() {
		this.release
			.script("P1__two.sql",
					(isPostgresql() ? "-- pending: transaction=false\n" : "")
							+ "update counter set value_ = value_ + 1;")
			.script("P2__drop.sql", "alter table issue drop column legacy;");
		UUID run = runOfAWorkerThatHasGone();
		inDoubt(run);
		try (Instance instance = this.release.start()) {
			assertThat(instance.await(run).status()).isEqualTo(MigrationRunStatus.INTERRUPTED);
			assertThat(instance.migration("1").reasons()).singleElement().satisfies((reason) -> {
				assertThat(reason.code()).isEqualTo(PendingReason.Code.IN_DOUBT);
				assertThat(reason.message()).contains("whether its statement 1 (", "P1__two.sql:",
						"which run " + run + " was at", "names P1", "'retry'", "'mark-applied'", "'skip'");
			});
			PendingMigrations service = instance.pendingMigrations();
			String plan = service.overview().plan();
			assertThatExceptionOfType(RequestRefusedException.class)
				.isThrownBy(() -> service.applyUpTo(plan, "2", OPERATOR))
				.satisfies((ex) -> {
					assertThat(ex.getCode()).isEqualTo(RequestRefusedException.Code.NOT_READY);
					assertThat(ex.getReasons()).singleElement()
						.extracting(PendingReason::code)
						.isEqualTo(PendingReason.Code.IN_DOUBT);
				});
			assertThat(this.database.queryForString("select value_ from counter")).isEqualTo("0");
			MigrationRun named = instance.await(service.applyUpTo(plan, "1", OPERATOR).id());
			assertThat(named.status()).as("%s", named.failure()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(this.database.queryForString("select value_ from counter")).isEqualTo("1");
			assertThat(instance.apply("2").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
		}
	}

	@Test
	void onlyTheRunThatStoppedThereCanBeRetriedInDoubt() {
		this.release.script("P1__wrong.sql", "insert into nowhere values (1);")
			.script("P2__count.sql",
					(isPostgresql() ? "-- pending: transaction=false\n" : "")
							+ "update counter set value_ = value_ + 1;")
			.script("P3__drop.sql", "alter table issue drop column legacy;");
		try (Instance instance = this.release.start()) {
			PendingMigrations service = instance.pendingMigrations();
			MigrationRun failed = instance.await(service.applyUpTo(service.overview().plan(), "3", OPERATOR).id());
			assertThat(failed.status()).isEqualTo(MigrationRunStatus.FAILED);
			service.skip(failed.id(), OPERATOR);
			this.database.execute("update pending_migration set checkpoint_statements = 0, checkpoint_in_doubt = true, "
					+ "checkpoint_hash = '' where version = '2'");
			assertThatExceptionOfType(RequestRefusedException.class)
				.isThrownBy(() -> service.retry(failed.id(), OPERATOR))
				.withMessageContaining("P2: It is not known whether");
			MigrationRun accepted = runs().create(new NewRun(null, OPERATOR, planned(instance, "2", "3")))
				.orElseThrow();
			MigrationRun ended = instance.await(accepted.id());
			assertThat(ended.failure()).as("whatever was accepted, the worker looks itself")
				.isNotNull()
				.satisfies((failure) -> assertThat(failure.kind()).isEqualTo("IN_DOUBT"));
			assertThat(this.database.queryForString("select value_ from counter")).isEqualTo("0");
			MigrationRun retry = instance.await(service.retry(ended.id(), OPERATOR).id());
			assertThat(retry.status()).as("%s", retry.failure()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(this.database.queryForString("select value_ from counter")).isEqualTo("1");
		}
	}

	@Test
	void nothingThatIsInDoubtIsAppliedByItself() {
		this.release.property("pending-migrations.apply", "after-rollout")
			.script("P1__drop.sql", "alter table issue drop column source;")
			.script("P2__count.sql", (isPostgresql() ? "-- pending: transaction=false\n" : "")
					+ "-- pending: requires=none\nupdate counter set value_ = value_ + 1;");
		try (Instance first = this.release.nextRelease().property("pending-migrations.apply", "manual").start()) {
			this.database.execute("update pending_migration set checkpoint_statements = 0, checkpoint_in_doubt = true, "
					+ "checkpoint_hash = '' where version = '2'");
			try (Instance automatic = this.release.start()) {
				Awaitility.await()
					.atMost(Duration.ofSeconds(20))
					.until(() -> automatic.state("1") == PendingMigrationState.APPLIED);
				Awaitility.await()
					.during(Duration.ofSeconds(1))
					.until(() -> automatic.state("2") == PendingMigrationState.PARTIALLY_APPLIED);
				assertThat(first.pendingMigrations().runs(new RunQuery(null, "2", 0, 9))).isEmpty();
			}
		}
	}

	private static List<Planned> planned(Instance instance, String... versions) {
		return Arrays.stream(versions)
			.map((version) -> new Planned(version, Objects.requireNonNull(instance.migration(version).checksum())))
			.toList();
	}

	@Test
	void successorThatWasResumedDoesNotRepeatWhatItsPredecessorPutInDoubtAfterwards() {
		Assumptions.assumeTrue(!isPostgresql(), "There the statement would be in the transaction of its checkpoint");
		this.release.script("P1__count.sql", "update counter set value_ = value_ + 1;");
		UUID run = runOfAWorkerThatHasGone();
		MigrationRun expired = Awaitility.await()
			.pollInterval(Duration.ofMillis(10))
			.until(() -> runs().findExpired(), Optional::isPresent)
			.orElseThrow();
		assertThat(
				runs()
					.interruptExpired(expired,
							new Interruption("gone", true, true,
									new Failure("X", null, null, null, null, null, 0, 0, "")))
					.orElseThrow()
					.status())
			.isEqualTo(MigrationRunStatus.QUEUED);
		inDoubt(run);
		try (Instance instance = this.release.start()) {
			MigrationRun ended = instance.await(run);
			assertThat(ended.status()).isEqualTo(MigrationRunStatus.FAILED);
			assertThat(ended.failure()).isNotNull()
				.satisfies((failure) -> assertThat(failure.kind()).isEqualTo("IN_DOUBT"));
			assertThat(this.database.queryForString("select value_ from counter")).isEqualTo("0");
		}
	}

	@Test
	void runThatOnlyWaitsIsHandedOverAtOnceWhenItsInstanceStops() throws Exception {
		this.release.script("P1__wait.sql", "alter table issue drop column source;");
		Instance first = this.release.start();
		try (Connection blocker = this.database.openConnection()) {
			lockIssues(blocker);
			MigrationRun run = first.request("1");
			Awaitility.await().until(() -> runs().find(run.id()).orElseThrow().position().attempt() > 1);
			try (Instance second = this.release.start()) {
				long started = System.nanoTime();
				first.close();
				assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(5));
				Awaitility.await()
					.until(() -> second.pendingMigrations().events(run.id()),
							(events) -> events.stream()
								.filter((event) -> event.detail().startsWith("RUNNING"))
								.count() > 1);
				blocker.rollback();
				assertThat(second.await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
				assertThat(second.pendingMigrations().events(run.id())).extracting(MigrationRunEvent::detail)
					.contains("INTERRUPTED: The application that executed it shut down.",
							"QUEUED: goes on by itself, because nothing is in doubt");
			}
		}
		finally {
			first.close();
		}
	}

	@Test
	void runThatExecutesIsCancelledAfterTheShutdownTimeoutAndHandedOver() throws Exception {
		Assumptions.assumeTrue(this.database.server() != DatabaseServer.H2, "It cannot sleep there");
		String sleep = isPostgresql() ? "select pg_sleep(30);"
				: "update counter set value_ = value_ + 10 where sleep(30) = 0;";
		this.release.property("pending-migrations.execution.shutdown-timeout", "500ms")
			.property("pending-migrations.execution.hold-budget", "60s")
			.script("P1__slow.sql", "update counter set value_ = value_ + 1;\n" + sleep);
		Instance instance = this.release.start();
		try {
			MigrationRun run = instance.request("1");
			Awaitility.await().atMost(Duration.ofSeconds(20)).until(this::isSleeping);
			instance.close();
			MigrationRun given = runs().find(run.id()).orElseThrow();
			assertThat(given.status()).isEqualTo(MigrationRunStatus.QUEUED);
			assertThat(isSleeping()).isFalse();
			assertThat(runs().requestCancel(run.id(), OPERATOR, false)).isPresent();
			assertThat(this.database.queryForString("select value_ from counter"))
				.isEqualTo(isPostgresql() ? "0" : "1");
		}
		finally {
			instance.close();
		}
	}

	@Test
	void tablesThatSomebodyHasDroppedAreMissedAloud() {
		this.release.script("P1__count.sql", "update counter set value_ = value_ + 1;");
		try (Instance instance = this.release.start()) {
			int checksum = Objects.requireNonNull(instance.migration("1").checksum());
			for (String table : this.database.tableNames()) {
				if (String.valueOf(table).startsWith("pending_migration")) {
					this.database.execute("drop table " + table);
				}
			}
			assertThatExceptionOfType(RequestRefusedException.class)
				.isThrownBy(() -> instance.pendingMigrations().apply("1", checksum, OPERATOR))
				.withMessageContaining("somebody has dropped them")
				.satisfies((ex) -> assertThat(ex.getCode()).isEqualTo(RequestRefusedException.Code.NOT_READY));
		}
	}

	private boolean isSleeping() {
		return !"0".equals(this.database.queryForString(isPostgresql()
				? "select count(*) from pg_stat_activity where query like 'select pg_sleep(30)%' and state = 'active' "
						+ "and datname = current_database() and pid <> pg_backend_pid()"
				: "select count(*) from information_schema.processlist where info like '%where sleep(30) = 0%' and id <> connection_id() "
						+ "and db = database()"));
	}

	/**
	 * A run whose worker has died after it had claimed it.
	 */
	private UUID runOfAWorkerThatHasGone() {
		int checksum;
		try (Instance instance = this.release.start()) {
			checksum = Objects.requireNonNull(instance.migration("1").checksum());
		}
		UUID run = runs().create(new NewRun(null, OPERATOR, List.of(new Planned("1", checksum)))).orElseThrow().id();
		assertThat(runs().claim(run, new Claim(GONE, Duration.ofMillis(1), Duration.ofMinutes(1), null))).isPresent();
		return run;
	}

	private void inDoubt(UUID run) {
		this.database.execute("update pending_migration set checkpoint_statements = 0, checkpoint_in_doubt = true, "
				+ "checkpoint_hash = '', last_run_id = '" + run + "' where version = '1'");
	}

	private void lockIssues(Connection connection) throws SQLException {
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
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private boolean isPostgresql() {
		return this.database.server() == DatabaseServer.POSTGRESQL;
	}

}
