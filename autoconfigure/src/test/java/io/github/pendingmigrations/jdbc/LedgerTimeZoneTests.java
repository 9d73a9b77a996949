package io.github.pendingmigrations.jdbc;

import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.TimeZone;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * What becomes of times where JVMs have different time zones. Changes the one of this
 * JVM, and is therefore alone.
 */
@EveryDatabase
@Isolated
class LedgerTimeZoneTests {

	private final LedgerFixture fixture;

	LedgerTimeZoneTests(DatabaseServer server) throws SQLException {
		this.fixture = new LedgerFixture(server);
	}

	@BeforeEach
	void createTables() throws SQLException {
		this.fixture.ledger().createTables();
	}

	@AfterEach
	void dropDatabase() {
		this.fixture.close();
	}

	@Test
	void timeIsThatOfTheWorldInEveryZone() throws Exception {
		TimeZone zone = TimeZone.getDefault();
		try {
			TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
			this.fixture.ledger().register(List.of(LedgerFixture.script("3")), null);
			TimeZone.setDefault(TimeZone.getTimeZone("America/St_Johns"));
			HikariDataSource otherZone = this.fixture.database().dataSource(1);
			JdbcMigrationLedger other = new JdbcMigrationLedger(otherZone, this.fixture.tables(),
					"flyway_schema_history");
			Entry entry = other.load().orElseThrow().entries().get(0);
			assertThat(entry.firstSeenAt()).isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
			assertThat(this.fixture.entry("3").firstSeenAt()).isEqualTo(entry.firstSeenAt());
		}
		finally {
			TimeZone.setDefault(zone);
		}
	}

}
