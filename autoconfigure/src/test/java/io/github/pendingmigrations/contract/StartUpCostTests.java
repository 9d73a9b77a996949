package io.github.pendingmigrations.contract;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a start costs that has nothing to do.
 */
@EveryDatabase
class StartUpCostTests {

	private final DatabaseServer server;

	StartUpCostTests(DatabaseServer server) {
		this.server = server;
	}

	@Test
	void instanceWithNothingToDoDoesNotWaitForFlywaysLock() {
		String sleep = switch (this.server) {
			case POSTGRESQL -> "select pg_sleep(12);";
			case MARIADB, MYSQL -> "do sleep(12);";
			case H2 -> "";
		};
		Assumptions.assumeFalse(sleep.isEmpty(), "H2 has no sleep of its own");
		try (TestDatabase database = this.server.createDatabase();
				TestApplication release1 = TestApplication.on(database)
					.script("V1__create.sql", "create table issue (id int primary key, source int);")
					.script("P1__drop.sql", "alter table issue drop column source;")) {
			release1.start().close();
			try (TestApplication release2 = release1.nextRelease().script("V2__slow.sql", sleep)) {
				CompletableFuture<Void> migrating = CompletableFuture.runAsync(() -> release2.start().close());
				Awaitility.await().until(() -> isSleeping(database));
				long started = System.nanoTime();
				try (Instance instance = release1.start()) {
					assertThat(instance.outstanding()).isEmpty();
					assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(6));
				}
				assertThat(migrating).isNotDone();
				migrating.join();
			}
		}
	}

	private boolean isSleeping(TestDatabase database) {
		String sql = (this.server == DatabaseServer.POSTGRESQL)
				? "select count(*) from pg_stat_activity where query like '%pg_sleep(12)%' and state = 'active' and pid <> pg_backend_pid()"
				: "select count(*) from information_schema.processlist where info like '%sleep(12)%' and id <> connection_id()";
		return !"0".equals(database.queryForString(sql));
	}

}
