package io.github.pendingmigrations.preflight;

import java.io.IOException;
import java.net.ServerSocket;
import java.sql.Connection;
import java.time.Duration;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.Notice.Code;
import io.github.pendingmigrations.StatementLocks.Work;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A database that does not answer takes no more than the time that there is.
 */
class TimeBoxTests {

	private static final Duration BUDGET = Duration.ofMillis(500);

	/**
	 * Far less than the time-outs of drivers and pools, and enough for a busy machine.
	 */
	private static final Duration LIMIT = Duration.ofSeconds(5);

	@Test
	void serverThatNeverAnswersCostsTheBudgetOnly() throws IOException {
		try (ServerSocket silent = new ServerSocket(0)) {
			PGSimpleDataSource dataSource = new PGSimpleDataSource();
			dataSource.setUrl("jdbc:postgresql://localhost:" + silent.getLocalPort() + "/silent");
			long started = System.nanoTime();
			Preflight preflight = new Script(DatabaseProduct.POSTGRESQL).within(BUDGET)
				.locks("issue", "ACCESS EXCLUSIVE", Work.NONE)
				.inspect(dataSource, "public");
			assertThat(Duration.ofNanos(System.nanoTime() - started)).isBetween(BUDGET, LIMIT);
			assertThat(preflight.locks()).hasSize(1);
			assertThat(preflight.notices()).extracting(Notice::code).containsExactly(Code.NOT_INSPECTED);
			assertThat(preflight.notices().get(0).message()).contains("locks that others hold", "sizes of tables");
		}
	}

	@Test
	void poolWithoutAFreeConnectionCostsTheBudgetOnly() throws Exception {
		try (TestDatabase database = DatabaseServer.H2.createDatabase();
				HikariDataSource pool = database.dataSource(1)) {
			Script script = new Script(DatabaseProduct.H2).within(BUDGET).locks("ISSUE", "EXCLUSIVE", Work.NONE);
			try (Connection taken = pool.getConnection()) {
				long started = System.nanoTime();
				assertThat(script.inspect(pool, "PUBLIC").notices()).extracting(Notice::code)
					.contains(Code.NOT_INSPECTED);
				assertThat(Duration.ofNanos(System.nanoTime() - started)).isBetween(BUDGET, LIMIT);
				assertThat(taken.isClosed()).isFalse();
			}
			assertThat(script.within(LIMIT).inspect(pool, "PUBLIC").notices()).extracting(Notice::code)
				.doesNotContain(Code.NOT_INSPECTED);
		}
	}

	@Test
	void serverThatRefusesIsTold() {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl("jdbc:postgresql://localhost:1/nobody");
		Preflight preflight = new Script(DatabaseProduct.POSTGRESQL).within(LIMIT).inspect(dataSource, "public");
		assertThat(preflight.notices()).isNotEmpty().allMatch((notice) -> notice.code() == Code.NOT_INSPECTED);
	}

}
