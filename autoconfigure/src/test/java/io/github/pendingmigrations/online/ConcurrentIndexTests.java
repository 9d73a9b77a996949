package io.github.pendingmigrations.online;

import java.sql.SQLException;
import java.time.Duration;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An index is replaced by a unique one without a lock that anybody feels. The first
 * attempt meets a duplicate and leaves an invalid index.
 */
@Isolated
class ConcurrentIndexTests {

	private static final String SCRIPT = """
			create unique index concurrently item_code_unique on item (code);
			drop index concurrently item_code;
			""";

	private static final Duration WORST = Duration.ofMillis(150);

	private static final Requester OPERATOR = new Requester("ops", "test", "the duplicate is gone");

	private final OnlineForm form = OnlineForm.selected();

	@Test
	void failedFirstAttemptIsClearedAwayByTheNextOne() throws SQLException {
		try (FigureTable table = new FigureTable(
				"5: CREATE and DROP INDEX CONCURRENTLY after an invalid index, POSTGRESQL", "worst statement",
				"stalled", "errors", "statements", "worst elsewhere", "worst before")) {
			Felt felt = Noise.quiet(() -> replaceIndex(table), (measured) -> measured.noise().drowns(WORST));
			felt.requireNoErrors();
			felt.requireWorst(WORST);
		}
	}

	private Felt replaceIndex(FigureTable table) throws SQLException {
		try (Stage stage = Stage.on(DatabaseServer.POSTGRESQL)) {
			TestDatabase database = stage.database();
			database.execute("create index item_code on item (code)", "update item set code = 1 where id = 2");
			stage.release().script("P2__index.sql", SCRIPT);
			try (Instance instance = stage.release().start();
					Traffic traffic = stage.traffic(this.form.calibration())) {
				long since = System.nanoTime();
				MigrationRun failed = instance.apply("2");
				assertThat(failed.status()).isEqualTo(MigrationRunStatus.FAILED);
				MigrationRun.Failure failure = failed.failure();
				assertThat(failure).isNotNull();
				assertThat(failure.sqlState()).isEqualTo("23505");
				assertThat(isValid(database, "item_code_unique")).as("what the first attempt left").isEqualTo("false");
				assertThat(isValid(database, "item_code")).isEqualTo("true");
				database.execute("update item set code = 2 where id = 2");
				MigrationRun retry = instance.await(instance.pendingMigrations().retry(failed.id(), OPERATOR).id());
				Felt felt = traffic.stop(since);
				table.row(felt.table().worst(), felt.table().stalled(), felt.table().errors().size(),
						felt.table().count(), felt.witness().worst(), felt.calm().worst());
				assertThat(retry.status()).as("%s", retry.failure()).isEqualTo(MigrationRunStatus.SUCCEEDED);
				assertThat(instance.state("2")).isEqualTo(PendingMigrationState.APPLIED);
				assertThat(isValid(database, "item_code_unique")).isEqualTo("true");
				assertThat(isValid(database, "item_code")).as("the old index").isEqualTo("gone");
				return felt;
			}
		}
	}

	private static String isValid(TestDatabase database, String index) {
		return String.valueOf(database.queryForString(
				"select coalesce((select indisvalid::text from pg_index where indexrelid = to_regclass(?)), 'gone')",
				index));
	}

}
