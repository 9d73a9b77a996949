package io.github.pendingmigrations.contract;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What happens when the process that applies a migration is killed.
 */
@EveryDatabase
class KilledWorkerTests {

	private static final Requester OPERATOR = new Requester("ops", "test", "because");

	private final DatabaseServer server;

	KilledWorkerTests(DatabaseServer server) {
		this.server = server;
	}

	@Test // A29, A30
	void runOfAKilledProcessIsInterruptedAndRepeatedWithoutRunningTwice() throws Exception {
		Assumptions.assumeTrue(this.server != DatabaseServer.H2, "Another process cannot reach H2 in memory");
		String sleep = (this.server == DatabaseServer.POSTGRESQL) ? "select pg_sleep(6);" : "do sleep(6);";
		try (TestDatabase database = this.server.createDatabase();
				TestApplication release = TestApplication.on(database)) {
			release.property("pending-migrations.execution.hold-budget", "30s")
				.script("V1__create.sql",
						"create table counter (id int primary key, value_ int); insert into counter values (1, 0);");
			release.start().close();
			release.script("P1__slow.sql",
					"update counter set value_ = value_ + 1;\n" + sleep + "\nupdate counter set value_ = value_ + 10;");
			try (Instance survivor = release.start()) {
				Process process = fork(release);
				MigrationRun run;
				try {
					run = Awaitility.await()
						.atMost(Duration.ofSeconds(40))
						.until(() -> survivor.pendingMigrations()
							.runs(new RunQuery(MigrationRunStatus.RUNNING, "1", 0, 1))
							.stream()
							.findFirst()
							.orElse(null), (found) -> found != null && isSleeping(database));
				}
				finally {
					process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
				}
				assertThat(survivor.await(run.id()).status()).isEqualTo(MigrationRunStatus.INTERRUPTED);
				assertThat(survivor.state("1")).isEqualTo((this.server == DatabaseServer.POSTGRESQL)
						? PendingMigrationState.READY : PendingMigrationState.PARTIALLY_APPLIED);
				MigrationRun retry = survivor.await(survivor.pendingMigrations().retry(run.id(), OPERATOR).id());
				assertThat(retry.status()).as("%s", retry).isEqualTo(MigrationRunStatus.SUCCEEDED);
				assertThat(database.queryForString("select value_ from counter")).isEqualTo("11");
				assertThat(catchThrowableOfType(RequestRefusedException.class,
						() -> survivor.pendingMigrations().retry(run.id(), OPERATOR)))
					.isNotNull();
			}
		}
	}

	private boolean isSleeping(TestDatabase database) {
		String sql = (this.server == DatabaseServer.POSTGRESQL)
				? "select count(*) from pg_stat_activity where query like 'select pg_sleep(6)%' and state = 'active' and pid <> pg_backend_pid()"
				: "select count(*) from information_schema.processlist where info like 'do sleep(6)%'";
		return !"0".equals(database.queryForString(sql));
	}

	private static Process fork(TestApplication release) throws Exception {
		String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
		ProcessBuilder builder = new ProcessBuilder(
				List.of(java, "-XX:TieredStopAtLevel=1", "-Dorg.springframework.boot.logging.LoggingSystem=none", "-cp",
						System.getProperty("java.class.path"), Applier.class.getName(), release.database().jdbcUrl(),
						release.database().username(), release.database().password(), release.scripts().toString()));
		return builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
	}

	/**
	 * The process that is killed.
	 */
	static final class Applier {

		private Applier() {
		}

		public static void main(String[] args) throws Exception {
			Instance instance = TestApplication.start(args[0], args[1], args[2], Path.of(args[3]));
			instance.request("1");
			Thread.currentThread().join();
		}

	}

}
