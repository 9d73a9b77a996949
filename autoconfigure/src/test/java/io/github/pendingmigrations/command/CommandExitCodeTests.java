package io.github.pendingmigrations.command;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.pendingmigrations.Force;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.CommandResult;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The exit codes, and what the reports say with them (A41).
 */
@ResourceLock(Resources.SYSTEM_OUT)
class CommandExitCodeTests {

	private TestDatabase database;

	private TestApplication release;

	private @Nullable Instance instance;

	@BeforeEach
	void start() {
		this.database = DatabaseServer.H2.createDatabase();
		TestApplication first = TestApplication.on(this.database)
			.script("V1__create.sql",
					"create table issue (id int primary key, source varchar(20), origin varchar(20));");
		first.start().close();
		this.release = first.nextRelease();
		first.close();
	}

	@AfterEach
	void close() {
		if (this.instance != null) {
			this.instance.close();
		}
		this.release.close();
		this.database.close();
	}

	@Test
	void nothingIsLeftToDo() {
		assertThat(check("DONE", 0)).contains("Nothing is left to do");
		assertThat(apply("all", "DONE", 0)).contains("Nothing is left to apply");
	}

	@Test
	void safeWorkIsDue() {
		this.release.script("V2__add.sql", "alter table issue add column label varchar(20);")
			.script("P2__drop.sql", "alter table issue drop column source;");
		assertThat(check("SAFE_WORK_DUE", 10)).contains("V2__add.sql");
	}

	@Test
	void pendingWorkIsLeft() {
		this.release.script("P2__drop.sql", "alter table issue drop column source;");
		rollOut();
		assertThat(check("PENDING_LEFT", 11)).contains("READY");
	}

	@Test
	void whatIsLeftIsBlocked() {
		this.release.script("P2__drop.sql", "-- pending: delay=7d\nalter table issue drop column source;")
			.start()
			.close();
		assertThat(check("BLOCKED", 12)).contains("DELAYED");
		assertThat(apply("all", "BLOCKED", 12)).contains("Its delay of 7d began at");
		assertThat(apply("2", "BLOCKED", 12)).contains("Its delay of 7d began at");
	}

	@Test
	void sqlIsUnsafe() {
		this.release.script("V2__drop.sql", "alter table issue\n  drop column source;");
		assertThat(check("UNSAFE", 13)).contains("drop-column");
		String migrated = command("migrate", "UNSAFE", 13);
		assertThat(migrated).contains("Nothing was applied").contains("drop-column");
		assertThat(
				this.database.queryForList("select \"version\" from \"flyway_schema_history\" where \"version\" = '2'"))
			.isEmpty();
	}

	@Test
	void newPendingScriptIsCheckedBeforeItIsRegistered() {
		this.release.script("P2__drop.sql", "alter table issue drop column source;\ncommit;");
		assertThat(command("migrate", "UNSAFE", 13)).contains("Nothing was applied", "explicit-transaction-control");
		assertThat(this.database.queryForString("select count(*) from pending_migration")).isEqualTo("0");
	}

	@Test
	void findingsOfAnEmptyDatabaseStopNothing() {
		try (TestDatabase empty = DatabaseServer.H2.createDatabase();
				TestApplication first = TestApplication.on(empty)
					.script("V1__create.sql", "create table issue (id int primary key, source varchar(20));")
					.script("V2__drop.sql", "alter table issue drop column source;")) {
			CommandResult result = first.command("--pending-migrations.mode=check");
			assertThat(result.exitCode()).isEqualTo(10);
			assertThat(result.out()).contains("The database is empty");
		}
	}

	@Test
	void theOrderConflicts() {
		this.release.script("P2__drop.sql", "alter table issue drop column source;")
			.script("V3__next.sql", "-- pending: requires=P2\ncreate table next_ (id int);");
		String report = check("CONFLICT", 14);
		assertThat(report).contains("V3__next.sql");
		JsonNode conflict = bean(report).get("conflicts").get(0);
		assertThat(conflict.get("version").asString()).isEqualTo("3");
		assertThat(conflict.get("applyFirst").get(0).asString()).isEqualTo("2");
		assertThat(command("migrate", "CONFLICT", 14)).contains("Nothing was applied");
	}

	@Test
	void theOrderIsAmbiguous() {
		this.release.script("P2__drop.sql", "alter table issue drop column source;")
			.script("P2__again.sql", "alter table issue drop column origin;");
		JsonNode problem = JsonMapper.shared().readTree(check("CONFLICT", 14)).get("problems").get(0);
		assertThat(problem.get("message").asString()).contains("has the version 2, and so has");
		assertThat(problem.get("fix").asString()).isNotBlank();
	}

	@Test
	void withLenientOrderTheRunnableIsDueAndThenTheRestIsBlocked() {
		this.release.property("pending-migrations.order", "lenient")
			.script("V2__add.sql", "alter table issue add column label varchar(20);")
			.script("P2__drop.sql", "-- pending: delay=7d\nalter table issue drop column source;")
			.script("V3__next.sql", "-- pending: requires=P2\ncreate table next_ (id int);");
		JsonNode startup = bean(check("SAFE_WORK_DUE", 10)).get("startup");
		assertThat(startup).hasSize(1);
		assertThat(startup.get(0).get("version").asString()).isEqualTo("2");
		assertThat(command("migrate", "DONE", 0)).as("as a start-up, which goes on").contains("order=lenient");
		check("BLOCKED", 12);
	}

	@Test
	void theDatabaseCannotBeReached() {
		this.release.property("spring.datasource.url", "jdbc:h2:tcp://localhost:1/nowhere")
			.property("spring.datasource.hikari.connection-timeout", 250);
		assertThat(check("FAILED", 1)).contains("Connection refused").contains("To check scripts without one");
	}

	@Test
	void aMigrationFails() {
		this.release.script("V2__wrong.sql", "insert into nowhere values (1);");
		assertThat(command("migrate", "FAILED", 1)).contains("V2__wrong.sql").containsIgnoringCase("nowhere");
	}

	@Test
	void aPendingMigrationFails() {
		this.release.script("P2__wrong.sql", "alter table issue drop column source;\ninsert into nowhere values (1);");
		rollOut();
		String report = apply("2", "FAILED", 1);
		JsonNode failure = bean(report).get("run").get("failure");
		assertThat(failure.get("line").asInt()).isEqualTo(2);
		assertThat(failure.get("advice").asString()).contains("took effect");
	}

	@Test
	void whatIsMissingIsNamed() {
		String report = command("apply", "FAILED", 1);
		assertThat(report).contains("command.up-to").contains("command.reason").contains("command.requested-by");
		assertThat(apply("9", "DONE", 0)).contains("Nothing is left to apply");
		this.release.script("P2__drop.sql", "alter table issue drop column source;").start().close();
		assertThat(apply("9", "FAILED", 1)).contains("There is no pending migration with version '9'");
	}

	@Test
	void anUnknownModeIsNamedWithThoseThatThereAre() {
		CommandResult result = this.release.command("--pending-migrations.mode=chek");
		assertThat(result.exitCode()).isEqualTo(1);
		assertThat(result.failure()).rootCause().hasMessageContaining("chek");
	}

	@Test
	void anotherPlanThanTheReviewedOneIsNotApplied() {
		this.release.script("P2__drop.sql", "alter table issue drop column source;");
		rollOut();
		String plan = bean(command("plan", "PENDING_LEFT", 11)).get("plan").asString();
		this.release.script("P3__drop.sql", "alter table issue drop column origin;");
		assertThat(apply("2", "BLOCKED", 12, "--pending-migrations.command.plan=" + plan))
			.contains("not the one that was reviewed");
		String changed = bean(command("plan", "PENDING_LEFT", 11)).get("plan").asString();
		assertThat(apply("2", "DONE", 0, "--pending-migrations.command.plan=" + changed)).contains("Applied: P2.");
		assertThat(apply("2", "DONE", 0, "--pending-migrations.command.plan=" + changed)).as("the same job once more")
			.contains("Nothing is left to apply");
	}

	@Test
	void whatRequiresApprovalHasToBeNamedOrReviewed() {
		this.release.script("P2__drop.sql", "alter table issue drop column source;")
			.script("P3__risky.sql", "-- pending: requires-approval=true\nalter table issue drop column origin;");
		rollOut();
		assertThat(bean(apply("all", "PENDING_LEFT", 11)).get("run").get("versions")).hasSize(1);
		assertThat(apply("all", "BLOCKED", 12)).contains("P3 risky requires approval. Name it in");
		String plan = bean(command("plan", "PENDING_LEFT", 11)).get("plan").asString();
		assertThat(apply("all", "DONE", 0, "--pending-migrations.command.plan=" + plan)).contains("Applied: P3.");
	}

	@Test
	void whatRequiresApprovalIsNotTakenAlongByALaterOne() {
		this.release
			.script("P2__risky.sql", "-- pending: requires-approval=true\nalter table issue drop column origin;")
			.script("P3__drop.sql", "alter table issue drop column source;");
		rollOut();
		assertThat(apply("3", "BLOCKED", 12)).contains("P2 risky requires approval");
		assertThat(apply("2", "DONE", 0)).contains("Applied: P2.");
		this.release.property("pending-migrations.requires-approval", "1.1");
		assertThat(apply("3", "BLOCKED", 12)).contains("names 1.1, and there is no such");
	}

	@Test
	void propertyNamesWhatRequiresApproval() {
		this.release.property("pending-migrations.requires-approval", "2.0")
			.script("P2__drop.sql", "alter table issue drop column source;");
		assertThat(rollOut().migration("2").requiresApproval()).isTrue();
		String blocked = apply("all", "BLOCKED", 12);
		assertThat(blocked).contains("P2 drop requires approval");
		assertThat(bean(blocked).get("migrations").get(0).get("requiresApproval").asBoolean()).isTrue();
		assertThat(apply("2", "DONE", 0)).contains("Applied: P2.");
	}

	@Test
	void instanceOfAnOldReleaseIsInTheWayUnlessThatIsOverridden() throws Exception {
		try (Instance old = this.release.start()) {
			this.release.script("P2__drop.sql", "alter table issue drop column source;");
			command("migrate", "DONE", 0);
			assertThat(apply("2", "BLOCKED", 12)).contains("2").contains("instance");
			assertThat(apply("2", "DONE", 0, "--pending-migrations.command.force=rollout")).contains("Applied: P2.");
			assertThat(old.pendingMigrations().runs(new RunQuery(null, null, 0, 9)).get(0).request().force())
				.isEqualTo(Force.ROLLOUT);
		}
	}

	@Test
	void nobodyWhoIsAliveProvesNoRollout() {
		this.release.script("P2__drop.sql", "alter table issue drop column source;");
		command("migrate", "DONE", 0);
		assertThat(apply("all", "BLOCKED", 12)).contains("No instance of the application is registered as alive",
				"Start the release", "--pending-migrations.command.force=rollout", "ROLLOUT_INCOMPLETE");
		assertThat(command("plan", "BLOCKED", 12)).contains("No instance of the application");
		assertThat(this.database.queryForString("select count(*) from pending_migration_run")).isEqualTo("0");
		assertThat(bean(apply("2", "DONE", 0, "--pending-migrations.command.force=rollout")).get("run")
			.get("force")
			.asString()).isEqualTo("ROLLOUT");
		assertThat(this.database.queryForList("select detail from pending_migration_event where type = 'GATE'"))
			.singleElement()
			.asString()
			.contains("requested by job", "No instance of the application is registered as alive");
	}

	@Test
	void nobodyNeedsToBeAliveWithoutTheGate() {
		this.release.property("pending-migrations.rollout.gate", "off")
			.script("P2__drop.sql", "alter table issue drop column source;");
		command("migrate", "DONE", 0);
		assertThat(apply("all", "DONE", 0)).contains("Applied: P2.");
	}

	@Test
	void runWaitsAgainIfTheLastInstanceGoesBeforeIt() throws Exception {
		this.release.script("P2__drop.sql", "alter table issue drop column source;");
		try (Instance last = rollOut(); Connection connection = this.database.openConnection()) {
			connection.setAutoCommit(false);
			try (Statement statement = connection.createStatement()) {
				statement.execute("insert into issue (id) values (1)");
			}
			CompletableFuture<String> applied = CompletableFuture.supplyAsync(() -> apply("2", "DONE", 0));
			Awaitility.await()
				.atMost(Duration.ofSeconds(20))
				.until(() -> this.database
					.queryForString("select count(*) from pending_migration_run where attempt > 1"), "1"::equals);
			last.close();
			Awaitility.await()
				.atMost(Duration.ofSeconds(20))
				.until(() -> this.database.queryForList("select hold_reason from pending_migration_run"),
						(reasons) -> String.valueOf(reasons.get(0)).contains("No instance of the application"));
			connection.rollback();
			rollOut();
			assertThat(applied.get(40, TimeUnit.SECONDS)).contains("Applied: P2.");
		}
	}

	@Test
	void jobDoesNotWaitForAWindow() {
		this.release.script("P2__now.sql", "alter table issue drop column source;")
			.script("P3__later.sql", "-- pending: window=" + closedWindow() + "\nalter table issue drop column origin;")
			.script("P4__after.sql", "create table later (id int);");
		rollOut();
		for (String upTo : new String[] { "3", "4" }) {
			assertThat(apply(upTo, "BLOCKED", 12)).contains("P3 later: It may start only at");
		}
		assertThat(apply("all", "PENDING_LEFT", 11)).contains("Applied: P2.");
		assertThat(apply("all", "BLOCKED", 12)).contains("P3 later: ");
		assertThat(this.database.queryForString("select count(*) from pending_migration_run")).isEqualTo("1");
	}

	private static String closedWindow() {
		LocalTime soon = LocalTime.now(ZoneOffset.UTC).plusHours(3).truncatedTo(ChronoUnit.MINUTES);
		return soon + "-" + soon.plusMinutes(1) + " UTC";
	}

	@Test
	void statementInDoubtIsExecutedAgainOnlyIfItsVersionIsNamed() {
		this.release
			.script("P2__two.sql", "alter table issue drop column source;\n\nalter table issue drop column origin;")
			.script("P3__later.sql", "create table later (id int);");
		rollOut();
		this.database.execute("alter table issue drop column source",
				"update pending_migration set checkpoint_statements = 0, checkpoint_in_doubt = true, "
						+ "checkpoint_hash = '', last_run_id = '" + UUID.randomUUID() + "' where version = '2'");
		for (String upTo : new String[] { "all", "3" }) {
			assertThat(apply(upTo, "BLOCKED", 12)).contains("P2 two: It is not known whether its statement 1 (",
					"P2__two.sql:1) took effect", "command.up-to", "'skip'", "'mark-applied'", "IN_DOUBT");
		}
		String plan = bean(command("plan", "BLOCKED", 12)).get("plan").asString();
		apply("all", "BLOCKED", 12, "--pending-migrations.command.plan=" + plan);
		assertThat(this.database.queryForString("select count(*) from pending_migration_run")).isEqualTo("0");
		assertThat(apply("2", "DONE", 0)).contains("Applied: P2.");
		assertThat(apply("all", "DONE", 0)).contains("Applied: P3.");
	}

	@Test
	void whatTheCodeAndTheDatabaseDoNotShareIsAWarning() throws Exception {
		this.release.script("P2__drop.sql", "alter table issue drop column source;")
			.script("P3__gone.sql", "alter table issue drop column origin;")
			.script("P4__waits.sql", "-- pending: delay=7d\ndrop table issue;");
		Instance first = rollOut();
		first.apply("2");
		first.apply("3");
		first.close();
		this.release.script("P2__drop.sql", "alter table issue drop column if exists source;");
		Files.delete(this.release.scripts().resolve("P3__gone.sql"));
		Files.delete(this.release.scripts().resolve("P4__waits.sql"));
		JsonNode warnings = bean(check("DONE", 0)).get("warnings");
		assertThat(warnings)
			.extracting((warning) -> warning.get("version").asString() + " " + warning.get("state").asString())
			.containsExactly("2 CHANGED", "3 UNKNOWN_HERE", "4 UNKNOWN_HERE");
		assertThat(warnings.get(1).get("message").asString()).contains("P3 gone", "applied at", "is not in this code");
		assertThat(warnings.get(2).get("message").asString()).doesNotContain("applied");
		String[] reports = { "text", "github", "sarif" };
		for (String report : reports) {
			CommandResult result = this.release.command("--pending-migrations.mode=check",
					"--pending-migrations.report=" + report);
			assertThat(result.exitCode()).isZero();
			assertThat(result.out()).contains("P3 gone is registered in the database", "P2__drop.sql",
					"was changed after it was applied");
		}
	}

	@Test
	void runThatAPersonHoldsIsNotWaitedFor() throws Exception {
		this.release.script("P2__drop.sql", "alter table issue drop column source;");
		this.release.start().close();
		try (Instance instance = this.release.start(); Connection connection = this.database.openConnection()) {
			this.release.script("P3__drop.sql", "alter table issue drop column origin;");
			connection.setAutoCommit(false);
			try (Statement statement = connection.createStatement()) {
				statement.execute("insert into issue (id) values (1)");
			}
			UUID run = instance.request("2").id();
			instance.pendingMigrations().hold(run, new Requester("ops", "test", "lunch"));
			Awaitility.await()
				.until(() -> instance.pendingMigrations().run(run).orElseThrow().status() == MigrationRunStatus.HELD);
			assertThat(apply("2", "BLOCKED", 12)).contains("is HELD")
				.contains("lunch", "\"hold\":{")
				.contains("'resume' or 'cancel'");
			connection.rollback();
			instance.pendingMigrations().cancel(run, new Requester("ops", "test", "over"), false);
		}
	}

	@Test
	void anExitCodeCanBeAccepted() {
		this.release.script("P2__drop.sql", "alter table issue drop column source;");
		rollOut();
		CommandResult result = this.release.command("--pending-migrations.mode=check",
				"--pending-migrations.command.accept=11,12", "--pending-migrations.report=json");
		assertThat(result.exitCode()).isZero();
		assertThat(JsonMapper.shared().readTree(result.out()).get("exitCode").asInt()).isEqualTo(11);
	}

	@Test
	void applyFollowsTheRunOfSomebodyElse() throws Exception {
		this.release.script("P2__drop.sql", "alter table issue drop column source;")
			.script("P3__drop.sql", "alter table issue drop column origin;")
			.script("P4__later.sql", "-- pending: delay=7d\ndrop table issue;");
		try (Instance instance = this.release.start(); Connection connection = this.database.openConnection()) {
			connection.setAutoCommit(false);
			try (Statement statement = connection.createStatement()) {
				statement.execute("insert into issue (id) values (1)");
			}
			instance.request("2");
			CompletableFuture<String> applied = CompletableFuture.supplyAsync(() -> apply("all", "PENDING_LEFT", 11));
			Awaitility.await()
				.atMost(Duration.ofSeconds(20))
				.until(() -> instance.state("2") == PendingMigrationState.RUNNING);
			connection.rollback();
			assertThat(bean(applied.get(40, TimeUnit.SECONDS)).get("run").get("versions").get(0).asString())
				.isEqualTo("3");
			assertThat(instance.pendingMigrations().runs(new RunQuery(null, null, 0, 9)))
				.extracting((run) -> run.status())
				.containsExactly(MigrationRunStatus.SUCCEEDED, MigrationRunStatus.SUCCEEDED);
		}
	}

	/** An instance of the release is alive, and the previous one is gone. */
	private Instance rollOut() {
		this.instance = this.release.start();
		return this.instance;
	}

	private String check(String outcome, int exitCode) {
		return command("check", outcome, exitCode);
	}

	private String apply(String upTo, String outcome, int exitCode, String... more) {
		String[] arguments = java.util.Arrays.copyOf(more, more.length + 3);
		arguments[more.length] = "--pending-migrations.command.up-to=" + upTo;
		arguments[more.length + 1] = "--pending-migrations.command.reason=Because";
		arguments[more.length + 2] = "--pending-migrations.command.requested-by=job";
		return command("apply", outcome, exitCode, arguments);
	}

	private String command(String mode, String outcome, int exitCode, String... more) {
		String[] arguments = java.util.Arrays.copyOf(more, more.length + 2);
		arguments[more.length] = "--pending-migrations.mode=" + mode;
		arguments[more.length + 1] = "--pending-migrations.report=json";
		CommandResult result = this.release.command(arguments);
		JsonNode report = JsonMapper.shared().readTree(result.out());
		assertThat(report.get("outcome").asString()).as(result.out()).isEqualTo(outcome);
		assertThat(report.get("exitCode").asInt()).isEqualTo(exitCode);
		assertThat(result.exitCode()).isEqualTo(exitCode);
		return result.out();
	}

	private static JsonNode bean(String report) {
		return JsonMapper.shared().readTree(report).get("flywayBeans").get("flyway");
	}

}
