package io.github.pendingmigrations.contract;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunPhase;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Statements of PostgreSQL that are executed outside a transaction.
 */
class ConcurrentStatementTests {

	private static final Requester OPERATOR = new Requester("ops", "test", "because");

	private final TestDatabase database = DatabaseServer.POSTGRESQL.createDatabase();

	private final TestApplication release = TestApplication.on(this.database)
		.script("V1__create.sql",
				"create table issue (id int primary key, source int); create index issue_source on issue (source);"
						+ " create table event (id int) partition by range (id);"
						+ " create table event_1 partition of event for values from (1) to (10);"
						+ " create type stage as enum ('new');");

	@BeforeEach
	void create() {
		this.release.start().close();
	}

	@AfterEach
	void close() {
		this.release.close();
		this.database.close();
	}

	@Test
	void reindexLeavesNoInvalidIndexBehindWhenItIsRepeated() throws Exception {
		this.release.script("P1__reindex.sql", "reindex (verbose) table concurrently issue;");
		try (Instance instance = this.release.start()) {
			MigrationRun cancelled = cancelWhileBlocked(instance, "insert into issue values (1, 1)", "reindex%");
			assertThat(invalidIndexes()).isNotEmpty().allMatch((name) -> name.contains("_ccnew"));
			MigrationRun retry = retry(instance, cancelled);
			assertThat(retry.status()).as("%s", retry).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(invalidIndexes()).isEmpty();
		}
	}

	@Test
	void partitionThatIsHalfDetachedIsDetachedWhenThatIsRepeated() throws Exception {
		this.release.script("P1__detach.sql", "alter table event detach partition event_1 concurrently;");
		try (Instance instance = this.release.start()) {
			MigrationRun cancelled = cancelWhileBlocked(instance, "select * from event", "alter table event%");
			MigrationRun retry = retry(instance, cancelled);
			assertThat(retry.status()).as("%s", retry).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(details(instance, retry)).anyMatch((detail) -> detail.endsWith("FINALIZE"));
			assertThat(this.database
				.queryForString("select count(*) from pg_inherits where inhrelid = 'event_1'::regclass"))
				.isEqualTo("0");
		}
	}

	@Test
	void validationIsAStepOfItsOwn() {
		this.release.script("P1__check.sql", "alter table issue add constraint positive check (source > 0) not valid;\n"
				+ "alter table issue validate constraint positive;\nalter type stage add value 'done';");
		try (Instance instance = this.release.start()) {
			assertThat(instance.pendingMigrations().statements("1"))
				.extracting(PendingMigrations.Statement::inTransaction)
				.containsExactly(true, false, true);
			MigrationRun run = instance.apply("1");
			assertThat(run.status()).as("%s", run).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(details(instance, run))
				.anyMatch((detail) -> detail.startsWith("Statement 2 of 3 of P1 took effect"));
			assertThat(
					this.database.queryForString("select convalidated from pg_constraint where conname = 'positive'"))
				.isEqualTo("t");
		}
	}

	@Test
	void vacuumHindersNobodyAndAFullOneWaitsForItsLockInShortAttempts() throws Exception {
		this.release.script("P1__vacuum.sql", "vacuum (analyze) issue;\nvacuum full issue;");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			begin(blocker, "select * from issue");
			MigrationRun run = instance.request("1");
			Awaitility.await()
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow(),
						(found) -> found.phase() == MigrationRunPhase.BACKING_OFF && found.position().statement() == 2
								&& found.position().attempt() > 2);
			blocker.rollback();
			assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
		}
	}

	@Test
	void vacuumThatPreventsAWraparoundHoldsTheRun() {
		this.database.execute(
				"create table old (id int) with (autovacuum_freeze_max_age = 100000,"
						+ " autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)",
				"insert into old select generate_series(1, 50000)",
				// Every block with an exception handler takes a transaction id
				"do $$ begin for i in 1..100100 loop begin insert into old values (i); exception when division_by_zero"
						+ " then null; end; end loop; end $$",
				"alter system set autovacuum_naptime = '1s'", "select pg_reload_conf()");
		this.release.script("P1__drop.sql", "drop table old;");
		try (Instance instance = this.release.start()) {
			Awaitility.await()
				.atMost(Duration.ofSeconds(60))
				.until(() -> this.database.queryForString(
						"select count(*) from pg_stat_activity where query like 'autovacuum:%old (to prevent wraparound)'"),
						"1"::equals);
			MigrationRun run = instance.request("1");
			MigrationRun held = Awaitility.await()
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow(),
						(found) -> found.status() == MigrationRunStatus.HELD);
			assertThat(held.position().attempt()).isZero();
			assertThat(held.hold()).isNotNull().satisfies((hold) -> {
				assertThat(hold.reason()).contains("prevents a wraparound");
				assertThat(hold.until()).isNotNull();
			});
			instance.pendingMigrations().cancel(run.id(), OPERATOR, false);
			assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.CANCELLED);
		}
		finally {
			this.database.execute("alter system reset autovacuum_naptime", "select pg_reload_conf()");
		}
	}

	@Test
	void preparedTransactionHoldsTheRunUntilSomebodyEndsIt() throws Exception {
		this.database.execute("create table elsewhere (id int)");
		this.release.script("P1__drop.sql", "alter table issue drop column source;");
		String older = "older_" + this.database.name();
		String name = "it's forgotten_" + this.database.name();
		try (Instance instance = this.release.start()) {
			prepare(older, "lock table elsewhere");
			prepare(name, "select * from issue");
			MigrationRun run = instance.request("1");
			// One that is committed in a moment is no reason to stop
			MigrationRun held = Awaitility.await()
				.atMost(Duration.ofSeconds(30))
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow(),
						(found) -> found.status() == MigrationRunStatus.HELD);
			String quoted = "'" + name.replace("'", "''") + "'";
			assertThat(held.position().attempt()).as("it was met by an attempt").isPositive();
			assertThat(held.hold()).isNotNull().satisfies((hold) -> {
				assertThat(hold.reason())
					.contains("'" + name + "'", "COMMIT PREPARED " + quoted, "ROLLBACK PREPARED " + quoted)
					.doesNotContain(older);
				assertThat(hold.until()).isNotNull();
			});
			instance.pendingMigrations().cancel(run.id(), OPERATOR, false);
			MigrationRun again = instance.pendingMigrations().retry(instance.await(run.id()).id(), OPERATOR);
			Awaitility.await()
				.until(() -> instance.pendingMigrations().run(again.id()).orElseThrow().hold(), (hold) -> hold != null
						&& hold.reason().contains("ROLLBACK PREPARED " + quoted) && !hold.reason().contains(older));
			this.database.execute("rollback prepared " + quoted);
			instance.pendingMigrations().cancel(again.id(), OPERATOR, false);
			assertThat(retry(instance, instance.await(again.id())).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
		}
		finally {
			this.database.execute("rollback prepared '" + older + "'");
		}
	}

	private void prepare(String name, String sql) throws Exception {
		try (Connection forgetful = this.database.openConnection()) {
			begin(forgetful, sql);
			try (Statement statement = forgetful.createStatement()) {
				statement.execute("prepare transaction '" + name.replace("'", "''") + "'");
			}
		}
	}

	private MigrationRun cancelWhileBlocked(Instance instance, String blocking, String blocked) throws Exception {
		try (Connection blocker = this.database.openConnection()) {
			begin(blocker, blocking);
			MigrationRun run = instance.request("1");
			Awaitility.await()
				.until(() -> this.database
					.queryForString("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
							+ " and datname = current_database() and query like ?", blocked),
						"1"::equals);
			instance.pendingMigrations().cancel(run.id(), OPERATOR, false);
			MigrationRun ended = instance.await(run.id());
			assertThat(ended.status()).as("%s", ended).isEqualTo(MigrationRunStatus.CANCELLED);
			blocker.rollback();
			return ended;
		}
	}

	private static MigrationRun retry(Instance instance, MigrationRun run) {
		return instance.await(instance.pendingMigrations().retry(run.id(), OPERATOR).id());
	}

	private static void begin(Connection connection, String sql) throws Exception {
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private List<String> invalidIndexes() {
		return this.database.queryForList("select indexrelid::regclass::text from pg_index where not indisvalid");
	}

	private static List<String> details(Instance instance, MigrationRun run) {
		return instance.pendingMigrations().events(run.id()).stream().map(MigrationRunEvent::detail).toList();
	}

}
