package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The lock of a session that keeps a successor out while its predecessor still works.
 */
@EveryDatabase
class FenceTests {

	private final TestDatabase database;

	FenceTests(DatabaseServer server) {
		this.database = server.createDatabase();
	}

	@AfterEach
	void close() {
		this.database.close();
	}

	@Test // A37
	void runWaitsBehindTheFenceForAsLongAsItTakes() throws SQLException {
		Assumptions.assumeTrue(this.database.server() != DatabaseServer.H2, "it has no such lock");
		try (TestApplication release = TestApplication.on(this.database)
			.script("V1__create.sql", "create table issue (id int primary key, source int);")) {
			release.start().close();
			release.script("P1__drop.sql", "alter table issue drop column source;")
				.script("P2__by_itself.sql", "-- pending: transaction=false\ninsert into issue values (1);");
			try (Instance instance = release.start(); Connection predecessor = this.database.openConnection()) {
				DatabaseProduct product = DatabaseProduct.of(predecessor);
				String schema = (product == DatabaseProduct.POSTGRESQL) ? predecessor.getSchema()
						: predecessor.getCatalog();
				SessionControl session = SessionControl.of(product, schema + ".pending_migration");
				for (String version : new String[] { "1", "2" }) {
					assertThat(session.tryFence(predecessor)).isTrue();
					MigrationRun run = instance.request(version);
					Awaitility.await()
						.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow().position().attempt() > 3);
					assertThat(instance.pendingMigrations().events(run.id())).extracting(MigrationRunEvent::detail)
						.anyMatch((detail) -> detail.contains("still executes a migration"));
					session.releaseFence(predecessor);
					assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
				}
			}
		}
	}

}
