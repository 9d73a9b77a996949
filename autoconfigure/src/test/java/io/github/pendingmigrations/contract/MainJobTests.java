package io.github.pendingmigrations.contract;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The main job, from the first release to the applied pending migration.
 */
@EveryDatabase
class MainJobTests {

	private final DatabaseServer server;

	MainJobTests(DatabaseServer server) {
		this.server = server;
	}

	@Test
	void pendingMigrationWaitsAtStartUpAndIsAppliedOnRequest() {
		try (TestDatabase database = this.server.createDatabase();
				TestApplication release1 = TestApplication.on(database)) {
			release1.script("V1__create.sql", "create table issue (id int primary key, source varchar(20));");
			release1.start().close();
			try (TestApplication release2 = release1.nextRelease()) {
				release2.script("V2__origin.sql", "alter table issue add origin varchar(20);");
				release2.script("P2__drop_source.sql", "alter table issue drop column source;");
				try (Instance instance = release2.start()) {
					assertThat(instance.outstanding()).containsExactly("2");
					assertThat(instance.state("2")).isEqualTo(PendingMigrationState.READY);
					database.execute("insert into issue (id, source, origin) values (1, 'a', 'b')");
					MigrationRun run = instance.apply("2");
					assertThat(run.status()).as("%s", run).isEqualTo(MigrationRunStatus.SUCCEEDED);
					assertThat(instance.state("2")).isEqualTo(PendingMigrationState.APPLIED);
					database.execute("insert into issue (id, origin) values (2, 'b')");
				}
			}
		}
	}

	@Test
	void emptyDatabaseGetsEverythingInVersionOrder() {
		try (TestDatabase database = this.server.createDatabase();
				TestApplication release = TestApplication.on(database)) {
			release.script("V1__create.sql", "create table issue (id int primary key, source varchar(20));");
			release.script("P1__drop_source.sql", "alter table issue drop column source;");
			release.script("V2__add_again.sql", "alter table issue add source int;");
			release.script("P3__drop_again.sql", "alter table issue drop column source;");
			try (Instance instance = release.start()) {
				assertThat(instance.outstanding()).isEmpty();
				assertThat(instance.state("1")).isEqualTo(PendingMigrationState.APPLIED);
				assertThat(instance.state("3")).isEqualTo(PendingMigrationState.APPLIED);
			}
			release.start().close();
		}
	}

}
