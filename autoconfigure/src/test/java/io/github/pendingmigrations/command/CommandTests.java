package io.github.pendingmigrations.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.CommandResult;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Commands on every database.
 */
@ResourceLock(Resources.SYSTEM_OUT)
@EveryDatabase
class CommandTests {

	private static final String CHECK = "--pending-migrations.mode=check";

	private static final String PLAN = "--pending-migrations.mode=plan";

	private static final String MIGRATE = "--pending-migrations.mode=migrate";

	private static final String JSON = "--pending-migrations.report=json";

	private final TestDatabase database;

	private final TestApplication release1;

	CommandTests(DatabaseServer server) {
		this.database = server.createDatabase();
		this.release1 = TestApplication.on(this.database)
			.script("V1__create.sql",
					"CREATE TABLE issue (id int PRIMARY KEY, source varchar(20), origin varchar(20));");
	}

	@AfterEach
	void close() {
		this.release1.close();
		this.database.close();
	}

	@Test
	void checkAndPlanLeaveAnEmptyDatabaseAsItIs() {
		this.release1.script("P1__drop.sql", "ALTER TABLE issue DROP COLUMN source;");
		assertThat(this.release1.command(CHECK).exitCode()).isEqualTo(10);
		assertThat(this.release1.command(PLAN).exitCode()).isEqualTo(10);
		assertThat(this.database.tableNames()).isEmpty();
	}

	@Test
	void checkAndPlanLeaveADatabaseInUseAsItIs() {
		this.release1.start().close();
		try (TestApplication release2 = this.release1.nextRelease()
			.script("V2__add.sql", "ALTER TABLE issue ADD COLUMN label varchar(20);")
			.script("P2__drop.sql", "ALTER TABLE issue DROP COLUMN source;")) {
			List<@Nullable String> ledger = ledger();
			assertThat(release2.command(CHECK).exitCode()).isEqualTo(10);
			assertThat(release2.command(PLAN).exitCode()).isEqualTo(10);
			assertThat(ledger()).isEqualTo(ledger);
			assertThat(history()).containsExactly("1");
		}
	}

	@Test
	void whatFlywayWouldNotAcceptFailsCheckAndPlanAsWell() {
		this.release1.start().close();
		this.release1.script("V1__create.sql", "CREATE TABLE issue (id int, changed int);");
		for (String mode : new String[] { CHECK, PLAN, MIGRATE }) {
			CommandResult result = this.release1.command(mode);
			assertThat(result.exitCode()).as(result.out()).isEqualTo(1);
			assertThat(result.out()).contains("checksum mismatch");
		}
	}

	@Test
	void aDatabaseUserWhoMayOnlyReadIsEnoughToCheckAndToPlan() {
		this.release1.start().close();
		try (TestApplication release2 = this.release1.nextRelease()
			.script("V2__add.sql", "ALTER TABLE issue ADD COLUMN label varchar(20);")
			.script("P2__drop.sql", "ALTER TABLE issue DROP COLUMN source;")) {
			mayOnlyRead(release2);
			CommandResult check = release2.command(CHECK);
			assertThat(check.exitCode()).as(check.out()).isEqualTo(10);
			assertThat(release2.command(PLAN).out()).containsPattern("V2 +add").containsPattern("P2 +PENDING");
			CommandResult migrate = release2.command(MIGRATE);
			assertThat(migrate.exitCode()).as(migrate.out()).isEqualTo(1);
		}
	}

	private void mayOnlyRead(TestApplication release) {
		String name = "reader_" + this.database.name().toLowerCase(Locale.ROOT);
		switch (this.database.server()) {
			case POSTGRESQL -> this.database.execute("CREATE ROLE " + name + " LOGIN PASSWORD 'reader'",
					"GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + name);
			case H2 -> this.database.execute("CREATE USER " + name + " PASSWORD 'reader'",
					"GRANT SELECT ON SCHEMA PUBLIC TO " + name);
			default -> {
				// There everybody may write to databases for tests
				release.property("spring.datasource.hikari.connection-init-sql", "SET SESSION TRANSACTION READ ONLY");
				return;
			}
		}
		release.property("spring.datasource.url", this.database.jdbcUrl().replace(";DB_CLOSE_DELAY=-1", ""))
			.property("spring.datasource.username", name)
			.property("spring.datasource.password", "reader");
	}

	@Test
	void thePlanOfAnEmptyDatabaseIsWhatRuns() {
		this.release1.script("P1__drop.sql", "ALTER TABLE issue DROP COLUMN source;")
			.script("V2__add.sql", "ALTER TABLE issue ADD COLUMN label varchar(20);")
			.script("R__view.sql", "CREATE VIEW issues AS SELECT id, origin FROM issue;")
			.script("P3__drop.sql", "ALTER TABLE issue DROP COLUMN label;");
		List<String> planned = startup(this.release1.command(PLAN, JSON));
		assertThat(planned).containsExactly("V1", "P1", "V2", "P3", "R");
		CommandResult migrated = this.release1.command(MIGRATE, JSON);
		assertThat(migrated.exitCode()).isZero();
		assertThat(steps(migrated, "migrated")).isEqualTo(planned);
		assertThat(history()).containsExactly("1", "2", null);
		assertThat(ledger()).containsExactly("1", "3");
		assertThat(startup(this.release1.command(PLAN, JSON))).isEmpty();
		assertThat(this.release1.command(PLAN).exitCode()).isZero();
	}

	@Test
	void thePlanOfADatabaseInUseIsWhatRunsAndWhatWaits() {
		this.release1.script("R__view.sql", "CREATE VIEW issues AS SELECT id, origin FROM issue;").start().close();
		try (TestApplication release2 = this.release1.nextRelease()
			.script("V2__add.sql", "ALTER TABLE issue ADD COLUMN label varchar(20);")
			.script("R__other.sql", "CREATE VIEW ids AS SELECT id FROM issue;")
			.script("P2__drop.sql", "ALTER TABLE issue DROP COLUMN source;")) {
			CommandResult plan = release2.command(PLAN, JSON);
			assertThat(startup(plan)).containsExactly("V2", "R");
			assertThat(bean(plan).get("migrations").get(0).get("state").asString()).isEqualTo("PENDING");
			CommandResult migrated = release2.command(MIGRATE, JSON);
			assertThat(migrated.exitCode()).isZero();
			assertThat(steps(migrated, "migrated")).containsExactly("V2", "R");
			assertThat(history()).containsExactly("1", null, "2", null);
			CommandResult after = release2.command(PLAN, JSON);
			assertThat(after.exitCode()).as("nobody is alive that has it").isEqualTo(12);
			assertThat(bean(after).get("plan")).isEqualTo(bean(plan).get("plan"));
			try (Instance instance = release2.start()) {
				CommandResult rolledOut = release2.command(PLAN, JSON);
				assertThat(rolledOut.exitCode()).isEqualTo(11);
				assertThat(bean(rolledOut).get("migrations").get(0).get("state").asString()).isEqualTo("READY");
				assertThat(instance.state("2")).isEqualTo(PendingMigrationState.READY);
			}
		}
	}

	@Test
	void applyAppliesWhatIsReadyAndEnds() {
		this.release1.start().close();
		try (TestApplication release2 = this.release1.nextRelease()
			.script("P2__drop.sql", "ALTER TABLE issue DROP COLUMN source;")
			.script("P3__later.sql", "-- pending: delay=7d\nALTER TABLE issue DROP COLUMN origin;")) {
			assertThat(release2.command(MIGRATE).exitCode()).isZero();
			assertThat(apply(release2).exitCode()).as("nobody is alive that has it").isEqualTo(12);
			try (Instance instance = release2.start()) {
				CommandResult applied = apply(release2);
				assertThat(applied.exitCode()).isEqualTo(11);
				JsonNode run = bean(applied).get("run");
				assertThat(run.get("status").asString()).isEqualTo("SUCCEEDED");
				assertThat(run.get("requestedBy").asString()).isEqualTo("pipeline");
				assertThat(run.get("requestedVia").asString()).isEqualTo("cli");
				assertThat(run.get("reason").asString()).isEqualTo("Release 2 is everywhere");
				assertThat(run.get("versions").get(0).asString()).isEqualTo("2");
				assertThat(instance.state("2")).isEqualTo(PendingMigrationState.APPLIED);
				assertThat(instance.outstanding()).containsExactly("3");
			}
		}
	}

	private static CommandResult apply(TestApplication release) {
		return release.command("--pending-migrations.mode=apply", "--pending-migrations.command.up-to=all",
				"--pending-migrations.command.reason=Release 2 is everywhere",
				"--pending-migrations.command.requested-by=pipeline", JSON);
	}

	private List<@Nullable String> history() {
		String quote = (this.database.server() == DatabaseServer.MARIADB
				|| this.database.server() == DatabaseServer.MYSQL) ? "`" : "\"";
		return this.database
			.queryForList("SELECT %1$sversion%1$s FROM %1$sflyway_schema_history%1$s WHERE ".formatted(quote)
					+ "%1$sinstalled_rank%1$s > 0 ORDER BY %1$sinstalled_rank%1$s".formatted(quote));
	}

	private List<@Nullable String> ledger() {
		return this.database.queryForList("SELECT version FROM pending_migration ORDER BY version");
	}

	private static List<String> startup(CommandResult result) {
		return steps(result, "startup");
	}

	private static List<String> steps(CommandResult result, String member) {
		List<String> steps = new ArrayList<>();
		bean(result).get(member).forEach((step) -> {
			String version = step.path("version").asString("");
			steps.add(step.get("kind").asString().charAt(0) + version);
		});
		return steps;
	}

	private static JsonNode bean(CommandResult result) {
		return JsonMapper.shared().readTree(result.out()).get("flywayBeans").get("flyway");
	}

}
