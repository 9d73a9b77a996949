package io.github.pendingmigrations.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pendingmigrations.MigrationLedger.AppliedRecord;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Contention;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRunRepository.Outcome;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration.Application;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigration.Origin;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

/**
 * Tests for {@link JdbcMigrationLedger}.
 */
@EveryDatabase
class JdbcMigrationLedgerTests {

	private final DatabaseServer server;

	private LedgerFixture fixture;

	private JdbcMigrationLedger ledger;

	JdbcMigrationLedgerTests(DatabaseServer server) {
		this.server = server;
	}

	@BeforeEach
	void createTables() throws SQLException {
		this.fixture = new LedgerFixture(this.server);
		this.ledger = this.fixture.ledger();
		this.ledger.createTables();
	}

	@AfterEach
	void dropDatabase() {
		this.fixture.close();
	}

	@Test
	void emptyLedgerHasTimeOfDatabase() {
		Snapshot snapshot = this.ledger.load().orElseThrow();
		assertThat(snapshot.now()).isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
		assertThat(snapshot.initializingSince()).isNull();
		assertThat(snapshot.entries()).isEmpty();
	}

	@Test
	void ledgerWithoutTablesIsMissing() {
		for (String table : List.of("{ledger}", "{run}", "{meta}")) {
			this.fixture.execute("drop table " + table);
			assertThat(this.ledger.load()).isEmpty();
		}
	}

	@Test
	void ledgerInUnknownSchemaIsMissing() {
		LedgerTables elsewhere = LedgerTables.of(this.fixture.tables().product(), "no_such_schema", "pending");
		assertThat(new JdbcMigrationLedger(this.fixture.database().dataSource(), elsewhere, "flyway_schema_history")
			.load()).isEmpty();
	}

	@Test
	void missingTablesDoNotSpoilTransactionOfCaller() {
		this.fixture.execute("drop table {ledger}");
		HikariDataSource dataSource = this.fixture.database().dataSource();
		JdbcTemplate jdbcTemplate = new JdbcTemplate(dataSource);
		new TransactionTemplate(new JdbcTransactionManager(dataSource)).executeWithoutResult((status) -> {
			assertThat(jdbcTemplate.queryForObject("select 1", Integer.class)).isEqualTo(1);
			assertThat(this.ledger.load()).isEmpty();
			assertThat(jdbcTemplate.queryForObject("select 2", Integer.class)).isEqualTo(2);
		});
	}

	@Test
	void registeredScriptIsLoaded() {
		assertThat(this.ledger.register(List.of(LedgerFixture.script("3", -12)), "1.9.0")).containsExactly("3");
		Entry entry = this.fixture.entry("3");
		assertThat(entry.firstSeenAt()).isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
		assertThat(entry).isEqualTo(new Entry("3", "drop issue source", "db/migration/P3__drop_issue_source.sql",
				PendingMigrationType.SQL, -12, entry.firstSeenAt(), "1.9.0", null, null, null, null, false));
	}

	@Test
	void registeredScriptStaysAsItIs() {
		this.ledger.register(List.of(LedgerFixture.script("3", 1)), "1.9.0");
		Entry before = this.fixture.entry("3");
		assertThat(this.ledger.register(List.of(LedgerFixture.script("3", 2), LedgerFixture.script("2.10", 2)), null))
			.containsExactly("2.10");
		assertThat(this.fixture.entry("3")).isEqualTo(before);
	}

	@Test
	void everyScriptIsRegisteredByOneOfTenInstances() throws Exception {
		List<List<String>> registered = LedgerFixture.inParallel(10,
				() -> this.ledger.register(
						List.of(LedgerFixture.script("5"), LedgerFixture.script("3"), LedgerFixture.script("4")),
						"2.0.0"));
		assertThat(registered).flatMap((versions) -> versions).containsExactlyInAnyOrder("3", "4", "5");
	}

	@Test
	void registrationSurvivesRollbackOfCaller() {
		HikariDataSource dataSource = this.fixture.database().dataSource();
		new TransactionTemplate(new JdbcTransactionManager(dataSource)).executeWithoutResult((status) -> {
			this.ledger.register(List.of(LedgerFixture.script("3")), null);
			status.setRollbackOnly();
		});
		assertThat(this.fixture.entry("3")).isNotNull();
	}

	@Test
	void initializationIsRememberedUntilItEnds() throws Exception {
		try (Connection connection = this.fixture.database().openConnection()) {
			this.ledger.beginInitialization(connection);
			this.ledger.beginInitialization(connection);
		}
		assertThat(this.ledger.load().orElseThrow().initializingSince()).isNotNull();
		this.ledger.endInitialization();
		assertThat(this.ledger.load().orElseThrow().initializingSince()).isNull();
	}

	@Test
	void applicationOfRegisteredScriptIsRecordedOnce() throws Exception {
		this.ledger.register(List.of(LedgerFixture.script("3", 1)), "1.9.0");
		UUID runId = UUID.randomUUID();
		AppliedRecord record = new AppliedRecord(LedgerFixture.script("3", 2), "ops", Origin.RUN, runId,
				Duration.ofMillis(1234), 2, "the rollout is finished", "2.0.0");
		try (Connection connection = this.fixture.database().openConnection()) {
			assertThat(this.ledger.recordApplied(connection, record)).isTrue();
			assertThat(this.ledger.recordApplied(connection, LedgerFixture.applied("3"))).isFalse();
		}
		Entry entry = this.fixture.entry("3");
		Application application = entry.application();
		assertThat(application).isNotNull();
		assertThat(application.at()).isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
		assertThat(application).isEqualTo(new Application(application.at(), "ops", Origin.RUN, runId,
				Duration.ofMillis(1234), 2, "the rollout is finished", "2.0.0"));
		assertThat(entry.checksum()).isEqualTo(2);
		assertThat(entry.firstSeenApplicationVersion()).isEqualTo("1.9.0");
	}

	@Test
	void applicationOfUnregisteredScriptIsRecorded() throws Exception {
		try (Connection connection = this.fixture.database().openConnection()) {
			assertThat(this.ledger.recordApplied(connection, LedgerFixture.applied("3"))).isTrue();
			assertThat(this.ledger.recordApplied(connection, LedgerFixture.applied("3"))).isFalse();
		}
		assertThat(this.fixture.entry("3").application()).isNotNull();
	}

	@Test
	void applicationIsRecordedInTransactionOfConnection() throws Exception {
		try (Connection connection = this.fixture.database().openConnection()) {
			connection.setAutoCommit(false);
			assertThat(this.ledger.recordApplied(connection, LedgerFixture.applied("3"))).isTrue();
			assertThat(connection.getAutoCommit()).isFalse();
			connection.rollback();
			assertThat(connection.isClosed()).isFalse();
			connection.rollback();
		}
		assertThat(this.ledger.load().orElseThrow().entries()).isEmpty();
	}

	@Test
	void applicationOfRegisteredScriptIsRecordedByOneOfTen() throws Exception {
		this.ledger.register(List.of(LedgerFixture.script("3")), null);
		assertThat(recordAppliedInParallel(true)).containsOnlyOnce(true).hasSize(10);
	}

	@Test
	void applicationOfUnregisteredScriptIsRecordedByOneOfTen() throws Exception {
		assertThat(recordAppliedInParallel(true)).containsOnlyOnce(true).hasSize(10);
	}

	@Test
	void applicationIsRecordedByOneOfTenInTheirTransactions() throws Exception {
		assertThat(recordAppliedInParallel(false)).containsOnlyOnce(true).hasSize(10);
	}

	private List<Boolean> recordAppliedInParallel(boolean autoCommit) throws Exception {
		return LedgerFixture.inParallel(10, () -> {
			try (Connection connection = this.fixture.database().openConnection()) {
				connection.setAutoCommit(autoCommit);
				boolean recorded = this.ledger.recordApplied(connection, LedgerFixture.applied("3"));
				// the transaction is still usable
				assertThat(this.ledger.lock(connection, "3")).get().extracting(Entry::application).isNotNull();
				if (!autoCommit) {
					connection.commit();
				}
				return recorded;
			}
		});
	}

	@Test
	void checkpointIsKeptUntilApplied() throws Exception {
		this.ledger.register(List.of(LedgerFixture.script("3")), null);
		try (Connection connection = this.fixture.database().openConnection()) {
			Checkpoint checkpoint = new Checkpoint(4, true, "abcdef", 7, 3_000_000_000L);
			this.ledger.saveCheckpoint(connection, LedgerFixture.script("3"), checkpoint);
			this.ledger.saveCheckpoint(connection, LedgerFixture.script("3"), checkpoint);
			assertThat(this.fixture.entry("3").checkpoint()).isEqualTo(checkpoint);
			this.ledger.recordApplied(connection, LedgerFixture.applied("3"));
			assertThat(this.fixture.entry("3").checkpoint()).isNull();
		}
	}

	@Test
	void checkpointOfUnregisteredScriptRegistersIt() throws Exception {
		Checkpoint checkpoint = new Checkpoint(1, false, "a");
		try (Connection connection = this.fixture.database().openConnection()) {
			this.ledger.saveCheckpoint(connection, LedgerFixture.script("3", 5), checkpoint);
		}
		Entry entry = this.fixture.entry("3");
		assertThat(entry.checkpoint()).isEqualTo(checkpoint);
		assertThat(entry.checksum()).isEqualTo(5);
		assertThat(entry.application()).isNull();
	}

	@Test
	void errorOnConnectionOfCallerIsThatOfDriver() throws Exception {
		this.fixture.execute("drop table {ledger}");
		try (Connection connection = this.fixture.database().openConnection()) {
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> this.ledger.lock(connection, "3"));
		}
	}

	@Test
	void lastRunCountsAsFailedAtTheMigrationThatFailed() {
		this.ledger.register(List.of(LedgerFixture.script("3"), LedgerFixture.script("5")), null);
		MigrationRun run = this.fixture.claim(this.fixture.queuedRun("3", "5"), LedgerFixture.LEASE);
		assertThat(this.ledger.recordAttempt("3", run.id(), LedgerFixture.OWNER)).isTrue();
		assertThat(this.ledger.recordAttempt("5", run.id(), LedgerFixture.OWNER)).isTrue();
		assertThat(this.ledger.recordAttempt("5", run.id(), "somebody else")).isFalse();
		assertThat(this.fixture.entry("5").lastRunId()).isEqualTo(run.id());
		assertThat(this.fixture.entry("5").lastRunFailed()).isFalse();
		Failure failure = new Failure("SQL_ERROR", null, null, null, null, "5", 1, 1, "Fix it");
		this.fixture.runs()
			.finish(run.id(), LedgerFixture.OWNER,
					new Outcome(MigrationRunStatus.FAILED, failure, null, Contention.NONE, "failed"));
		assertThat(this.fixture.entry("3").lastRunFailed()).isFalse();
		assertThat(this.fixture.entry("5").lastRunFailed()).isTrue();
	}

	@Test
	void lockedEntryMakesOthersWaitButLetsRunsGoOn() throws Exception {
		this.ledger.register(List.of(LedgerFixture.script("3")), null);
		MigrationRun run = this.fixture.runningRun();
		this.ledger.recordAttempt("3", run.id(), LedgerFixture.OWNER);
		try (Connection connection = this.fixture.database().openConnection();
				Connection other = this.fixture.database().openConnection()) {
			connection.setAutoCommit(false);
			assertThat(this.ledger.lock(connection, "3")).contains(this.fixture.entry("3"));
			assertThat(this.ledger.lock(connection, "4")).isEmpty();
			assertThat(isLocked(other, "select version from {ledger} where version = '3' for update")).isTrue();
			assertThat(isLocked(other, "select id from {run} where status = 'RUNNING' for update")).isFalse();
			connection.rollback();
			assertThat(isLocked(other, "select version from {ledger} where version = '3' for update")).isFalse();
		}
	}

	private boolean isLocked(Connection connection, String sql) throws SQLException {
		try (var statement = connection.createStatement();
				var resultSet = statement.executeQuery(this.fixture.tables().sql(sql) + " nowait")) {
			return !resultSet.next();
		}
		catch (SQLException ex) {
			return true;
		}
	}

	@Test
	void connectionsInManualCommitModeWork() throws Exception {
		HikariDataSource dataSource = this.fixture.pool((config) -> config.setAutoCommit(false));
		LedgerTables tables = this.fixture.tables("manual");
		JdbcMigrationLedger manual = new JdbcMigrationLedger(dataSource, tables, "flyway_schema_history");
		JdbcMigrationRunRepository runs = new JdbcMigrationRunRepository(dataSource, tables);
		assertThat(manual.load()).isEmpty();
		manual.createTables();
		manual.register(List.of(LedgerFixture.script("3")), null);
		runs.create(LedgerFixture.newRun("3"));
		assertThat(runs.findActive()).isPresent();
		assertThat(this.fixture.database().queryForString(tables.sql("select count(*) from {ledger}"))).isEqualTo("1");
	}

	@Test
	void longTextsAreCut() throws Exception {
		String text = "Ωmega 😀 ".repeat(20_000);
		AppliedRecord record = new AppliedRecord(LedgerFixture.script("3"), text, Origin.MANUAL, null, Duration.ZERO, 0,
				text, text);
		try (Connection connection = this.fixture.database().openConnection()) {
			assertThat(this.ledger.recordApplied(connection, record)).isTrue();
		}
		Application application = this.fixture.entry("3").application();
		assertThat(application).isNotNull();
		assertThat(application.by()).startsWith("Ωmega 😀").endsWith("…").hasSizeLessThanOrEqualTo(255);
		assertThat(application.reason()).startsWith("Ωmega 😀").endsWith("…").hasSizeGreaterThan(15_000);
	}

}
