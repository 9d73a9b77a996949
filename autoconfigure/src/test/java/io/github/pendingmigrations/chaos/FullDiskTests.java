package io.github.pendingmigrations.chaos;

import java.nio.file.Files;
import java.nio.file.Path;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.RestartableServer;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A migration copies a table to a disk on which there is not enough space.
 */
@EnabledIf("isSelected")
@ResourceLock(ChaosForm.ONE_AT_A_TIME)
class FullDiskTests {

	private static final Requester OPERATOR = new Requester("ops", "test", "because");

	@TempDir(cleanup = CleanupMode.ON_SUCCESS)
	private Path folder;

	static boolean isSelected() {
		return DatabaseServer.selected().contains(DatabaseServer.POSTGRESQL);
	}

	@Test
	void runSaysSoAndGoesOnWhenThereIsSpace() throws Exception {
		RestartableServer.reasonNotToRun(DatabaseServer.POSTGRESQL).ifPresent(FullDiskTests::skip);
		RestartableServer.reasonNotToMount().ifPresent(FullDiskTests::skip);
		Path disk = Files.createDirectory(this.folder.resolve("disk"));
		try (RestartableServer server = RestartableServer.start(DatabaseServer.POSTGRESQL)) {
			server.crash();
			server.restartWithDisk(disk, "24m");
			try (TestDatabase database = server.createDatabase()) {
				database.execute("create tablespace small location '" + disk + "'");
				try (TestApplication release = TestApplication.on(database)
					.script("V1__create.sql", "create table counter (value_ int); insert into counter values (0);"
							+ " create table filler (t text) tablespace small; create table issue (id int, t text);")) {
					release.start().close();
					database.execute("alter table filler alter column t set storage external",
							"insert into filler select repeat('x', 8000) from generate_series(1, 1500)",
							"alter table issue alter column t set storage external",
							"insert into issue select i, repeat('y', 8000) from generate_series(1, 1500) i");
					release
						.script("P1__copy.sql",
								"update counter set value_ = value_ + 1;\nalter table issue set tablespace small;")
						.property("pending-migrations.execution.hold-budget", "30s");
					try (Instance instance = release.start()) {
						MigrationRun full = instance.apply("1");
						assertThat(full.status()).isEqualTo(MigrationRunStatus.FAILED);
						assertThat(full.failure()).isNotNull().satisfies((failure) -> {
							assertThat(failure.kind()).isEqualTo("OUT_OF_SPACE");
							assertThat(failure.sqlState()).isEqualTo("53100");
							assertThat(failure.statement()).isEqualTo(2);
							assertThat(failure.advice()).startsWith("Nothing of the migration took effect.")
								.contains("P1__copy.sql:2", "no disk space", "'retry'");
						});
						assertThat(database.queryForString("select value_ from counter")).isEqualTo("0");
						database.execute("truncate filler");
						MigrationRun retry = instance
							.await(instance.pendingMigrations().retry(full.id(), OPERATOR).id());
						assertThat(retry.status()).as("%s", retry.failure()).isEqualTo(MigrationRunStatus.SUCCEEDED);
						assertThat(database.queryForString("select value_ from counter")).isEqualTo("1");
						database.execute("alter table issue set tablespace pg_default", "drop table filler",
								"drop tablespace small");
					}
				}
			}
		}
	}

	private static void skip(String reason) {
		Skipped.because("a full disk, because " + reason);
	}

}
