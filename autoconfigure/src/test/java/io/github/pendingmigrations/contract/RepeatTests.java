package io.github.pendingmigrations.contract;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunPhase;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingJavaMigration;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.SuddenTimeZone;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Statements and migrations in Java that are repeated until they change no row.
 */
@EveryDatabase
class RepeatTests {

	private static final Requester OPERATOR = new Requester("ops", "test", "because");

	private static final String REPEAT = "-- pending: repeat=until-no-rows\n";

	private final TestDatabase database;

	private final TestApplication release;

	RepeatTests(DatabaseServer server) {
		this.database = server.createDatabase();
		this.release = TestApplication.on(this.database)
			.script("V1__create.sql", "create table item (id int primary key, origin varchar(20), source varchar(20));"
					+ " create table archive (id int primary key);");
		this.release.start().close();
		insertItems(this.database);
	}

	@AfterEach
	void close() {
		this.release.close();
		this.database.close();
	}

	@Test
	void eachStatementIsRepeatedInTransactionsOfItsOwnUntilItChangesNoRow() {
		this.release.script("P2__purge.sql",
				REPEAT + "-- pending: pause=1ms\n" + batch("update item set origin = source", "origin is null", 10)
						+ ";\n" + batch("delete from item", "id > 5", 10) + ";\n"
						+ "insert into archive select id from item where id not in (select id from archive);");
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("2");
			assertThat(run.status()).as("%s", run).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(run.position().done()).isEqualTo(25 + 20 + 5);
			assertThat(run.position().batches()).isEqualTo(3 + 2 + 1);
			assertThat(details(instance, run.id())).anyMatch((detail) -> detail
				.equals("Statement 2 of 3 of P2 changes no row any more. Of all: 45 rows in 5 batches"));
			assertThat(this.database.queryForString("select count(*) from item where origin = 'web'")).isEqualTo("5");
			assertThat(this.database.queryForString("select count(*) from archive")).isEqualTo("5");
			assertThat(instance.state("2")).isEqualTo(PendingMigrationState.APPLIED);
		}
	}

	@Test
	void cancelsAtOnceInThePauseAndGoesOnWithWhatIsLeft() {
		this.release.script("P2__purge.sql", REPEAT + "-- pending: pause=1h\n" + purge(10) + ";");
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.request("2");
			awaitBatches(1);
			instance.pendingMigrations().cancel(run.id(), OPERATOR, false);
			assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.CANCELLED);
			assertThat(instance.state("2")).isEqualTo(PendingMigrationState.PARTIALLY_APPLIED);
			assertThat(count()).isEqualTo("15");
		}
		this.release.script("P2__purge.sql", REPEAT + "-- pending: pause=0s\n" + purge(7) + ";");
		try (Instance instance = this.release.start()) {
			MigrationRun rest = instance.apply("2");
			assertThat(rest.status()).as("%s", rest).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(rest.position().done()).isEqualTo(25);
			assertThat(rest.position().batches()).isEqualTo(4);
			assertThat(count()).isEqualTo("0");
		}
	}

	@Test
	void holdsInThePauseAndGoesOnWhenResumed() {
		this.release.script("P2__purge.sql", REPEAT + "-- pending: pause=900ms\n" + purge(15) + ";");
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.request("2");
			awaitBatches(1);
			instance.pendingMigrations().hold(run.id(), OPERATOR);
			Awaitility.await()
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow().status(),
						MigrationRunStatus.HELD::equals);
			assertThat(count()).isEqualTo("10");
			instance.pendingMigrations().resume(run.id(), OPERATOR);
			assertThat(instance.await(run.id()).position().done()).isEqualTo(25);
			assertThat(count()).isEqualTo("0");
		}
	}

	@Test
	void windowThatClosesBetweenTwoBatchesHoldsTheRunUntilItOpensAgain() {
		SuddenTimeZone zone = SuddenTimeZone.create();
		createPurged();
		this.release.script("P2__purge.sql", REPEAT + "-- pending: pause=150ms\n-- pending: window=" + zone.window()
				+ "\ninsert into purged (id) select id from item where id not in (select id from purged) order by id limit 1;\n"
				+ purge(10) + ";");
		try (Instance instance = this.release.start()) {
			Instant closes = Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(3);
			Instant opens = closes.plusSeconds(3);
			zone.close(closes, 3);
			MigrationRun run = instance.request("2");
			MigrationRun held = Awaitility.await()
				.pollInterval(Duration.ofMillis(20))
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow(),
						(found) -> found.status() == MigrationRunStatus.HELD);
			assertThat(held.position().batches()).isBetween(1, 24);
			assertThat(held.hold()).isNotNull().satisfies((hold) -> {
				assertThat(hold.reason()).contains("It may start only at 12:01-12:00", opens.toString());
				assertThat(hold.until()).isNotNull().isBetween(opens, opens.plusMillis(500));
			});
			MigrationRun ended = instance.await(run.id());
			assertThat(ended.status()).as("%s", ended).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(ended.position().done()).as("each row once copied and once deleted").isEqualTo(25 + 25);
			assertThat(count()).isEqualTo("0");
			assertThat(purgedAt()).hasSize(25)
				.anyMatch((at) -> at.isBefore(closes))
				.anyMatch((at) -> !at.isBefore(opens))
				// What was about to begin may be a bit late
				.noneMatch((at) -> at.isAfter(closes.plusMillis(500)) && at.isBefore(opens));
		}
	}

	private void createPurged() {
		this.database.execute("create table purged (id int primary key, at " + switch (this.database.server()) {
			case MARIADB, MYSQL -> "timestamp(6)";
			case POSTGRESQL, H2 -> "timestamp(6) with time zone";
		} + " default current_timestamp(6))");
	}

	private List<Instant> purgedAt() {
		String seconds = switch (this.database.server()) {
			case MARIADB, MYSQL -> "unix_timestamp(at)";
			case POSTGRESQL, H2 -> "extract(epoch from at)";
		};
		return this.database.queryForList("select " + seconds + " from purged")
			.stream()
			.map(String::valueOf)
			.map((text) -> Instant.ofEpochMilli(new BigDecimal(text).movePointRight(3).longValue()))
			.toList();
	}

	@Test
	void batchThatWaitsForALockIsTriedAgainWithoutLosingTheEarlierOnes() throws Exception {
		this.release.script("P2__purge.sql", REPEAT + "-- pending: pause=0s\n" + purge(10) + ";");
		try (Instance instance = this.release.start(); Connection blocker = this.database.openConnection()) {
			blocker.setAutoCommit(false);
			try (Statement statement = blocker.createStatement()) {
				statement.executeUpdate("update item set source = 'locked' where id = 13");
			}
			MigrationRun run = instance.request("2");
			MigrationRun waiting = Awaitility.await()
				.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow(),
						(found) -> found.phase() == MigrationRunPhase.BACKING_OFF);
			assertThat(waiting.position().batches()).isEqualTo(1);
			assertThat(count()).isEqualTo("15");
			blocker.rollback();
			assertThat(instance.await(run.id()).position().batches()).isEqualTo(3);
			assertThat(count()).isEqualTo("0");
		}
	}

	@Test
	void whatIsDoneIsRecordedWithEachBatchAndSurvivesTheEndOfTheProcess() {
		this.release.script("P2__purge.sql", REPEAT + "-- pending: pause=1h\n" + purge(10) + ";");
		UUID handedOver;
		try (Instance instance = this.release.start()) {
			handedOver = instance.request("2").id();
			awaitBatches(1);
			assertThat(this.database.queryForString(
					"select checkpoint_rows from pending_migration where version = '2' and checkpoint_batches = 1"))
				.isEqualTo("10");
		}
		try (Instance next = this.release.start()) {
			awaitBatches(2);
			MigrationRun told = Awaitility.await()
				.until(() -> next.pendingMigrations().run(handedOver).orElseThrow(),
						(found) -> found.position().batches() == 2);
			assertThat(told.position().done()).isEqualTo(20);
			assertThat(count()).isEqualTo("5");
		}
	}

	@Test
	void statementThatNeverEndsIsStoppedWithAllItsBatchesKept() {
		this.release.script("P2__endless.sql", REPEAT
				+ "-- pending: pause=1ms\n-- pending: repeat-limit=30ms\n\nupdate item set origin = 'web' where id > 0;");
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("2");
			assertThat(run.status()).isEqualTo(MigrationRunStatus.FAILED);
			assertThat(run.failure()).isNotNull().satisfies((failure) -> {
				assertThat(failure.kind()).isEqualTo("REPEAT_LIMIT_EXCEEDED");
				assertThat(failure.advice()).contains("P2__endless.sql:5")
					.contains(run.position().done() + " rows in " + run.position().batches() + " batches");
			});
			assertThat(instance.state("2")).isEqualTo(PendingMigrationState.PARTIALLY_APPLIED);
		}
	}

	@Test
	void failureSaysHowMuchTookEffect() {
		this.release.script("P2__fails.sql",
				REPEAT + purge(10) + ";\ninsert into no_such_table select id from item where id > 0;");
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("2");
			assertThat(run.failure()).isNotNull().satisfies((failure) -> {
				assertThat(failure.statement()).isEqualTo(2);
				assertThat(failure.advice()).startsWith("25 rows in 3 batches took effect and are recorded");
			});
		}
	}

	@Test
	void whatCannotBeRepeatedStopsTheStartAndNamesFileLineAndReason() {
		this.release.script("P2__bad.sql",
				REPEAT + "drop table item;\ninsert into archive values (1);\nupdate item set origin = 'where';\n"
						+ "with x as (select 1) select * from item where id in (select id from item);");
		assertThatException().isThrownBy(this.release::start)
			.havingRootCause()
			.isInstanceOf(InvalidPendingMigrationException.class)
			.withMessageContaining("P2__bad.sql:2: cannot be repeated until it changes no row")
			.withMessageContaining("P2__bad.sql:3: would be repeated for ever, because it inserts the same rows")
			.withMessageContaining("P2__bad.sql:4: would be repeated for ever, because it has no WHERE")
			.withMessageContaining("P2__bad.sql:5: cannot be repeated");
	}

	@Test
	void emptyDatabaseRepeatsAsWell() {
		try (TestDatabase empty = this.database.server().createDatabase();
				TestApplication fresh = TestApplication.on(empty)
					.script("V1__create.sql", "create table item (id int primary key);"
							+ " insert into item values (1); insert into item values (2); insert into item values (3);")
					.script("P2__purge.sql", REPEAT + purge(1) + ";");
				Instance instance = fresh.start()) {
			assertThat(instance.outstanding()).isEmpty();
			assertThat(empty.queryForString("select count(*) from item")).isEqualTo("0");
		}
	}

	@Test
	void migrationInJavaWorksInBatchesAndGoesOnAfterACancellation() {
		this.release.configuration(BatchConfiguration.class);
		try (Instance instance = this.release.start()) {
			P2__Purge purge = instance.context().getBean(P2__Purge.class);
			MigrationRun run = instance.request("2");
			awaitBatches(1);
			instance.pendingMigrations().cancel(run.id(), OPERATOR, false);
			assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.CANCELLED);
			assertThat(count()).isEqualTo("15");
			assertThat(instance.migration("2").checkpoint()).isNotNull()
				.satisfies((checkpoint) -> assertThat(checkpoint.inDoubt()).isFalse());
			purge.pause = Duration.ZERO;
			MigrationRun retry = instance.await(instance.pendingMigrations().retry(run.id(), OPERATOR).id());
			assertThat(retry.status()).as("%s", retry).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(retry.position().done()).isEqualTo(25);
			assertThat(retry.position().batches()).isEqualTo(3);
			assertThat(count()).isEqualTo("0");
		}
	}

	@Test
	void batchesInJavaWaitForAnOlderInstanceThatHasStarted() {
		try (TestApplication older = this.release.nextRelease()) {
			this.release.configuration(BatchConfiguration.class).property("pending-migrations.rollout.soak", "0s");
			try (Instance instance = this.release.start()) {
				// Longer than it works without looking around
				instance.context().getBean(P2__Purge.class).pause = Duration.ofSeconds(6);
				MigrationRun run = instance.request("2");
				awaitBatches(1);
				try (Instance old = older.start()) {
					MigrationRun held = Awaitility.await()
						.atMost(Duration.ofSeconds(20))
						.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow(),
								(found) -> found.status() == MigrationRunStatus.HELD);
					assertThat(held.hold()).isNotNull()
						.satisfies((hold) -> assertThat(hold.reason()).contains("An instance is alive"));
					assertThat(count()).isEqualTo("15");
				}
				instance.context().getBean(P2__Purge.class).pause = Duration.ZERO;
				MigrationRun ended = instance.await(run.id());
				assertThat(ended.status()).as("%s", ended).isEqualTo(MigrationRunStatus.SUCCEEDED);
				assertThat(ended.position().batches()).isEqualTo(3);
			}
		}
	}

	@Test
	void batchInJavaThatFailsIsTakenBack() {
		this.release.configuration(FailingBatchConfiguration.class);
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("3");
			assertThat(run.failure()).isNotNull().satisfies((failure) -> {
				assertThat(failure.message()).isEqualTo("in the second batch");
				assertThat(failure.advice()).startsWith("10 rows in 1 batches took effect and are recorded");
			});
			assertThat(count()).isEqualTo("15");
		}
	}

	@Test
	void batchesInsideOfATransactionAreRefused() {
		this.release.configuration(TransactionalBatchConfiguration.class);
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("4");
			assertThat(run.failure()).isNotNull()
				.satisfies((failure) -> assertThat(failure.message()).contains("canExecuteInTransaction()"));
		}
	}

	private String purge(int rows) {
		return batch("delete from item", "id > 0", rows);
	}

	private String batch(String change, String condition, int rows) {
		String limited = condition + " order by id limit " + rows;
		return switch (this.database.server()) {
			case MARIADB, MYSQL -> change + " where " + limited;
			case POSTGRESQL, H2 -> change + " where id in (select id from item where " + limited + ")";
		};
	}

	private String count() {
		return String.valueOf(this.database.queryForString("select count(*) from item"));
	}

	private static void insertItems(TestDatabase database) {
		StringBuilder insert = new StringBuilder("insert into item (id, source) values (1, 'web')");
		for (int id = 2; id <= 25; id++) {
			insert.append(", (").append(id).append(", 'web')");
		}
		database.execute(insert.toString());
	}

	/**
	 * The run itself tells it once a second, the ledger with each batch.
	 */
	private void awaitBatches(int batches) {
		Awaitility.await()
			.pollInterval(Duration.ofMillis(20))
			.until(() -> this.database
				.queryForString("select checkpoint_batches from pending_migration where version = '2'"),
					String.valueOf(batches)::equals);
	}

	private static List<String> details(Instance instance, UUID run) {
		return instance.pendingMigrations().events(run).stream().map(MigrationRunEvent::detail).toList();
	}

	@Configuration(proxyBeanMethods = false)
	static class BatchConfiguration {

		@Bean
		P2__Purge purge() {
			return new P2__Purge();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FailingBatchConfiguration {

		@Bean
		P3__Fails fails() {
			return new P3__Fails();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TransactionalBatchConfiguration {

		@Bean
		P4__Transactional transactional() {
			return new P4__Transactional();
		}

	}

	static class P2__Purge extends PendingJavaMigration {

		private volatile Duration pause = Duration.ofHours(1);

		@Override
		public boolean canExecuteInTransaction() {
			return false;
		}

		@Override
		public boolean isRepeatable() {
			return true;
		}

		@Override
		public void migrate(Context context) throws Exception {
			context.repeatUntilNoRows(this.pause, P2__Purge::next);
		}

		static long next(Connection connection) throws Exception {
			try (Statement statement = connection.createStatement()) {
				return statement.executeUpdate(
						"delete from item where id <= (select min_ from (select min(id) + 9 as min_ from item) next_)");
			}
		}

	}

	static class P3__Fails extends PendingJavaMigration {

		private int batches;

		@Override
		public boolean canExecuteInTransaction() {
			return false;
		}

		@Override
		public void migrate(Context context) throws Exception {
			context.repeatUntilNoRows(Duration.ZERO, (connection) -> {
				long rows = P2__Purge.next(connection);
				this.batches++;
				if (this.batches == 2) {
					throw new IllegalStateException("in the second batch");
				}
				return rows;
			});
		}

	}

	static class P4__Transactional extends PendingJavaMigration {

		@Override
		public void migrate(Context context) throws Exception {
			context.repeatUntilNoRows(Duration.ZERO, P2__Purge::next);
		}

	}

}
