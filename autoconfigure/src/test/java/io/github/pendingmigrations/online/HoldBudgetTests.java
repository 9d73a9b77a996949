package io.github.pendingmigrations.online;

import java.sql.SQLException;
import java.time.Duration;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.online.Migrator.Ended;
import io.github.pendingmigrations.online.Migrator.Prepared;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A statement gets its lock at once and then rewrites the table for seconds.
 */
@Isolated
@EveryDatabase
class HoldBudgetTests {

	private static final Duration BUDGET = Duration.ofMillis(500);

	private static final Duration MAX_LOCK_TIMEOUT = Duration.ofMillis(500);

	private static final Duration SLACK = Duration.ofMillis(250);

	private final OnlineForm form = OnlineForm.selected();

	private final DatabaseServer server;

	HoldBudgetTests(DatabaseServer server) {
		this.server = server;
	}

	@Test
	void rewriteIsStoppedAndReported() throws SQLException {
		String script = rewriteOfSeconds();
		Result ours;
		try (FigureTable table = new FigureTable(
				"4: a statement that rewrites the table, hold budget %d ms, %s".formatted(BUDGET.toMillis(),
						this.server),
				"migrator", "outcome", "worst statement", "stalled", "errors", "worst elsewhere", "worst before")) {
			ours = Noise.quiet(() -> measure(Migrator.PENDING, script, table),
					(result) -> result.felt().noise().drowns(BUDGET));
			if (this.form.hasAllControls()) {
				Result control = measure(Migrator.FLYWAY, script, table);
				assertThat(control.felt().table().worst()).as("what the control stalls")
					.isGreaterThan(BUDGET.multipliedBy(4));
			}
		}
		ours.felt().requireNoErrors();
		ours.felt().requireWorst(MAX_LOCK_TIMEOUT.plus(BUDGET).plus(SLACK));
		assertThat(ours.columns()).as("columns of the table, which nothing has changed").isEqualTo("5");
		assertThat(ours.failure()).isNotNull();
		assertThat(ours.failure().kind()).isEqualTo("HOLD_BUDGET_EXCEEDED");
		assertThat(ours.failure().line()).isEqualTo(1);
		assertThat(ours.failure().advice()).contains("hold-budget");
	}

	private String rewriteOfSeconds() {
		return switch (this.server) {
			// At least 1 ms for every second row
			case POSTGRESQL -> "alter table item add column digest text default slowly();";
			// Reads go on, updates wait; without 'shared' MariaDB 11.4 copies beside both
			case MARIADB, MYSQL ->
				"alter table item add column digest char(128) default (sha2(repeat(title, 30000), 512)), lock = shared;";
			case H2 -> Assumptions.abort("H2 runs inside the application");
		};
	}

	private Result measure(Migrator migrator, String script, FigureTable table) throws SQLException {
		try (Stage stage = Stage.on(this.server)) {
			if (this.server == DatabaseServer.POSTGRESQL) {
				stage.database()
					.execute("create function slowly() returns text language plpgsql as "
							+ "'begin if random() < 0.5 then perform pg_sleep(0.001); end if; return null; end'");
			}
			stage.release().property("pending-migrations.execution.hold-budget", BUDGET.toMillis() + "ms");
			try (Prepared prepared = migrator.prepare(stage, script);
					Traffic traffic = stage.traffic(this.form.calibration())) {
				long since = System.nanoTime();
				Ended ended = prepared.start().join();
				Felt felt = traffic.stop(since);
				MigrationRun run = ended.outcome().run();
				MigrationRun.Failure failure = (run != null) ? run.failure() : null;
				String done = ended.outcome().succeeded() ? "done" : "failed";
				table.row(migrator, (failure != null) ? failure.kind() : done, felt.table().worst(),
						felt.table().stalled(), felt.table().errors().size(), felt.witness().worst(),
						felt.calm().worst());
				return new Result(felt, failure, columns(stage));
			}
		}
	}

	private static @Nullable String columns(Stage stage) {
		return stage.database()
			.queryForString("select count(*) from information_schema.columns where table_name = 'item' "
					+ "and table_schema in ('public', '" + stage.database().name() + "')");
	}

	private record Result(Felt felt, MigrationRun.@Nullable Failure failure, @Nullable String columns) {
	}

}
