package io.github.pendingmigrations.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests for {@link LedgerSchema}.
 */
@EveryDatabase
class LedgerSchemaTests {

	private final DatabaseServer server;

	private LedgerFixture fixture;

	LedgerSchemaTests(DatabaseServer server) {
		this.server = server;
	}

	@BeforeEach
	void createDatabase() throws SQLException {
		this.fixture = new LedgerFixture(this.server);
	}

	@AfterEach
	void dropDatabase() {
		this.fixture.close();
	}

	@Test
	void createsEveryTable() {
		this.fixture.ledger().createTables();
		assertThat(this.fixture.database().tableNames())
			.containsExactlyInAnyOrderElementsOf(this.fixture.tables().names());
	}

	@Test
	void createdTablesStayAsTheyAre() throws Exception {
		this.fixture.ledger().createTables();
		this.fixture.queuedRun("3");
		this.fixture.ledger().createTables();
		try (Connection connection = this.fixture.database().openConnection()) {
			this.fixture.ledger().createTables(connection);
		}
		assertThat(this.fixture.runs().findActive()).isPresent();
		assertThat(schemaVersions()).isEqualTo("1");
	}

	@Test
	void twentyInstancesCreateTablesAtOnce() throws Exception {
		HikariDataSource dataSource = this.fixture.database().dataSource(20);
		JdbcMigrationLedger ledger = new JdbcMigrationLedger(dataSource, this.fixture.tables(),
				"flyway_schema_history");
		LedgerFixture.inParallel(20, () -> {
			ledger.createTables();
			return ledger.load().orElseThrow();
		});
		assertThat(schemaVersions()).isEqualTo("1");
	}

	@Test
	void twentyInstancesCreateTablesOnTheirConnectionsAtOnce() throws Exception {
		LedgerFixture.inParallel(20, () -> {
			try (Connection connection = this.fixture.database().openConnection()) {
				this.fixture.ledger().createTables(connection);
				assertThat(connection.getAutoCommit()).isTrue();
			}
			return true;
		});
		assertThat(schemaVersions()).isEqualTo("1");
	}

	@Test
	void tenInstancesCreateTablesInTheirTransactionsAtOnce() throws Exception {
		LedgerFixture.inParallel(10, () -> {
			try (Connection connection = this.fixture.database().openConnection()) {
				connection.setAutoCommit(false);
				this.fixture.ledger().createTables(connection);
				this.fixture.ledger().beginInitialization(connection);
				connection.commit();
			}
			return true;
		});
		assertThat(schemaVersions()).isEqualTo("1");
		assertThat(this.fixture.ledger().load().orElseThrow().initializingSince()).isNotNull();
	}

	@Test
	void tablesDisappearWithTransaction() throws Exception {
		assumeThat(this.fixture.tables().product().hasTransactionalDdl()).isTrue();
		try (Connection connection = this.fixture.database().openConnection()) {
			connection.setAutoCommit(false);
			this.fixture.ledger().createTables(connection);
			assertThat(connection.isClosed()).isFalse();
			connection.rollback();
		}
		assertThat(this.fixture.ledger().load()).isEmpty();
	}

	@Test
	void cutOffCreationIsCompleted() {
		this.fixture.ledger().createTables();
		this.fixture.execute("delete from {meta}");
		this.fixture.execute("drop table {event}");
		assertThat(this.fixture.ledger().load()).isEmpty();
		this.fixture.ledger().createTables();
		assertThat(this.fixture.ledger().load()).isPresent();
		assertThat(this.fixture.database().tableNames())
			.containsExactlyInAnyOrderElementsOf(this.fixture.tables().names());
	}

	@Test
	void tablesOfLaterVersionAreUsedAndLeftAsTheyAre() {
		this.fixture.ledger().createTables();
		this.fixture.execute("alter table {run} add column added_later integer");
		this.fixture.execute("update {meta} set schema_version = 99");
		this.fixture.ledger().createTables();
		this.fixture.queuedRun("3");
		assertThat(this.fixture.runs().findActive()).isPresent();
		assertThat(schemaVersions()).isEqualTo("99");
	}

	@Test
	void twoPrefixesLiveSideBySide() throws Exception {
		this.fixture.ledger().createTables();
		JdbcMigrationLedger other = new JdbcMigrationLedger(this.fixture.database().dataSource(),
				this.fixture.tables("Other"), "flyway_schema_history");
		assertThat(other.load()).isEmpty();
		other.createTables();
		assertThat(other.load()).isPresent();
		assertThat(this.fixture.database().tableNames()).hasSize(10);
	}

	@Test
	void longestPrefixFits() throws Exception {
		new JdbcMigrationLedger(this.fixture.database().dataSource(), this.fixture.tables("p".repeat(41)),
				"flyway_schema_history")
			.createTables();
		assertThat(this.fixture.database().tableNames()).hasSize(5);
	}

	@Test
	void namesAreQualified() throws Exception {
		this.fixture.ledger().createTables();
		HikariDataSource elsewhere = this.fixture.pool((config) -> config.setConnectionInitSql(switch (this.server) {
			case H2 -> "set schema information_schema";
			case POSTGRESQL -> "set search_path = 'information_schema'";
			case MARIADB, MYSQL -> "use information_schema";
		}));
		JdbcMigrationLedger ledger = new JdbcMigrationLedger(elsewhere, this.fixture.tables(), "flyway_schema_history");
		JdbcMigrationRunRepository runs = new JdbcMigrationRunRepository(elsewhere, this.fixture.tables());
		assertThat(ledger.load()).isPresent();
		assertThat(runs.create(LedgerFixture.newRun("3"))).isPresent();
		this.fixture.execute("delete from {meta}");
		this.fixture.execute("drop table {event}");
		ledger.createTables();
		assertThat(this.fixture.database().tableNames()).hasSize(5);
	}

	private String schemaVersions() {
		return String.join(",",
				this.fixture.database().queryForList(this.fixture.tables().sql("select schema_version from {meta}")));
	}

}
