package io.github.pendingmigrations.online;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

import io.github.pendingmigrations.online.Migrator.Ended;
import io.github.pendingmigrations.online.Migrator.Prepared;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A column is dropped behind a transaction that has read the table and stays open.
 */
@Isolated
@EveryDatabase
class BlockedMigrationTests {

	private static final String SCRIPT = "alter table item drop column legacy;";

	private static final Duration HEAD_START = Duration.ofMillis(500);

	private static final Duration STALLED = Duration.ofMillis(300);

	private static final Duration REACTION = Duration.ofSeconds(1);

	private final OnlineForm form = OnlineForm.selected();

	private final DatabaseServer server;

	BlockedMigrationTests(DatabaseServer server) {
		this.server = server;
	}

	@Test
	void applicationDoesNotFeelIt() throws SQLException {
		Duration limit = worstStatement();
		List<Result> results = new ArrayList<>();
		Result control;
		try (FigureTable table = new FigureTable(
				"1: DROP COLUMN behind a transaction of " + this.form.blockedFor().toSeconds() + " s, " + this.server,
				"migrator", "worst statement", "longest silence", "stalled", "errors", "statements", "attempts",
				"after the transaction", "worst elsewhere", "worst before")) {
			for (int i = 0; i < this.form.repetitions(); i++) {
				results.add(Noise.quiet(() -> measure(Migrator.PENDING, table),
						(result) -> result.felt().noise().drowns(limit)));
			}
			control = measure(Migrator.FLYWAY, table);
			table.row("pending, median of " + results.size(), median(results, (felt) -> felt.table().worst()),
					median(results, (felt) -> felt.table().silence()),
					median(results, (felt) -> felt.table().stalled()), "", "", "", "", "", "");
		}
		assertThat(control.felt().table().worst()).as("what the control stalls")
			.isGreaterThan(this.form.blockedFor().minus(HEAD_START).minus(REACTION));
		for (Result result : results) {
			result.felt().requireNoErrors();
			assertThat(result.succeeded()).isTrue();
			result.felt().requireWorst(limit);
			result.felt().requireStalled(STALLED);
			assertThat(result.reaction()).as("time from the end of the transaction to success").isLessThan(REACTION);
		}
	}

	private Result measure(Migrator migrator, FigureTable table) throws SQLException {
		try (Stage stage = Stage.on(this.server);
				Prepared prepared = migrator.prepare(stage, SCRIPT);
				Traffic traffic = stage.traffic(this.form.calibration());
				LongTransaction transaction = LongTransaction.on(stage.database())) {
			long since = System.nanoTime();
			Pause.of(HEAD_START);
			CompletableFuture<Ended> migration = prepared.start();
			Pause.of(this.form.blockedFor().minus(HEAD_START));
			assertThat(migration).as("migration behind the transaction").isNotDone();
			long end = transaction.end();
			Ended ended = migration.join();
			Result result = new Result(traffic.stop(since), ended.outcome().succeeded(),
					Duration.ofNanos(ended.at() - end));
			Felt felt = result.felt();
			table.row(migrator, felt.table().worst(), felt.table().silence(), felt.table().stalled(),
					felt.table().errors().size(), felt.table().count(), ended.outcome().attempts(), result.reaction(),
					felt.witness().worst(), felt.calm().worst());
			return result;
		}
	}

	private static Duration median(List<Result> results, Function<Felt, Duration> figure) {
		return results.stream().map(Result::felt).map(figure).sorted().toList().get(results.size() / 2);
	}

	private Duration worstStatement() {
		return switch (this.server) {
			case POSTGRESQL -> Duration.ofMillis(150);
			case MARIADB -> Duration.ofMillis(60);
			// Its lock waits have a grain of one second
			case MYSQL -> Duration.ofMillis(1250);
			case H2 -> Assumptions.abort("H2 runs inside the application");
		};
	}

	private record Result(Felt felt, boolean succeeded, Duration reaction) {
	}

}
