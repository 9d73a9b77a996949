package io.github.pendingmigrations.online;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.pendingmigrations.online.Migrator.Ended;
import io.github.pendingmigrations.online.Migrator.Prepared;
import io.github.pendingmigrations.test.DatabaseServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A column is dropped while autovacuum is at work on the table. It gives way only to a
 * statement that has waited for it longer than its own {@code deadlock_timeout}.
 */
@Isolated
class AutovacuumTests {

	private static final String SCRIPT = "alter table item drop column legacy;";

	/** Its slowest pace: about one page in two seconds. */
	private static final String PROVOKE = "alter table item set (autovacuum_enabled = true, "
			+ "autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, "
			+ "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)";

	private static final String WORKERS = "select pid from pg_stat_activity where datname = current_database() "
			+ "and backend_type = 'autovacuum worker' and query like 'autovacuum: VACUUM%public.item%'";

	private static final Duration WORST = Duration.ofMillis(150);

	private static final Duration SUCCESS = Duration.ofSeconds(10);

	/** The {@code deadlock_timeout} of the server, and a margin. */
	private static final Duration WORST_EVICTION = Duration.ofMillis(1500);

	/** Which must not set {@code deadlock_timeout}, nor see what others do. */
	private static final String ROLE = "autovacuum_tests_owner";

	private final OnlineForm form = OnlineForm.selected();

	@BeforeEach
	void wakeAutovacuumEachSecond() {
		alterSystem("alter system set autovacuum_naptime = '1s'");
	}

	@AfterEach
	void restore() {
		alterSystem("alter system reset autovacuum_naptime");
	}

	@Test
	void autovacuumGivesWay() throws SQLException {
		try (FigureTable table = new FigureTable("3: DROP COLUMN while autovacuum works on the table, POSTGRESQL",
				"migrator", "worst statement", "stalled", "errors", "attempts", "until success", "worst elsewhere",
				"worst before")) {
			for (int i = 0; i < this.form.repetitions(); i++) {
				Felt felt = Noise.quiet(() -> measure(Migrator.PENDING, table),
						(measured) -> measured.noise().drowns(WORST));
				felt.requireNoErrors();
				felt.requireWorst(WORST);
			}
			if (this.form.hasAllControls()) {
				measure(Migrator.FLYWAY, table);
			}
		}
	}

	@Test
	void autovacuumGivesWayToWhoMustNotSayHowSoon() throws SQLException {
		alterSystem("create role " + ROLE + " login password '" + ROLE + "'");
		try (FigureTable table = new FigureTable(
				"3b: DROP COLUMN while autovacuum works on the table, by an ordinary role of POSTGRESQL", "migrator",
				"worst statement", "stalled", "errors", "attempts", "until success", "worst elsewhere",
				"worst before")) {
			Felt felt = Noise.quiet(() -> measure(Migrator.PENDING, table, Stage.ownedBy(ROLE, ROLE)),
					(measured) -> measured.noise().drowns(WORST_EVICTION));
			felt.requireNoErrors();
			felt.requireWorst(WORST_EVICTION);
		}
		finally {
			alterSystem("drop role " + ROLE);
		}
	}

	private Felt measure(Migrator migrator, FigureTable table) throws SQLException {
		return measure(migrator, table, Stage.on(DatabaseServer.POSTGRESQL));
	}

	private Felt measure(Migrator migrator, FigureTable table, Stage of) throws SQLException {
		try (Stage stage = of;
				Prepared prepared = migrator.prepare(stage, SCRIPT);
				Traffic traffic = stage.traffic(this.form.calibration())) {
			stage.database().execute(PROVOKE, "update item set hits = hits + 1");
			List<String> worker = Awaitility.await()
				.atMost(Duration.ofSeconds(90))
				.until(() -> stage.database().queryForList(WORKERS), (pids) -> pids.size() == 1);
			long since = System.nanoTime();
			Ended ended = prepared.start().join();
			Duration duration = Duration.ofNanos(ended.at() - since);
			assertThat(stage.database().queryForList(WORKERS)).as("autovacuum workers")
				.doesNotContainAnyElementsOf(worker);
			Felt felt = traffic.stop(since);
			table.row(migrator, felt.table().worst(), felt.table().stalled(), felt.table().errors().size(),
					ended.outcome().attempts(), duration, felt.witness().worst(), felt.calm().worst());
			assertThat(ended.outcome().succeeded()).isTrue();
			assertThat(duration).as("time until %s succeeded", migrator).isLessThan(SUCCESS);
			return felt;
		}
	}

	private static void alterSystem(String statement) {
		try (Stage stage = Stage.on(DatabaseServer.POSTGRESQL)) {
			stage.database().execute(statement, "select pg_reload_conf()");
		}
	}

}
