package io.github.pendingmigrations.jdbc;

import java.time.Duration;
import java.util.List;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunRepository.Retention;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is kept of runs that have ended.
 */
@EveryDatabase
class RetentionTests {

	private static final Duration LONG = Duration.ofDays(90);

	private final DatabaseServer server;

	private final LedgerFixture fixture;

	private final JdbcMigrationRunRepository runs;

	RetentionTests(DatabaseServer server) throws Exception {
		this.server = server;
		this.fixture = new LedgerFixture(server);
		this.fixture.ledger().createTables();
		this.runs = this.fixture.runs();
	}

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void tablesStaySmallAfterTenThousandRuns() {
		MigrationRun first = ended(this.fixture.runningRun());
		multiply(first, 14);
		assertThat(count("{run}")).isEqualTo(16384);
		assertThat(count("{event}")).isEqualTo(3 * 16384);
		MigrationRun active = this.fixture.queuedRun("4");
		Retention retention = new Retention(1000, LONG);
		long started = System.nanoTime();
		int batches = 0;
		while (this.runs.removeOld(retention, 500) > 0) {
			batches++;
		}
		assertThat(batches).isEqualTo(31);
		assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(60));
		assertThat(count("{run}")).isEqualTo(1000);
		assertThat(count("{event}")).isEqualTo(3 * 999 + 1);
		assertThat(this.runs.findActive()).contains(active);
	}

	@Test
	void whatTheLedgerRefersToIsKeptHoweverOldItIs() {
		this.fixture.ledger().register(List.of(LedgerFixture.script("3"), LedgerFixture.script("4")), null);
		MigrationRun running = this.fixture.runningRun();
		this.fixture.ledger().recordAttempt("3", running.id(), LedgerFixture.OWNER);
		MigrationRun unfinished = ended(running);
		MigrationRun applied = ended(this.fixture.runningRun());
		this.fixture.execute("update {ledger} set applied_run_id = '" + applied.id() + "' where version = '4'");
		MigrationRun other = ended(this.fixture.runningRun());
		this.fixture.execute("update {run} set requested_at = " + longAgo());
		MigrationRun active = this.fixture.queuedRun("4");
		assertThat(this.runs.removeOld(new Retention(1000, LONG), 100)).isEqualTo(1);
		assertThat(this.runs.find(other.id())).isEmpty();
		assertThat(this.runs.events(other.id())).isEmpty();
		for (MigrationRun kept : List.of(unfinished, applied, active)) {
			assertThat(this.runs.find(kept.id())).isPresent();
			assertThat(this.runs.events(kept.id())).isNotEmpty();
		}
		assertThat(this.runs.removeOld(new Retention(0, Duration.ZERO), 100)).isZero();
	}

	@Test
	void cancellationIsKeptAsLongAsTheMigrationWaits() throws Exception {
		this.fixture.ledger().register(List.of(LedgerFixture.script("3")), null);
		MigrationRun cancelled = this.fixture.queuedRun("3");
		this.runs.requestCancel(cancelled.id(), LedgerFixture.REQUESTER, false);
		this.fixture.execute("update {run} set requested_at = " + longAgo());
		assertThat(this.runs.removeOld(new Retention(1000, LONG), 100)).isZero();
		this.fixture.execute("update {ledger} set applied_at = first_seen_at");
		assertThat(this.runs.removeOld(new Retention(1000, LONG), 100)).isEqualTo(1);
	}

	@Test
	void oneInstanceGetsItsTurn() throws Exception {
		assertThat(LedgerFixture.inParallel(8, () -> this.runs.takeTurnToRemove(Duration.ofHours(1))))
			.containsOnlyOnce(true);
		assertThat(this.runs.takeTurnToRemove(Duration.ofHours(1))).isFalse();
		assertThat(this.runs.takeTurnToRemove(Duration.ofMillis(-1000))).isTrue();
	}

	@Test
	void runsAreFoundByIndex() {
		Assumptions.assumeTrue(this.server == DatabaseServer.POSTGRESQL,
				"It shows its plans in the way that is read here");
		multiply(ended(this.fixture.runningRun()), 12);
		this.fixture.execute("analyze {run}");
		this.fixture.execute("analyze {event}");
		assertThat(plan("select * from {run} order by requested_at desc, id desc limit 20"))
			.contains("_run_requested_at");
		assertThat(plan("select * from {run} where active_key = 'active'")).contains("Index Scan");
		assertThat(plan("select * from {event} where run_id = '1' order by id")).contains("_event_run_id");
	}

	private String plan(String sql) {
		return String.join("\n", this.fixture.database().queryForList("explain " + this.fixture.tables().sql(sql)));
	}

	private String longAgo() {
		return switch (this.server) {
			case H2 -> "dateadd(day, -91, requested_at)";
			case POSTGRESQL -> "requested_at - interval '91 days'";
			case MARIADB, MYSQL -> "requested_at - interval 91 day";
		};
	}

	private MigrationRun ended(MigrationRun run) {
		assertThat(this.runs.finish(run.id(), LedgerFixture.OWNER, LedgerFixture.outcome(MigrationRunStatus.FAILED)))
			.isTrue();
		return run;
	}

	/**
	 * Doubles the runs and their events.
	 */
	private void multiply(MigrationRun run, int times) {
		List<String> columns = this.fixture.database()
			.queryForList("select lower(column_name) from information_schema.columns where lower(table_name) = "
					+ "'pending_migration_run' and lower(column_name) <> 'id' and lower(table_schema) = "
					+ ((this.server == DatabaseServer.MARIADB || this.server == DatabaseServer.MYSQL) ? "database()"
							: "lower(current_schema)"));
		String names = String.join(", ", columns);
		String earlier = switch (this.server) {
			case H2 -> "dateadd(millisecond, -%d, requested_at)";
			case POSTGRESQL -> "requested_at - interval '%d milliseconds'";
			case MARIADB, MYSQL -> "requested_at - interval %d000 microsecond";
		};
		for (int time = 0; time < times; time++) {
			String values = names.replace("requested_at", earlier.formatted(1 << time));
			this.fixture.execute("insert into {run} (id, " + names + ") select " + doubled("id", time) + ", " + values
					+ " from {run}");
			this.fixture.execute("insert into {event} (run_id, occurred_at, type, detail) select "
					+ doubled("run_id", time) + ", occurred_at, type, detail from {event}");
		}
	}

	/**
	 * Another id for each, which differs in a digit of the last group, or of the one
	 * before.
	 */
	private static String doubled(String column, int time) {
		int digit = (time < 12) ? 25 + time : 9 + time;
		return "concat(substring(%1$s, 1, %2$d), case when substring(%1$s, %3$d, 1) = 'f' then 'e' else 'f' end, substring(%1$s, %4$d))"
			.formatted(column, digit - 1, digit, digit + 1);
	}

	private int count(String table) {
		return Integer.parseInt(String.valueOf(
				this.fixture.database().queryForString(this.fixture.tables().sql("select count(*) from " + table))));
	}

}
