package io.github.pendingmigrations.contract;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

import io.github.pendingmigrations.Force;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Hold;
import io.github.pendingmigrations.MigrationRun.Planned;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunRepository.NewRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.OlderThanDatabaseException;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.PointOfNoReturn;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.Rollout;
import io.github.pendingmigrations.jdbc.JdbcMigrationRunRepository;
import io.github.pendingmigrations.jdbc.LedgerTables;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Bean;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

/**
 * Whether a deployment is finished, and what waits for that.
 */
@EveryDatabase
class RolloutTests {

	private static final Requester OPERATOR = new Requester("ops", "test", "because");

	private static final String DROP = "alter table issue drop column source;";

	private final TestDatabase database;

	private final TestApplication release1;

	private final TestApplication release2;

	RolloutTests(DatabaseServer server) {
		this.database = server.createDatabase();
		this.release1 = TestApplication.on(this.database)
			.script("V1__create.sql", "create table issue (id int primary key, source varchar(20), legacy int);");
		this.release1.start().close();
		this.release2 = this.release1.nextRelease()
			.property("pending-migrations.application-version", "2.0.0")
			.script("V2__origin.sql", "alter table issue add origin varchar(20);")
			.script("P2__drop.sql", DROP);
	}

	@AfterEach
	void close() {
		this.release1.close();
		this.release2.close();
		this.database.close();
	}

	@Test
	void migrationIsRefusedAsLongAsAnInstanceIsAliveThatDoesNotKnowIt() {
		try (Instance old = this.release1.start(); Instance current = this.release2.start()) {
			PendingMigration migration = current.migration("2");
			assertThat(migration.state()).isEqualTo(PendingMigrationState.PENDING);
			String oldId = members(current).get(0).instance().id();
			assertThat(migration.reasons()).singleElement().satisfies((reason) -> {
				assertThat(reason.code()).isEqualTo(PendingReason.Code.ROLLOUT_INCOMPLETE);
				assertThat(reason.by()).containsExactly(oldId);
				assertThat(reason.message()).contains("P2 drop", oldId, "application version 1.0.0", "\"force\"");
			});
			RequestRefusedException refused = refused(Code.ROLLOUT_INCOMPLETE, () -> current.request("2"));
			assertThat(refused.getReasons()).isEqualTo(current.migration("2").reasons());
			assertThat(members(current)).extracting(Rollout.Member::knowsAll).containsExactly(false, true);
			assertThat(members(current)).extracting((member) -> member.instance().applicationVersion())
				.containsExactly("1.0.0", "2.0.0");
			assertThat(members(old)).extracting(Rollout.Member::knowsAll).containsExactly(false, true);
			old.close();
			assertThat(current.state("2")).isEqualTo(PendingMigrationState.READY);
			assertThat(members(current)).hasSize(1);
			assertThat(current.apply("2").failure()).isNull();
		}
	}

	@Test
	void newestVersionDoesNotTellWhatAnInstanceKnows() {
		this.release2.script("P5__later.sql", "alter table issue drop column legacy;");
		try (TestApplication release3 = this.release2.nextRelease().script("P3__between.sql", "select 1;");
				Instance old = this.release2.start();
				Instance current = release3.start()) {
			assertThat(current.migration("2").reasons()).isEmpty();
			assertThat(current.migration("3").reasons()).extracting(PendingReason::code)
				.containsExactly(PendingReason.Code.BLOCKED, PendingReason.Code.ROLLOUT_INCOMPLETE);
			assertThat(current.migration("5").reasons()).extracting(PendingReason::code)
				.containsExactly(PendingReason.Code.BLOCKED);
			assertThat(members(current).get(0).lacks()).containsExactly("3");
			assertThat(members(old)).extracting(Rollout.Member::knowsAll).containsExactly(false, true);
		}
	}

	@Test
	void instanceWithoutTheVersionedMigrationIsOlder() {
		this.release1.script("P3__drop.sql", DROP);
		this.release2.script("P3__drop.sql", DROP)
			.script("V3__added_later.sql", "alter table issue add later int;")
			.property("spring.flyway.out-of-order", "true");
		try (Instance old = this.release1.start(); Instance current = this.release2.start()) {
			assertThat(old.migration("3").reasons()).isEmpty();
			assertThat(current.migration("3").reasons()).extracting(PendingReason::code)
				.containsExactly(PendingReason.Code.BLOCKED, PendingReason.Code.ROLLOUT_INCOMPLETE);
		}
	}

	@Test
	void instanceWithAnotherContentIsOlder() {
		try (TestApplication release3 = this.release2.nextRelease()
			.script("P2__drop.sql", DROP + " alter table issue drop column legacy;");
				Instance old = this.release2.start();
				Instance current = release3.start()) {
			refused(Code.ROLLOUT_INCOMPLETE, () -> current.request("2"));
			old.close();
			assertThat(current.apply("2").failure()).isNull();
		}
	}

	@Test
	void overrideIsRecordedWithTheRun() {
		try (Instance old = this.release1.start(); Instance current = this.release2.start()) {
			Integer checksum = current.migration("2").checksum();
			assertThat(checksum).isNotNull();
			MigrationRun run = current
				.await(current.pendingMigrations().apply("2", checksum, OPERATOR, Force.ROLLOUT).id());
			assertThat(run.failure()).isNull();
			assertThat(run.request().force()).isEqualTo(Force.ROLLOUT);
			String oldId = members(old).get(0).instance().id();
			assertThat(current.pendingMigrations().events(run.id()))
				.filteredOn((event) -> event.type() == MigrationRunEvent.Type.GATE)
				.singleElement()
				.satisfies((event) -> assertThat(event.detail()).contains("ops", oldId));
		}
	}

	@Test
	void overrideDoesNotOverrideAnythingElse() {
		this.release2.script("P3__more.sql", "select 1;");
		try (Instance old = this.release1.start(); Instance current = this.release2.start()) {
			Integer checksum = current.migration("3").checksum();
			assertThat(checksum).isNotNull();
			assertThat(refused(Code.NOT_READY,
					() -> current.pendingMigrations().apply("3", checksum, OPERATOR, Force.ROLLOUT))
				.getReasons()).extracting(PendingReason::code).containsExactly(PendingReason.Code.BLOCKED);
		}
	}

	@Test
	void acceptedRunIsHeldWhenAnOldInstanceStartsMeanwhile() {
		try (Instance current = this.release2.start(); Instance old = this.release1.start()) {
			Integer checksum = current.migration("2").checksum();
			assertThat(checksum).isNotNull();
			UUID run = runs().create(new NewRun(null, OPERATOR, List.of(new Planned("2", checksum))))
				.orElseThrow()
				.id();
			MigrationRun held = Awaitility.await()
				.until(() -> current.pendingMigrations().run(run).orElseThrow(),
						(found) -> found.status() == MigrationRunStatus.HELD);
			assertThat(held.hold()).isNotNull().satisfies((hold) -> {
				assertThat(hold.reason()).contains("P2 drop", "application version 1.0.0");
				assertThat(hold.until()).isNotNull();
			});
			old.close();
			assertThat(current.await(run).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
		}
	}

	@Test
	void crashedInstanceCountsAsGoneAfterItsTimeout() {
		try (Instance current = this.release2.start()) {
			this.database.execute("insert into pending_migration_instance (id, known_pending, started_at, last_seen_at,"
					+ " alive_since, alive_until) select 'crashed', '', started_at, last_seen_at, started_at, alive_until"
					+ " from pending_migration_instance where application_version = '2.0.0'");
			refused(Code.ROLLOUT_INCOMPLETE, () -> current.request("2"));
			Awaitility.await().until(() -> current.state("2") == PendingMigrationState.READY);
			assertThat(members(current)).hasSize(1);
			Awaitility.await()
				.until(() -> this.database.queryForString(
						"select count(*) from pending_migration_instance where id = 'crashed' and alive_since is null"),
						"1"::equals);
		}
		try (Instance restarted = this.release2.start()) {
			// Nobody has to be a witness for that again
			assertThat(members(restarted)).hasSize(1);
		}
	}

	@Test
	void instanceWhoseDatabaseOthersMigrateIsWaitedForAsWell() {
		this.release1.configuration(MigratedByOthers.class);
		try (Instance old = this.release1.start(); Instance current = this.release2.start()) {
			Awaitility.await().until(() -> members(current).size() == 2);
			refused(Code.ROLLOUT_INCOMPLETE, () -> current.request("2"));
			old.close();
			assertThat(current.apply("2").failure()).isNull();
		}
	}

	@Test
	void instanceIsNotRecordedAnewAsLongAsItsScriptsStayTheSame() {
		try (Instance current = this.release2.start()) {
			this.database.execute("update pending_migration_instance set newest_versioned = 'as before'");
			refused(Code.CHECKSUM_MISMATCH, () -> current.pendingMigrations().apply("2", 1, OPERATOR));
			for (int beats = 0; beats < 2; beats++) {
				Instant seen = members(current).get(0).instance().lastSeenAt();
				Awaitility.await().until(() -> members(current).get(0).instance().lastSeenAt().isAfter(seen));
			}
			assertThat(this.database
				.queryForString("select newest_versioned from pending_migration_instance where last_seen_at = "
						+ "(select max(last_seen_at) from pending_migration_instance)"))
				.isEqualTo("as before");
		}
	}

	@Test
	void silenceProvesNothingIfNobodyElseWasHeardMeanwhile() {
		this.release2.property("pending-migrations.rollout.instance-timeout", "1h");
		try (Instance current = this.release2.start()) {
			this.database.execute("insert into pending_migration_instance (id, known_pending, started_at, last_seen_at,"
					+ " alive_since, alive_until) select 'silent', '', started_at, started_at, started_at, started_at"
					+ " from pending_migration_instance where application_version = '2.0.0'");
			refused(Code.ROLLOUT_INCOMPLETE, () -> current.request("2"));
			assertThat(members(current)).hasSize(2);
		}
	}

	@Test
	void soakTimeOutlastsARestart() {
		this.release2.property("pending-migrations.rollout.soak", "1h");
		try (Instance old = this.release1.start()) {
			this.release2.start().close();
			old.close();
			try (Instance restarted = this.release2.start()) {
				assertThat(restarted.migration("2").reasons()).singleElement().satisfies((reason) -> {
					assertThat(reason.code()).isEqualTo(PendingReason.Code.ROLLOUT_INCOMPLETE);
					assertThat(reason.until()).isCloseTo(Instant.now().plus(Duration.ofHours(1)),
							within(Duration.ofMinutes(1)));
				});
				refused(Code.ROLLOUT_INCOMPLETE, () -> restarted.request("2"));
			}
		}
	}

	@Test
	void gateCanBeSwitchedOff() {
		this.release2.property("pending-migrations.rollout.gate", "off")
			.script("P3__later.sql", "-- pending: delay=1h\nselect 1;");
		try (Instance old = this.release1.start(); Instance current = this.release2.start()) {
			PendingMigration later = current.migration("3");
			assertThat(later.reasons()).filteredOn((reason) -> reason.code() == PendingReason.Code.DELAYED)
				.extracting(PendingReason::until)
				.containsExactly(later.firstSeenAt().plus(Duration.ofHours(1)));
			assertThat(members(old)).hasSize(2);
			assertThat(current.apply("2").failure()).isNull();
		}
	}

	@Test // A23, A26
	void delayBeginsWhenTheRolloutWasFirstComplete() {
		this.release2.script("P2__drop.sql", "-- pending: delay=7d\n" + DROP);
		Instant until;
		try (Instance old = this.release1.start(); Instance current = this.release2.start()) {
			assertThat(delay(current, "2").until()).isNull();
			assertThat(delay(current, "2").message()).contains("7d");
			Instant before = Instant.now();
			old.close();
			PendingReason delayed = Awaitility.await()
				.until(() -> delay(current, "2"), (reason) -> reason.until() != null);
			until = delayed.until();
			assertThat(until).isCloseTo(before.plus(Duration.ofDays(7)), within(Duration.ofSeconds(20)));
			assertThat(delayed.message()).contains("ends at", "in 6d 23h");
		}
		try (Instance old = this.release1.start(); Instance restarted = this.release2.start()) {
			assertThat(delay(restarted, "2").until()).isEqualTo(until);
		}
	}

	@Test // A24
	void delayIsNotBegunByAStartThatFails() {
		this.release2.script("P2__drop.sql", "-- pending: delay=7d\n" + DROP)
			.property("spring.lifecycle.timeout-per-shutdown-phase", "1s")
			.configuration(FailingStart.class);
		assertThat(catchThrowable(this.release2::start)).hasRootCauseMessage("Failed on purpose");
		assertThat(this.database.queryForString("select count(*) from pending_migration")).isEqualTo("1");
		assertThat(
				this.database.queryForString("select count(*) from pending_migration where rolled_out_at is not null"))
			.isEqualTo("0");
		try (Instance old = this.release1.start()) {
			assertThat(members(old)).as("the start that failed has said goodbye").hasSize(1);
		}
	}

	@Test
	void instanceThatWasForgottenIsRecordedAgain() {
		try (Instance current = this.release2.start(); Instance old = this.release1.start()) {
			this.database.execute("delete from pending_migration_instance");
			Awaitility.await().until(() -> members(current).size() == 2);
			assertThat(current.state("2")).isEqualTo(PendingMigrationState.PENDING);
			assertThat(members(old)).hasSize(2);
		}
	}

	@Test
	void readyMigrationIsAppliedByItselfAfterTheRollout() {
		this.release2.property("pending-migrations.apply", "after-rollout")
			.property("pending-migrations.requires-approval", "4")
			.script("P3__window.sql", "-- pending: requires-approval=true\n-- pending: requires=none\nselect 1;")
			.script("P4__named.sql", "-- pending: requires=none\nselect 1;")
			.script("P5__delayed.sql", "-- pending: requires=none\n-- pending: delay=7d\nselect 1;");
		try (Instance old = this.release1.start();
				Instance current = this.release2.start();
				Instance replica = this.release2.start()) {
			Awaitility.await()
				.during(Duration.ofSeconds(2))
				.atMost(Duration.ofSeconds(4))
				.until(() -> current.pendingMigrations().runs(new RunQuery(null, null, 0, 10)).isEmpty());
			old.close();
			Awaitility.await().until(() -> current.state("2") == PendingMigrationState.APPLIED);
			assertThat(replica.pendingMigrations().runs(new RunQuery(null, null, 0, 10))).singleElement()
				.satisfies((run) -> {
					assertThat(run.request().by()).isEqualTo("automatic");
					assertThat(run.request().via()).isEqualTo("auto");
				});
			Awaitility.await()
				.during(Duration.ofSeconds(2))
				.atMost(Duration.ofSeconds(4))
				.until(() -> current.outstanding().equals(List.of("3", "4", "5")));
		}
	}

	@Test
	void runThatWaitsForAnOldInstanceIsToldOnceAndGoesOnWhenThatIsGone() throws Exception {
		this.release2.property("pending-migrations.execution.lease", "1s")
			.property("pending-migrations.execution.heartbeat", "200ms");
		try (Instance current = this.release2.start(); Connection blocker = this.database.openConnection()) {
			blocker.setAutoCommit(false);
			try (Statement statement = blocker.createStatement()) {
				statement.execute("insert into issue (id) values (1)");
			}
			MigrationRun run = current.request("2");
			try (Instance old = this.release1.start()) {
				Instant first = holdUntil(current, run, Instant.MIN);
				int events = current.pendingMigrations().events(run.id()).size();
				Instant second = holdUntil(current, run, first);
				holdUntil(current, run, second);
				assertThat(current.pendingMigrations().events(run.id())).hasSize(events);
			}
			blocker.rollback();
			assertThat(current.await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
		}
	}

	private static Instant holdUntil(Instance instance, MigrationRun run, Instant later) {
		return Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.until(() -> instance.pendingMigrations()
				.run(run.id())
				.map(MigrationRun::hold)
				.map(Hold::until)
				.orElse(later), (until) -> until.isAfter(later));
	}

	@Test // A22
	void migrationIsNeverAppliedByTheStartThatSeesItFirst() {
		this.release2.property("pending-migrations.apply", "after-rollout")
			.property("pending-migrations.rollout.soak", "2s")
			.script("P2__drop.sql", "-- pending: delay=0s\n" + DROP);
		try (Instance first = this.release2.start()) {
			assertThat(first.outstanding()).containsExactly("2");
			assertThat(first.pendingMigrations().runs(new RunQuery(null, null, 0, 10))).isEmpty();
			Awaitility.await().until(() -> first.state("2") == PendingMigrationState.APPLIED);
			assertThat(first.migration("2").application()).isNotNull()
				.satisfies((application) -> assertThat(application.at())
					.isAfter(first.migration("2").firstSeenAt().plusSeconds(2)));
		}
	}

	@Test
	void migrationThatFailedOrWasCancelledIsNotRepeatedByItself() {
		this.release2.property("pending-migrations.apply", "after-rollout")
			.script("P2__drop.sql", "-- pending: window=" + closedWindow() + "\n" + DROP)
			.script("P3__fails.sql", "-- pending: requires=none\ndrop table no_such_table;");
		try (Instance current = this.release2.start()) {
			UUID cancelled = current.request("2").id();
			current.pendingMigrations().cancel(cancelled, OPERATOR, false);
			assertThat(current.await(cancelled).status()).isEqualTo(MigrationRunStatus.CANCELLED);
			Awaitility.await().until(() -> current.state("3") == PendingMigrationState.FAILED);
			this.release2.script("P2__drop.sql", DROP);
			Awaitility.await()
				.during(Duration.ofSeconds(2))
				.atMost(Duration.ofSeconds(4))
				.until(() -> current.pendingMigrations().runs(new RunQuery(null, null, 0, 10)).size() == 2);
		}
		try (Instance restarted = this.release2.start()) {
			Awaitility.await().until(() -> restarted.state("2") == PendingMigrationState.READY);
			Awaitility.await()
				.during(Duration.ofSeconds(2))
				.atMost(Duration.ofSeconds(4))
				.until(() -> restarted.pendingMigrations().runs(new RunQuery(null, null, 0, 10)).size() == 2);
		}
	}

	@Test
	void applyingMovesThePointOfNoReturn() {
		this.release2.script("P1__earlier.sql", "-- pending: requires=none\nselect 1;");
		try (Instance current = this.release2.start()) {
			assertThat(current.pendingMigrations().overview().pointOfNoReturn()).isNull();
			current.apply("1");
			current.apply("2");
			PointOfNoReturn point = current.pendingMigrations().overview().pointOfNoReturn();
			assertThat(point).isNotNull();
			assertThat(point.version()).isEqualTo("2");
			assertThat(point.applicationVersion()).isEqualTo("2.0.0");
		}
		try (TestApplication release3 = this.release2.nextRelease()
			.property("pending-migrations.application-version", "3.0.0")
			.script("P1.1__added_later.sql", "select 1;"); Instance next = release3.start()) {
			next.apply("1.1");
			PointOfNoReturn point = next.pendingMigrations().overview().pointOfNoReturn();
			assertThat(point).isNotNull();
			assertThat(point.version()).isEqualTo("1.1");
			assertThat(point.applicationVersion()).isEqualTo("3.0.0");
		}
	}

	@Test // A33
	void olderReleaseStartsUnlessItIsToldNotTo() {
		try (Instance current = this.release2.start()) {
			current.apply("2");
		}
		try (Instance old = this.release1.start()) {
			assertThat(old.state("2")).isEqualTo(PendingMigrationState.UNKNOWN_HERE);
		}
		this.release1.property("pending-migrations.rollback", "fail").script("V9__more.sql", "select 1;");
		assertThat(catchThrowable(this.release1::start)).rootCause()
			.isInstanceOf(OlderThanDatabaseException.class)
			.hasMessageContaining("version 1.0.0")
			.hasMessageContaining("P2 drop (of application version 2.0.0)");
		assertThat(this.database
			.queryForString("select count(*) from " + this.database.server().quote("flyway_schema_history") + " where "
					+ this.database.server().quote("version") + " = '9'"))
			.as("nothing was applied")
			.isEqualTo("0");
	}

	/** Begins in an hour. */
	private static String closedWindow() {
		LocalTime now = LocalTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES);
		return now.plusHours(1) + "-" + now.plusHours(2) + " UTC";
	}

	private static List<Rollout.Member> members(Instance instance) {
		return instance.pendingMigrations().overview().members();
	}

	private static PendingReason delay(Instance instance, String version) {
		return instance.migration(version)
			.reasons()
			.stream()
			.filter((reason) -> reason.code() == PendingReason.Code.DELAYED)
			.findFirst()
			.orElseThrow();
	}

	private static RequestRefusedException refused(Code code,
			org.assertj.core.api.ThrowableAssert.ThrowingCallable request) {
		return assertThatExceptionOfType(RequestRefusedException.class).isThrownBy(request)
			.satisfies((ex) -> assertThat(ex.getCode()).isEqualTo(code))
			.actual();
	}

	private JdbcMigrationRunRepository runs() {
		return new JdbcMigrationRunRepository(this.database.dataSource(), tables());
	}

	private LedgerTables tables() {
		try (java.sql.Connection connection = this.database.dataSource().getConnection()) {
			return LedgerTables.of(io.github.pendingmigrations.DatabaseProduct.of(connection),
					(connection.getSchema() != null) ? connection.getSchema() : connection.getCatalog(),
					LedgerTables.DEFAULT_PREFIX);
		}
		catch (java.sql.SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Fails when everything else has started.
	 */
	static class FailingStart implements org.springframework.context.SmartLifecycle {

		@Override
		public void start() {
			throw new IllegalStateException("Failed on purpose");
		}

		@Override
		public void stop() {
			// Was never started
		}

		@Override
		public boolean isRunning() {
			return false;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MigratedByOthers {

		@Bean
		FlywayMigrationStrategy nothing() {
			return (flyway) -> {
			};
		}

	}

}
