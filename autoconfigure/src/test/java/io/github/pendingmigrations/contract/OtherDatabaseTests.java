package io.github.pendingmigrations.contract;

import java.time.Duration;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.MigrationRunRepository.Retention;
import io.github.pendingmigrations.jdbc.JdbcMigrationRunRepository;
import io.github.pendingmigrations.jdbc.LedgerTables;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunPhase;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.test.OtherDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What works on databases for which this library has little more than standard SQL.
 */
@ParameterizedClass
@EnumSource
class OtherDatabaseTests {

	private static final Requester OPERATOR = new Requester("ops", "test", "because");

	private final OtherDatabase kind;

	private final TestDatabase database;

	private final TestApplication application;

	OtherDatabaseTests(OtherDatabase kind) {
		this.kind = kind;
		this.database = kind.createDatabase();
		this.application = TestApplication.on(this.database)
			.script("V1__create.sql", "create table issue (id int not null primary key, title varchar(50));")
			.property("pending-migrations.execution.hold-budget", "60s");
	}

	@AfterEach
	void close() {
		this.application.close();
		this.database.close();
	}

	@Test
	void emptyDatabaseIsInitializedInVersionOrder() {
		this.application
			.script("P1__fill.sql", "insert into issue values (1, 'one');\ninsert into issue values (2, 'two');")
			.script("V2__again.sql", "insert into issue select id + 10, title from issue;")
			.script("P2__last.sql", "update issue set title = 'last' where id = 12;");
		try (Instance instance = this.application.start()) {
			assertThat(instance.outstanding()).isEmpty();
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.APPLIED);
		}
		try (Instance again = this.application.start()) {
			assertThat(again.outstanding()).isEmpty();
			assertThat(again.state("2")).isEqualTo(PendingMigrationState.APPLIED);
		}
		assertThat(this.database.queryForList("select title from issue order by id")).containsExactly("one", "two",
				"one", "last");
	}

	@Test
	void databaseInUseWaitsForThePerson() {
		Instant before = Instant.now();
		try (Instance instance = inUse("insert into issue values (1, 'applied');")) {
			PendingMigration migration = instance.migration("1");
			assertThat(migration.state()).isEqualTo(PendingMigrationState.READY);
			assertThat(migration.firstSeenAt()).isBetween(before.minusSeconds(5), Instant.now().plusSeconds(5));
			assertThat(instance.pendingMigrations().preflight("1").map(Preflight::notices).orElseThrow())
				.anySatisfy((notice) -> {
					assertThat(notice.code()).isEqualTo(Notice.Code.NOT_AVAILABLE);
					assertThat(notice.message()).startsWith("Lock control is not available here");
				});
			MigrationRun run = instance.apply("1");
			assertThat(run.status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(run.finishedAt()).isBetween(before.minusSeconds(5), Instant.now().plusSeconds(5));
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.APPLIED);
			assertThat(instance.pendingMigrations().events(run.id())).extracting(MigrationRunEvent::detail)
				.anyMatch((detail) -> detail.startsWith("Lock control is not available here (" + this.kind + ")"));
		}
		assertThat(this.database.queryForList("select title from issue")).containsExactly("applied");
	}

	@Test
	void oldRunsAreRemoved() throws SQLException {
		try (Instance instance = inUse("insert into missing values (1);")) {
			MigrationRun first = instance.apply("1");
			MigrationRun second = instance.await(instance.pendingMigrations().retry(first.id(), OPERATOR).id());
			assertThat(second.status()).isEqualTo(MigrationRunStatus.FAILED);
			assertThat(runs().removeOld(new Retention(0, Duration.ZERO), 10)).isEqualTo(1);
			assertThat(instance.pendingMigrations().run(first.id())).isEmpty();
			assertThat(instance.pendingMigrations().run(second.id())).isPresent();
		}
	}

	private JdbcMigrationRunRepository runs() throws SQLException {
		try (Connection connection = this.database.openConnection()) {
			String schema = connection.getSchema();
			return new JdbcMigrationRunRepository(this.database.dataSource(), LedgerTables
				.of(DatabaseProduct.of(connection), (schema != null) ? schema : "main", "pending_migration"));
		}
	}

	@Test
	void failureKeepsWhatTookEffectAndRetryContinuesThere() {
		try (Instance instance = inUse("insert into issue values (1, 'once');\ninsert into missing values (1);\n"
				+ "insert into issue values (2, 'after');")) {
			MigrationRun run = instance.apply("1");
			assertThat(run.status()).isEqualTo(MigrationRunStatus.FAILED);
			Failure failure = run.failure();
			assertThat(failure).isNotNull();
			assertThat(failure.statement()).isEqualTo(2);
			assertThat(failure.line()).isEqualTo(2);
			assertThat(failure.message()).containsIgnoringCase("missing");
			PendingMigration migration = instance.migration("1");
			assertThat(migration.state()).isEqualTo(PendingMigrationState.PARTIALLY_APPLIED);
			assertThat(migration.checkpoint()).isNotNull().extracting(Checkpoint::statementsDone).isEqualTo(1);
			assertThat(migration.checkpoint()).isNotNull().extracting(Checkpoint::inDoubt).isEqualTo(false);
			this.database.execute("create table missing (id int)");
			MigrationRun retry = instance.await(instance.pendingMigrations().retry(run.id(), OPERATOR).id());
			assertThat(retry.status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(retry.parentId()).isEqualTo(run.id());
			List<MigrationRun> runs = instance.pendingMigrations().runs(new RunQuery(null, "1", 0, 1));
			assertThat(runs).extracting(MigrationRun::id).containsExactly(retry.id());
			assertThat(instance.pendingMigrations().runs(new RunQuery(MigrationRunStatus.FAILED, null, 0, 5)))
				.extracting(MigrationRun::id)
				.containsExactly(run.id());
			assertThat(instance.pendingMigrations().runs(new RunQuery(null, null, 1, 5))).extracting(MigrationRun::id)
				.containsExactly(run.id());
		}
		assertThat(this.database.queryForList("select title from issue order by id")).containsExactly("once", "after");
	}

	@Test
	void runIsHeldAndResumedAndIsTheOnlyOne() {
		try (Instance instance = inUse(
				"-- pending: window=" + otherTimeOfDay() + "\ninsert into issue values (1, 'x');")) {
			MigrationRun run = instance.request("1");
			Awaitility.await().until(() -> run(instance, run).status() == MigrationRunStatus.HELD);
			assertThatExceptionOfType(RequestRefusedException.class).isThrownBy(() -> instance.request("1"))
				.satisfies((ex) -> assertThat(ex.getCode()).isEqualTo(RequestRefusedException.Code.RUN_ACTIVE));
			instance.pendingMigrations().hold(run.id(), OPERATOR);
			assertThat(run(instance, run).hold()).isNotNull().extracting(MigrationRun.Hold::until).isNull();
			instance.pendingMigrations().cancel(run.id(), OPERATOR, false);
			assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.CANCELLED);
			instance.pendingMigrations().skip(run.id(), OPERATOR);
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.SKIPPED);
		}
		assertThat(this.database.queryForList("select title from issue")).isEmpty();
	}

	@Test
	void statementThatTakesLongerThanTheBudgetIsStopped() {
		this.application.property("pending-migrations.execution.hold-budget", "1s");
		try (Instance instance = inUse(endless())) {
			MigrationRun run = instance.apply("1");
			assertThat(run.status()).isEqualTo(MigrationRunStatus.FAILED);
			assertThat(run.failure()).isNotNull().extracting(Failure::kind).isEqualTo("HOLD_BUDGET_EXCEEDED");
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.FAILED);
		}
		assertThat(this.database.queryForList("select title from issue")).isEmpty();
	}

	@Test
	void statementThatExecutesIsCancelledByForce() {
		Assumptions.assumeFalse(this.kind == OtherDatabase.DERBY, "Its driver does not cancel statements");
		Assumptions.assumeFalse(this.kind == OtherDatabase.SQLITE, "Nobody else can write while a statement does");
		try (Instance instance = inUse(endless())) {
			MigrationRun run = instance.request("1");
			Awaitility.await()
				.atMost(Duration.ofSeconds(20))
				.until(() -> run(instance, run).phase() == MigrationRunPhase.EXECUTING);
			instance.pendingMigrations().cancel(run.id(), OPERATOR, true);
			MigrationRun ended = instance.await(run.id());
			assertThat(ended.status()).isEqualTo(MigrationRunStatus.CANCELLED);
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.READY);
		}
		assertThat(this.database.queryForList("select title from issue")).isEmpty();
	}

	@Test
	void instancesThatStartTogetherCreateTheTablesOnce() {
		this.application.start().close();
		this.application.script("P1__fill.sql", "insert into issue values (1, 'x');");
		List<CompletableFuture<Instance>> starting = Stream
			.generate(() -> CompletableFuture.supplyAsync(this.application::start))
			.limit(2)
			.toList();
		List<Instance> instances = starting.stream().map(CompletableFuture::join).toList();
		try {
			UUID run = instances.get(0).request("1").id();
			assertThat(instances.get(1).await(run).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(instances.get(1).state("1")).isEqualTo(PendingMigrationState.APPLIED);
		}
		finally {
			instances.forEach(Instance::close);
		}
		assertThat(this.database.queryForList("select title from issue")).containsExactly("x");
	}

	private Instance inUse(String script) {
		this.application.start().close();
		return this.application.script("P1__pending.sql", script).start();
	}

	private static MigrationRun run(Instance instance, MigrationRun run) {
		return instance.pendingMigrations().run(run.id()).orElseThrow();
	}

	private static String otherTimeOfDay() {
		int hour = java.time.LocalTime.now(java.time.ZoneOffset.UTC).getHour();
		return "%02d:00-%02d:00 UTC".formatted((hour + 5) % 24, (hour + 6) % 24);
	}

	/**
	 * A statement that does not end before the universe does.
	 */
	private String endless() {
		return switch (this.kind) {
			case HSQLDB ->
				"insert into issue select count(*), 'x' from " + crossJoin("information_schema.columns") + ";";
			case DERBY -> "insert into issue select count(*), 'x' from " + crossJoin("sys.syscolumns") + ";";
			case SQLITE ->
				"with recursive c(x) as (select 1 union all select x + 1 from c) insert into issue select count(*), 'x' from c;";
		};
	}

	private static String crossJoin(String table) {
		return String.join(", ",
				Stream.of("a", "b", "c", "d", "e", "f", "g").map((alias) -> table + " " + alias).toList());
	}

}
