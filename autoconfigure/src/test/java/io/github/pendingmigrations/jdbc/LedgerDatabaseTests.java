package io.github.pendingmigrations.jdbc;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link LedgerDatabase}.
 */
@EveryDatabase
class LedgerDatabaseTests {

	private final DatabaseServer server;

	private LedgerFixture fixture;

	private LedgerDatabase database;

	LedgerDatabaseTests(DatabaseServer server) {
		this.server = server;
	}

	@BeforeEach
	void createDatabase() throws SQLException {
		this.fixture = new LedgerFixture(this.server);
		this.database = new LedgerDatabase(this.fixture.database().dataSource(), this.fixture.tables());
		this.fixture.execute("create table account (id integer primary key, amount integer)");
		this.fixture.execute("insert into account values (1, 0), (2, 0)");
	}

	@AfterEach
	void dropDatabase() {
		this.fixture.close();
	}

	@Test
	void victimOfDeadlockIsRepeated() throws Exception {
		AtomicInteger calls = new AtomicInteger();
		AtomicInteger threads = new AtomicInteger();
		CyclicBarrier barrier = new CyclicBarrier(2);
		LedgerFixture.inParallel(2, () -> {
			int first = threads.incrementAndGet();
			return this.database.write((client) -> {
				boolean repeated = calls.incrementAndGet() > 2;
				increment(client, first);
				if (!repeated) {
					await(barrier);
				}
				return increment(client, 3 - first);
			});
		});
		assertThat(calls).hasValue(3);
		assertThat(this.fixture.database().queryForList("select amount from account")).isEqualTo(List.of("2", "2"));
	}

	@Test
	void otherErrorIsThrownAndRolledBack() {
		AtomicInteger calls = new AtomicInteger();
		assertThatExceptionOfType(BadSqlGrammarException.class).isThrownBy(() -> this.database.write((client) -> {
			calls.incrementAndGet();
			increment(client, 1);
			return client.sql("update no_such_table set amount = 1").update();
		})).satisfies((ex) -> assertThat(LedgerDatabase.isMissingTable(ex)).isTrue());
		assertThat(calls).hasValue(1);
		assertThat(this.fixture.database().queryForList("select amount from account")).isEqualTo(List.of("0", "0"));
	}

	@Test
	void wrongColumnIsNoMissingTable() {
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(
					() -> this.database.read((client) -> client.sql("select price from account").query().listOfRows()))
			.satisfies((ex) -> assertThat(LedgerDatabase.isMissingTable(ex)).isFalse());
	}

	private static int increment(JdbcClient client, int id) {
		return client.sql("update account set amount = amount + 1 where id = :id").param("id", id).update();
	}

	private static void await(CyclicBarrier barrier) {
		try {
			barrier.await(30, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
