package io.github.pendingmigrations.jdbc;

import java.sql.Connection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

import javax.sql.DataSource;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests that the settings of drivers and sessions do not matter.
 */
class ConnectionSettingsTests {

	@ParameterizedTest
	@ValueSource(strings = { "MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH",
			"MODE=MySQL;DATABASE_TO_LOWER=TRUE", "MODE=MariaDB", "MODE=LEGACY", "DATABASE_TO_UPPER=FALSE",
			"CASE_INSENSITIVE_IDENTIFIERS=TRUE", "TIME ZONE=Asia/Tokyo" })
	void h2(String settings) throws Exception {
		assumeThat(DatabaseServer.selected()).contains(DatabaseServer.H2);
		try (TestDatabase database = DatabaseServer.H2.createDatabase()) {
			String url = "jdbc:h2:mem:" + database.name() + "_x;DB_CLOSE_DELAY=-1;" + settings;
			DataSource dataSource = new DriverManagerDataSource(url);
			runGoesFromRequestToEnd(dataSource);
			try (Connection connection = dataSource.getConnection(); var statement = connection.createStatement()) {
				statement.execute("shutdown");
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "preferQueryMode=simple", "stringtype=unspecified", "prepareThreshold=1",
			"autosave=always", "options=-c%20default_transaction_isolation=serializable%20-c%20TimeZone=Asia/Tokyo" })
	void postgresql(String settings) throws Exception {
		runsOn(DatabaseServer.POSTGRESQL, "jdbc:postgresql:", settings);
	}

	@ParameterizedTest
	@ValueSource(strings = { "useAffectedRows=true", "useServerPrepStmts=true", "timezone=+09:00",
			"sessionVariables=time_zone='+09:00'", "sessionVariables=sql_mode='ANSI'",
			"sessionVariables=sql_mode='NO_BACKSLASH_ESCAPES'", "sessionVariables=tx_isolation='SERIALIZABLE'" })
	void mariadb(String settings) throws Exception {
		runsOn(DatabaseServer.MARIADB, "jdbc:mariadb:", settings);
	}

	@ParameterizedTest
	@ValueSource(strings = { "connectTimeout=0", "useAffectedRows=true", "useServerPrepStmts=true",
			"connectionTimeZone=Asia/Tokyo&forceConnectionTimeZoneToSession=false", "preserveInstants=false",
			"databaseTerm=SCHEMA" })
	void mariadbWithDriverOfMysql(String settings) throws Exception {
		runsOn(DatabaseServer.MARIADB, "jdbc:mysql:", settings);
	}

	private static void runsOn(DatabaseServer server, String driver, String settings) throws Exception {
		assumeThat(DatabaseServer.selected()).contains(server);
		assumeThat(server.reasonNotToRun()).isEmpty();
		try (TestDatabase database = server.createDatabase()) {
			String url = database.jdbcUrl().replaceFirst("jdbc:[a-z]+:", driver);
			url += (url.contains("?") ? "&" : "?") + settings;
			runGoesFromRequestToEnd(new DriverManagerDataSource(url, database.username(), database.password()));
		}
	}

	private static void runGoesFromRequestToEnd(DataSource dataSource) throws Exception {
		LedgerTables tables = LedgerFixture.tables(dataSource, LedgerTables.DEFAULT_PREFIX);
		JdbcMigrationLedger ledger = new JdbcMigrationLedger(dataSource, tables, "flyway_schema_history");
		JdbcMigrationRunRepository runs = new JdbcMigrationRunRepository(dataSource, tables);
		assertThat(ledger.load()).isEmpty();
		ledger.createTables();
		ledger.createTables();
		assertThat(ledger.register(List.of(LedgerFixture.script("3")), null)).containsExactly("3");
		assertThat(ledger.register(List.of(LedgerFixture.script("3")), null)).isEmpty();
		MigrationRun run = runs.create(LedgerFixture.newRun("3")).orElseThrow();
		assertThat(run.request().at()).isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
		assertThat(runs.create(LedgerFixture.newRun("3"))).isEmpty();
		assertThat(runs.claim(run.id(), LedgerFixture.CLAIM)).isPresent();
		assertThat(runs.heartbeat(run.id(), LedgerFixture.OWNER, LedgerFixture.LEASE)).isPresent();
		assertThat(runs.saveProgress(run.id(), LedgerFixture.OWNER, LedgerFixture.PROGRESS)).isTrue();
		assertThat(runs.saveProgress(run.id(), LedgerFixture.OWNER, LedgerFixture.PROGRESS)).isTrue();
		assertThat(runs.findExpired()).isEmpty();
		try (Connection connection = dataSource.getConnection()) {
			connection.setAutoCommit(false);
			ledger.beginInitialization(connection);
			ledger.beginInitialization(connection);
			assertThat(ledger.lock(connection, "3")).isPresent();
			assertThat(runs.holdsLease(connection, run.id(), LedgerFixture.OWNER)).isTrue();
			ledger.saveCheckpoint(connection, LedgerFixture.script("3"), new Checkpoint(1, true, "a"));
			ledger.saveCheckpoint(connection, LedgerFixture.script("3"), new Checkpoint(1, true, "a"));
			ledger.saveCheckpoint(connection, LedgerFixture.script("4"), new Checkpoint(1, true, "a"));
			assertThat(ledger.recordApplied(connection, LedgerFixture.applied("3"))).isTrue();
			assertThat(ledger.recordApplied(connection, LedgerFixture.applied("3"))).isFalse();
			assertThat(ledger.recordApplied(connection, LedgerFixture.applied("5"))).isTrue();
			assertThat(runs.finish(connection, run.id(), LedgerFixture.OWNER,
					LedgerFixture.outcome(MigrationRunStatus.SUCCEEDED)))
				.isTrue();
			connection.commit();
		}
		assertThat(ledger.load().orElseThrow().entries()).hasSize(3)
			.filteredOn((entry) -> entry.application() != null)
			.hasSize(2);
		ledger.endInitialization();
		ledger.endInitialization();
		assertThat(runs.find(new RunQuery(MigrationRunStatus.SUCCEEDED, "3", 0, 10))).hasSize(1);
		assertThat(runs.events(run.id())).hasSize(3);
	}

}
