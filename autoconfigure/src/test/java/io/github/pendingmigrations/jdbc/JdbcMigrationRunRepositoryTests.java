package io.github.pendingmigrations.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Contention;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Lease;
import io.github.pendingmigrations.MigrationRun.Planned;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunEvent.Type;
import io.github.pendingmigrations.MigrationRunPhase;
import io.github.pendingmigrations.MigrationRunRepository.Claim;
import io.github.pendingmigrations.MigrationRunRepository.Interruption;
import io.github.pendingmigrations.MigrationRunRepository.NewRun;
import io.github.pendingmigrations.MigrationRunRepository.Orders;
import io.github.pendingmigrations.MigrationRunRepository.Outcome;
import io.github.pendingmigrations.MigrationRunRepository.Progress;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for {@link JdbcMigrationRunRepository}.
 */
@EveryDatabase
class JdbcMigrationRunRepositoryTests {

	private static final String OWNER = LedgerFixture.OWNER;

	private static final Progress PROGRESS = LedgerFixture.PROGRESS;

	private final DatabaseServer server;

	private LedgerFixture fixture;

	private JdbcMigrationRunRepository runs;

	JdbcMigrationRunRepositoryTests(DatabaseServer server) {
		this.server = server;
	}

	@BeforeEach
	void createTables() throws SQLException {
		this.fixture = new LedgerFixture(this.server);
		this.fixture.ledger().createTables();
		this.runs = this.fixture.runs();
	}

	@AfterEach
	void dropDatabase() {
		this.fixture.close();
	}

	@Test
	void createdRunIsQueued() {
		UUID parent = UUID.randomUUID();
		List<Planned> plan = List.of(new Planned("3", 690027783), new Planned("5", -12));
		MigrationRun run = this.runs.create(new NewRun(parent, LedgerFixture.REQUESTER, plan)).orElseThrow();
		assertThat(run.request().at()).isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
		assertThat(run).isEqualTo(new MigrationRun(run.id(), parent, MigrationRunStatus.QUEUED, null,
				new MigrationRun.Request("ops", "actuator", run.request().at(), "the rollout is finished", plan),
				Position.START, null, null, Contention.NONE, null, null, null, null, null));
		assertThat(this.runs.find(run.id())).contains(run);
		assertThat(this.runs.findActive()).contains(run);
		assertThat(details(run)).containsExactly("QUEUED: requested by ops via actuator: the rollout is finished");
	}

	@Test
	void unknownRunIsNotFound() {
		assertThat(this.runs.find(UUID.randomUUID())).isEmpty();
		assertThat(this.runs.findActive()).isEmpty();
		assertThat(this.runs.events(UUID.randomUUID())).isEmpty();
	}

	@Test
	void activeRunExcludesAnother() {
		for (MigrationRunStatus status : MigrationRunStatus.values()) {
			MigrationRun run = this.fixture.runIn(status);
			assertThat(run.status()).isEqualTo(status);
			assertThat(this.runs.findActive().isPresent()).as(status.name()).isEqualTo(status.isActive());
			assertThat(this.runs.create(LedgerFixture.newRun("4")).isEmpty()).as(status.name())
				.isEqualTo(status.isActive());
		}
	}

	@Test
	void oneOfFiftyConcurrentRequestsWins() throws Exception {
		HikariDataSource dataSource = this.fixture.database().dataSource(50);
		JdbcMigrationRunRepository repository = new JdbcMigrationRunRepository(dataSource, this.fixture.tables());
		List<Optional<MigrationRun>> created = LedgerFixture.inParallel(50,
				() -> repository.create(LedgerFixture.newRun("3")));
		assertThat(created).filteredOn(Optional::isPresent).hasSize(1);
		assertThat(this.runs.find(new RunQuery(null, null, 0, 100))).hasSize(1);
		assertThat(this.fixture.database().queryForString(this.fixture.tables().sql("select count(*) from {event}")))
			.isEqualTo("1");
	}

	@Test
	void claimedRunIsLeased() {
		MigrationRun run = this.fixture.claim(this.fixture.queuedRun("3"), Duration.ofSeconds(30));
		assertThat(run.status()).isEqualTo(MigrationRunStatus.RUNNING);
		assertThat(run.phase()).isEqualTo(MigrationRunPhase.PREFLIGHT);
		assertThat(run.applicationVersion()).isEqualTo("2.0.0");
		assertThat(run.applicationCommit()).isEqualTo("d6f61f5");
		assertIn(run.startedAt(), Duration.ZERO);
		assertIn(run.position().deadlineAt(), LedgerFixture.DEADLINE);
		Lease lease = run.lease();
		assertThat(lease).isNotNull();
		assertThat(lease.owner()).isEqualTo(OWNER);
		assertIn(lease.until(), Duration.ofSeconds(30));
		assertIn(lease.heartbeatAt(), Duration.ZERO);
		assertThat(details(run)).endsWith("RUNNING: claimed by " + OWNER);
	}

	@Test
	void onlyQueuedRunCanBeClaimed() {
		for (MigrationRunStatus status : MigrationRunStatus.values()) {
			MigrationRun run = this.fixture.runIn(status);
			Claim claim = new Claim("instance-2", LedgerFixture.LEASE, LedgerFixture.DEADLINE, null);
			assertThat(this.runs.claim(run.id(), claim).isPresent()).as(status.name())
				.isEqualTo(status == MigrationRunStatus.QUEUED);
		}
	}

	@Test
	void runIsClaimedByOneOfTen() throws Exception {
		MigrationRun run = this.fixture.queuedRun("3");
		List<Optional<MigrationRun>> claimed = LedgerFixture.inParallel(10, () -> this.runs.claim(run.id(),
				new Claim(Thread.currentThread().getName(), LedgerFixture.LEASE, LedgerFixture.DEADLINE, null)));
		assertThat(claimed).filteredOn(Optional::isPresent).hasSize(1);
	}

	@Test
	void heartbeatRenewsLeaseAndTellsStatus() {
		for (MigrationRunStatus status : MigrationRunStatus.values()) {
			MigrationRun run = this.fixture.runIn(status);
			assertThat(this.runs.heartbeat(run.id(), OWNER, Duration.ofHours(2)).map(Orders::status)).as(status.name())
				.isEqualTo(status.isLeased() ? Optional.of(status) : Optional.empty());
			assertThat(this.runs.heartbeat(run.id(), "instance-2", Duration.ofHours(2))).isEmpty();
			if (status.isLeased()) {
				assertIn(lease(run).until(), Duration.ofHours(2));
			}
		}
	}

	@Test
	void progressIsSavedWhileLeaseIsHeld() {
		for (MigrationRunStatus status : MigrationRunStatus.values()) {
			MigrationRun run = this.fixture.runIn(status);
			assertThat(this.runs.saveProgress(run.id(), "instance-2", PROGRESS)).isFalse();
			assertThat(this.runs.find(run.id())).contains(run);
			assertThat(this.runs.saveProgress(run.id(), OWNER, PROGRESS)).as(status.name())
				.isEqualTo(status.isLeased());
			MigrationRun after = this.runs.find(run.id()).orElseThrow();
			assertThat(after.status()).isEqualTo(status);
			if (status.isLeased()) {
				Position position = after.position();
				assertThat(after.phase()).isEqualTo(MigrationRunPhase.BACKING_OFF);
				assertThat(after.contention()).isEqualTo(PROGRESS.contention());
				assertIn(position.nextAttemptAt(), Duration.ofSeconds(90));
				assertThat(position).isEqualTo(
						new Position("3", 1, 2, 7, position.nextAttemptAt(), run.position().deadlineAt(), 10, 100, 5));
			}
		}
	}

	@Test
	void progressWithoutNextAttemptClearsIt() {
		MigrationRun run = this.fixture.runningRun();
		this.runs.saveProgress(run.id(), OWNER, PROGRESS);
		assertThat(this.runs.saveProgress(run.id(), OWNER,
				new Progress(MigrationRunPhase.EXECUTING, null, 0, 0, 8, null, 0, 0, 0, null, Contention.NONE)))
			.isTrue();
		MigrationRun after = this.runs.find(run.id()).orElseThrow();
		assertThat(after.position().nextAttemptAt()).isNull();
		assertThat(after.position().version()).isNull();
		assertThat(after.contention()).isEqualTo(Contention.NONE);
	}

	@Test
	void sessionIsSavedWhileLeaseIsHeld() {
		MigrationRun run = this.fixture.runningRun();
		assertThat(this.runs.saveSession(run.id(), "instance-2", "1")).isFalse();
		assertThat(this.runs.saveSession(run.id(), OWNER, "4711")).isTrue();
		assertThat(lease(run).databaseSession()).isEqualTo("4711");
		this.runs.finish(run.id(), OWNER, LedgerFixture.outcome(MigrationRunStatus.SUCCEEDED));
		assertThat(this.runs.saveSession(run.id(), OWNER, "4712")).isFalse();
	}

	@Test
	void runEndsOnlyAsItsStatusAllows() {
		for (MigrationRunStatus from : MigrationRunStatus.values()) {
			for (MigrationRunStatus to : List.of(MigrationRunStatus.SUCCEEDED, MigrationRunStatus.FAILED,
					MigrationRunStatus.CANCELLED, MigrationRunStatus.INTERRUPTED)) {
				MigrationRun run = this.fixture.runIn(from);
				assertThat(this.runs.finish(run.id(), "instance-2", LedgerFixture.outcome(to))).isFalse();
				assertThat(this.runs.find(run.id())).contains(run);
				boolean legal = from.isLeased() && from.successors().contains(to);
				assertThat(this.runs.finish(run.id(), OWNER, LedgerFixture.outcome(to))).as("%s to %s", from, to)
					.isEqualTo(legal);
				MigrationRun after = this.runs.find(run.id()).orElseThrow();
				if (legal) {
					assertEnded(after, to);
					assertThat(details(run)).endsWith(to + ": done");
				}
				else {
					assertThat(after).isEqualTo(run);
				}
			}
		}
	}

	@Test
	void runDoesNotEndAsActive() {
		MigrationRun run = this.fixture.runningRun();
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.runs.finish(run.id(), OWNER, LedgerFixture.outcome(MigrationRunStatus.HELD)))
			.withMessageContaining("HELD");
	}

	@Test
	void failureIsKept() {
		MigrationRun run = this.fixture.runningRun();
		this.runs.saveProgress(run.id(), OWNER, PROGRESS);
		Failure failure = new Failure("SQL_ERROR", "java.sql.SQLException", "42P01", -204, "no such table", "3", 2, 17,
				"Nothing took effect. Fix the script.");
		Position position = new Position("3", 2, 5, 9, Instant.now(), null, 20, 200, 7);
		this.runs.finish(run.id(), OWNER,
				new Outcome(MigrationRunStatus.FAILED, failure, position, PROGRESS.contention(), "no such table"));
		MigrationRun after = this.runs.find(run.id()).orElseThrow();
		assertThat(after.failure()).isEqualTo(failure);
		assertThat(after.position())
			.isEqualTo(new Position("3", 2, 5, 9, null, run.position().deadlineAt(), 20, 200, 7));
		assertThat(after.contention()).isEqualTo(PROGRESS.contention());
	}

	@Test
	void positionStaysUnlessOutcomeHasOne() {
		MigrationRun run = this.fixture.runningRun();
		this.runs.saveProgress(run.id(), OWNER, PROGRESS);
		Failure failure = new Failure("LOST", null, null, null, null, null, 0, 0, "Try again");
		this.runs.finish(run.id(), OWNER,
				new Outcome(MigrationRunStatus.FAILED, failure, null, Contention.NONE, "lost"));
		MigrationRun after = this.runs.find(run.id()).orElseThrow();
		assertThat(after.failure()).isEqualTo(failure);
		assertThat(after.position().attempt()).isEqualTo(7);
	}

	@Test
	void hundredKilobytesOfMessageAreCut() {
		MigrationRun run = this.fixture.runningRun();
		String text = "Zeile größer als € 😀 \0".repeat(5_000);
		assertThat(text).hasSizeGreaterThan(100_000);
		Failure failure = new Failure(text, text, "42P01", 1, text, "3", 1, 1, text);
		assertThat(this.runs.finish(run.id(), OWNER,
				new Outcome(MigrationRunStatus.FAILED, failure, null, Contention.NONE, text)))
			.isTrue();
		this.runs.append(run.id(), Type.NOTE, text);
		Failure kept = this.runs.find(run.id()).orElseThrow().failure();
		assertThat(kept).isNotNull();
		for (String message : List.of(String.valueOf(kept.message()), kept.advice(), details(run).get(3))) {
			assertThat(message).startsWith("Zeile größer als € 😀 Zeile").endsWith("…").hasSizeGreaterThan(15_000);
		}
	}

	@Test
	void longPlanIsKeptWhole() {
		List<Planned> plan = IntStream.rangeClosed(1, 5_000)
			.mapToObj((number) -> new Planned("2026." + number, Integer.MIN_VALUE + number))
			.toList();
		MigrationRun run = this.runs.create(new NewRun(null, LedgerFixture.REQUESTER, plan)).orElseThrow();
		assertThat(run.request().plan()).isEqualTo(plan);
	}

	@Test
	void runEndsInTransactionOfConnection() throws Exception {
		MigrationRun run = this.fixture.runningRun();
		try (Connection connection = this.fixture.database().openConnection()) {
			connection.setAutoCommit(false);
			assertThat(this.runs.holdsLease(connection, run.id(), OWNER)).isTrue();
			assertThat(
					this.runs.finish(connection, run.id(), OWNER, LedgerFixture.outcome(MigrationRunStatus.SUCCEEDED)))
				.isTrue();
			connection.rollback();
			assertThat(this.runs.find(run.id())).contains(run);
			assertThat(
					this.runs.finish(connection, run.id(), OWNER, LedgerFixture.outcome(MigrationRunStatus.SUCCEEDED)))
				.isTrue();
			connection.commit();
			assertThat(this.runs.finish(connection, run.id(), OWNER, LedgerFixture.outcome(MigrationRunStatus.FAILED)))
				.isFalse();
			assertThat(connection.getAutoCommit()).isFalse();
		}
		assertEnded(this.runs.find(run.id()).orElseThrow(), MigrationRunStatus.SUCCEEDED);
	}

	@Test
	void leaseIsHeldByItsOwnerWhileLeased() throws Exception {
		try (Connection connection = this.fixture.database().openConnection()) {
			for (MigrationRunStatus status : MigrationRunStatus.values()) {
				MigrationRun run = this.fixture.runIn(status);
				assertThat(this.runs.holdsLease(connection, run.id(), OWNER)).as(status.name())
					.isEqualTo(status.isLeased());
				assertThat(this.runs.holdsLease(connection, run.id(), "instance-2")).isFalse();
			}
		}
	}

	@Test
	void nobodyTakesLeaseUntilTransactionEnds() throws Exception {
		MigrationRun run = this.fixture.claim(this.fixture.queuedRun("3"), Duration.ofMillis(1));
		awaitExpiry();
		try (Connection connection = this.fixture.database().openConnection()) {
			connection.setAutoCommit(false);
			assertThat(this.runs.holdsLease(connection, run.id(), OWNER)).isTrue();
			CompletableFuture<Optional<MigrationRun>> interrupted = CompletableFuture
				.supplyAsync(this.fixture::interruptExpired);
			assertThat(
					this.runs.finish(connection, run.id(), OWNER, LedgerFixture.outcome(MigrationRunStatus.SUCCEEDED)))
				.isTrue();
			connection.commit();
			assertThat(interrupted.get(30, TimeUnit.SECONDS)).isEmpty();
		}
		assertEnded(this.runs.find(run.id()).orElseThrow(), MigrationRunStatus.SUCCEEDED);
	}

	@Test
	void leaseIsRenewedAndCancellationRequestedWhileTransactionHoldsIt() throws Exception {
		assumeThat(this.fixture.tables().product()).isEqualTo(DatabaseProduct.POSTGRESQL);
		MigrationRun run = this.fixture.runningRun();
		try (Connection connection = this.fixture.database().openConnection()) {
			connection.setAutoCommit(false);
			assertThat(this.runs.holdsLease(connection, run.id(), OWNER)).isTrue();
			assertThat(this.runs.heartbeat(run.id(), OWNER, LedgerFixture.LEASE)).map(Orders::status)
				.contains(MigrationRunStatus.RUNNING);
			assertThat(this.runs.saveProgress(run.id(), OWNER, PROGRESS)).isTrue();
			assertThat(this.runs.requestCancel(run.id(), LedgerFixture.REQUESTER, false)).isPresent();
			assertThat(
					this.runs.finish(connection, run.id(), OWNER, LedgerFixture.outcome(MigrationRunStatus.SUCCEEDED)))
				.isTrue();
			connection.commit();
		}
		assertEnded(this.runs.find(run.id()).orElseThrow(), MigrationRunStatus.SUCCEEDED);
	}

	@Test
	void cancelledRunFollowsItsStatus() {
		for (MigrationRunStatus status : MigrationRunStatus.values()) {
			MigrationRun run = this.fixture.runIn(status);
			Optional<MigrationRun> after = this.runs.requestCancel(run.id(), LedgerFixture.REQUESTER, false);
			switch (status) {
				case QUEUED, HELD -> {
					assertEnded(after.orElseThrow(), MigrationRunStatus.CANCELLED);
					assertThat(details(run))
						.endsWith("CANCELLED: requested by ops via actuator: the rollout is finished");
				}
				case RUNNING -> {
					assertThat(after).get().extracting(MigrationRun::status).isEqualTo(MigrationRunStatus.CANCELLING);
					assertThat(details(run))
						.endsWith("CANCELLING: requested by ops via actuator: the rollout is finished");
				}
				default -> assertThat(after).isEmpty();
			}
		}
		assertThat(this.runs.requestCancel(UUID.randomUUID(), LedgerFixture.REQUESTER, false)).isEmpty();
	}

	@Test
	void interruptedRunGivesLeaseBack() {
		for (MigrationRunStatus status : MigrationRunStatus.values()) {
			MigrationRun run = this.fixture.runIn(status);
			assertThat(this.runs.interrupt(run.id(), "instance-2", LedgerFixture.IN_DOUBT)).isEmpty();
			assertThat(this.runs.interrupt(run.id(), OWNER, LedgerFixture.IN_DOUBT).isPresent()).as(status.name())
				.isEqualTo(status.isLeased());
			if (status.isLeased()) {
				assertEnded(this.runs.find(run.id()).orElseThrow(), MigrationRunStatus.INTERRUPTED);
				assertThat(details(run)).endsWith("INTERRUPTED: shutdown");
				assertThat(this.runs.find(run.id()).orElseThrow().failure()).isEqualTo(LedgerFixture.DECISION);
			}
		}
	}

	@Test
	void runOfWhichNothingIsInDoubtGoesOnByItselfThreeTimes() {
		MigrationRun run = this.fixture.runningRun();
		for (int time = 1; time <= 3; time++) {
			MigrationRun resumed = this.runs.interrupt(run.id(), OWNER, LedgerFixture.RESUMABLE).orElseThrow();
			assertThat(resumed.status()).isEqualTo(MigrationRunStatus.QUEUED);
			assertThat(resumed.failure()).isNull();
			assertThat(resumed.finishedAt()).isNull();
			assertThat(details(run)).endsWith("INTERRUPTED: shutdown",
					"QUEUED: goes on by itself, because nothing is in doubt (" + time + " of 3 times)");
			assertThat(this.runs.create(LedgerFixture.newRun("4"))).as("its place is taken").isEmpty();
			this.fixture.claim(run, LedgerFixture.LEASE);
		}
		assertEnded(this.runs.interrupt(run.id(), OWNER, LedgerFixture.RESUMABLE).orElseThrow(),
				MigrationRunStatus.INTERRUPTED);
		assertThat(this.runs.create(LedgerFixture.newRun("4"))).isPresent();
	}

	@Test
	void runThatIsGivenBackInOrderGoesOnAsOftenAsItTakes() {
		MigrationRun run = this.fixture.runningRun();
		Interruption shutdown = new Interruption("shutdown", true, false, LedgerFixture.DECISION);
		for (int time = 1; time <= 5; time++) {
			assertThat(this.runs.interrupt(run.id(), OWNER, shutdown)).get()
				.extracting(MigrationRun::status)
				.isEqualTo(MigrationRunStatus.QUEUED);
			this.fixture.claim(run, LedgerFixture.LEASE);
		}
	}

	@Test
	void interruptedRunIsHeldOrCancelledIfAPersonHasAskedForThat() {
		MigrationRun held = this.fixture.runningRun();
		this.runs.requestHold(held.id(), LedgerFixture.REQUESTER);
		assertThat(this.runs.interrupt(held.id(), OWNER, LedgerFixture.RESUMABLE)).get()
			.extracting(MigrationRun::status)
			.isEqualTo(MigrationRunStatus.HELD);
		assertThat(details(held)).endsWith("HELD: as requested");
		assertThat(this.runs.resume(held.id(), LedgerFixture.REQUESTER)).isPresent();
		this.fixture.claim(held, LedgerFixture.LEASE);
		this.runs.requestCancel(held.id(), LedgerFixture.REQUESTER, false);
		assertEnded(this.runs.interrupt(held.id(), OWNER, LedgerFixture.RESUMABLE).orElseThrow(),
				MigrationRunStatus.CANCELLED);
	}

	@Test
	void expiredLeaseInterruptsRun() {
		MigrationRun run = this.fixture.claim(this.fixture.queuedRun("3"), Duration.ofMillis(5));
		MigrationRun interrupted = Awaitility.await()
			.pollInterval(Duration.ofMillis(5))
			.until(this.fixture::interruptExpired, Optional::isPresent)
			.orElseThrow();
		assertThat(interrupted.id()).isEqualTo(run.id());
		assertEnded(interrupted, MigrationRunStatus.INTERRUPTED);
		assertThat(details(run).get(2)).startsWith("INTERRUPTED: shutdown");
		assertThat(this.runs.heartbeat(run.id(), OWNER, LedgerFixture.LEASE)).isEmpty();
		assertThat(this.runs.finish(run.id(), OWNER, LedgerFixture.outcome(MigrationRunStatus.SUCCEEDED))).isFalse();
		assertThat(this.fixture.interruptExpired()).isEmpty();
	}

	@Test
	void validLeaseIsLeftAlone() {
		assertThat(this.fixture.interruptExpired()).isEmpty();
		this.fixture.queuedRun("3");
		assertThat(this.fixture.interruptExpired()).isEmpty();
		for (MigrationRunStatus status : MigrationRunStatus.values()) {
			this.fixture.runIn(status);
			assertThat(this.fixture.interruptExpired()).as(status.name()).isEmpty();
		}
	}

	@Test
	void expiredLeaseIsInterruptedByOneOfTen() throws Exception {
		this.fixture.claim(this.fixture.queuedRun("3"), Duration.ofMillis(1));
		awaitExpiry();
		assertThat(LedgerFixture.inParallel(10, this.fixture::interruptExpired)).filteredOn(Optional::isPresent)
			.hasSize(1);
	}

	@Test
	void eventsAreNumberedPerRun() {
		MigrationRun first = this.fixture.runIn(MigrationRunStatus.SUCCEEDED);
		MigrationRun second = this.fixture.queuedRun("4");
		this.runs.append(second.id(), Type.GATE, "overridden");
		this.runs.append(first.id(), Type.NOTE, "late");
		List<MigrationRunEvent> events = this.runs.events(second.id());
		assertThat(events).extracting(MigrationRunEvent::sequence).containsExactly(1, 2);
		assertThat(events).extracting(MigrationRunEvent::type).containsExactly(Type.TRANSITION, Type.GATE);
		assertThat(events).allSatisfy((event) -> {
			assertThat(event.runId()).isEqualTo(second.id());
			assertIn(event.at(), Duration.ZERO);
		});
		assertThat(this.runs.events(first.id())).last()
			.satisfies((event) -> assertThat(event.sequence()).isEqualTo(4))
			.satisfies((event) -> assertThat(event.detail()).isEqualTo("late"));
	}

	@Test
	void versionFilterFindsExactlyThatVersion() {
		for (String version : List.of("13", "3.1", "30", "3", "1.3")) {
			end(this.fixture.queuedRun("2", version));
		}
		assertThat(versionsOf(new RunQuery(null, "3", 0, 10))).containsExactly("3");
		assertThat(versionsOf(new RunQuery(null, "3.1", 0, 10))).containsExactly("3.1");
		assertThat(versionsOf(new RunQuery(null, "2", 0, 10))).containsExactly("1.3", "3", "30", "3.1", "13");
		assertThat(versionsOf(new RunQuery(null, "%", 0, 10))).isEmpty();
		assertThat(versionsOf(new RunQuery(null, "3_1", 0, 10))).isEmpty();
		assertThat(versionsOf(new RunQuery(null, "' or '1' = '1", 0, 10))).isEmpty();
	}

	@Test
	void filtersCombine() {
		end(this.fixture.queuedRun("1", "3"));
		this.fixture.queuedRun("2", "3");
		assertThat(versionsOf(new RunQuery(MigrationRunStatus.QUEUED, null, 0, 10))).containsExactly("3");
		assertThat(this.runs.find(new RunQuery(MigrationRunStatus.CANCELLED, "3", 0, 10))).hasSize(1);
		assertThat(this.runs.find(new RunQuery(MigrationRunStatus.CANCELLED, "2", 0, 10))).isEmpty();
		assertThat(this.runs.find(new RunQuery(MigrationRunStatus.FAILED, "3", 0, 10))).isEmpty();
	}

	@Test
	void newestRunsComeFirstInPages() {
		for (int i = 1; i <= 5; i++) {
			end(this.fixture.queuedRun("0", String.valueOf(i)));
		}
		assertThat(versionsOf(new RunQuery(null, null, 0, 2))).containsExactly("5", "4");
		assertThat(versionsOf(new RunQuery(null, null, 2, 2))).containsExactly("3", "2");
		assertThat(versionsOf(new RunQuery(null, null, 4, 2))).containsExactly("1");
		assertThat(versionsOf(new RunQuery(null, null, 5, 2))).isEmpty();
		this.fixture.execute("update {run} set requested_at = {now}");
		List<String> allAtOnce = versionsOf(new RunQuery(null, null, 0, 5));
		assertThat(versionsOf(new RunQuery(null, null, 3, 1))).containsExactly(allAtOnce.get(3));
	}

	private void end(MigrationRun run) {
		assertThat(this.runs.requestCancel(run.id(), LedgerFixture.REQUESTER, false)).isPresent();
	}

	private List<String> versionsOf(RunQuery query) {
		return this.runs.find(query).stream().map((run) -> run.versions().get(1)).toList();
	}

	private List<String> details(MigrationRun run) {
		return this.runs.events(run.id()).stream().map(MigrationRunEvent::detail).toList();
	}

	private Lease lease(MigrationRun run) {
		Lease lease = this.runs.find(run.id()).orElseThrow().lease();
		assertThat(lease).isNotNull();
		return lease;
	}

	private void awaitExpiry() {
		Awaitility.await()
			.pollInterval(Duration.ofMillis(5))
			.until(() -> this.fixture.database()
				.queryForString(this.fixture.tables().sql("select count(*) from {run} where lease_until < {now}"))
				.equals("1"));
	}

	private static void assertEnded(MigrationRun run, MigrationRunStatus status) {
		assertThat(run.status()).isEqualTo(status);
		assertThat(run.phase()).isNull();
		assertThat(run.position().nextAttemptAt()).isNull();
		assertIn(run.finishedAt(), Duration.ZERO);
		if (run.lease() != null) {
			assertThat(run.lease().until()).isNull();
		}
	}

	private static void assertIn(Instant instant, Duration duration) {
		assertThat(instant).isCloseTo(Instant.now().plus(duration), within(10, ChronoUnit.SECONDS));
	}

}
