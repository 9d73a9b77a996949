package io.github.pendingmigrations.contract;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.run.RunListener;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a listener is told about locks.
 */
@EveryDatabase
class RunListenerTests {

	private final DatabaseServer server;

	private final TestDatabase database;

	private final TestApplication application;

	RunListenerTests(DatabaseServer server) {
		this.server = server;
		this.database = server.createDatabase();
		this.application = TestApplication.on(this.database)
			.script("V1__create.sql", "create table issue (id int primary key, source int);")
			.configuration(Listening.class);
	}

	@BeforeEach
	void putDatabaseToUse() {
		this.application.start().close();
	}

	@AfterEach
	void close() {
		this.application.close();
		this.database.close();
	}

	@Test
	void waitsForLocksAreTold() throws SQLException {
		this.application.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.application.start(); Connection blocker = this.database.openConnection()) {
			RecordingListener listener = instance.context().getBean(RecordingListener.class);
			blocker.setAutoCommit(false);
			try (Statement statement = blocker.createStatement()) {
				statement.execute("insert into issue (id) values (1)");
			}
			MigrationRun run = instance.request("1");
			Awaitility.await()
				.untilAsserted(() -> assertThat(listener.refused).isNotEmpty().allMatch(RunListenerTests::isShort));
			assertThat(listener.released).isEmpty();
			blocker.rollback();
			assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(listener.released).singleElement().matches(RunListenerTests::isShort);
		}
	}

	@Test
	void thoseThatItBlocksAreTold() {
		Assumptions.assumeTrue(this.server == DatabaseServer.POSTGRESQL, "Others have no statement that holds a lock");
		this.application.script("P1__drop.sql", "alter table issue drop column source;\nselect pg_sleep(1);");
		try (Instance instance = this.application.start()) {
			RecordingListener listener = instance.context().getBean(RecordingListener.class);
			MigrationRun run = instance.request("1");
			Awaitility.await().until(() -> !listener.blockedSessions.isEmpty());
			CompletableFuture<Void> blocked = CompletableFuture
				.runAsync(() -> this.database.queryForList("select id from issue"));
			assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			blocked.join();
			assertThat(listener.blockedSessions).contains(1);
			assertThat(listener.released).singleElement().matches((held) -> held.toMillis() >= 1000);
		}
	}

	private static boolean isShort(Duration duration) {
		return duration.compareTo(Duration.ofSeconds(5)) < 0;
	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		@Bean
		RecordingListener recordingListener() {
			return new RecordingListener();
		}

	}

	static class RecordingListener implements RunListener {

		private final List<Duration> refused = new CopyOnWriteArrayList<>();

		private final List<Duration> released = new CopyOnWriteArrayList<>();

		private final List<Integer> blockedSessions = new CopyOnWriteArrayList<>();

		@Override
		public void onLocksRefused(String flywayBean, Duration waited) {
			this.refused.add(waited);
		}

		@Override
		public void onLocksReleased(String flywayBean, Duration held) {
			this.released.add(held);
		}

		@Override
		public void onBlockedSessions(String flywayBean, int sessions) {
			this.blockedSessions.add(sessions);
		}

	}

}
