package io.github.pendingmigrations.contract;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.pendingmigrations.MigrationAttemptFailed;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunCancelled;
import io.github.pendingmigrations.MigrationRunFailed;
import io.github.pendingmigrations.MigrationRunInterrupted;
import io.github.pendingmigrations.MigrationRunRequested;
import io.github.pendingmigrations.MigrationRunStarted;
import io.github.pendingmigrations.MigrationRunSucceeded;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrationDetected;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrationsEvent;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What applications are told about.
 */
@EveryDatabase
class ApplicationEventTests {

	private final TestDatabase database;

	private final TestApplication release;

	ApplicationEventTests(DatabaseServer server) {
		this.database = server.createDatabase();
		this.release = TestApplication.on(this.database)
			.script("V1__create.sql", "create table issue (id int primary key, source int);");
		this.release.start().close();
		this.release.script("P1__drop.sql", "alter table issue drop column source;")
			.configuration(Recorder.class)
			.configuration(ThrowingListener.class);
	}

	@AfterEach
	void close() {
		this.release.close();
		this.database.close();
	}

	@Test
	void successIsTold() {
		try (Instance instance = this.release.start()) {
			Recorder recorder = instance.context().getBean(Recorder.class);
			assertThat(recorder.events)
				.containsExactly(new PendingMigrationDetected("flyway", "1", "drop", instance.migration("1").script()));
			MigrationRun run = instance.apply("1");
			Awaitility.await().until(() -> recorder.events.size() == 4);
			assertThat(recorder.events).extracting(Object::getClass)
				.containsExactly(PendingMigrationDetected.class, MigrationRunRequested.class, MigrationRunStarted.class,
						MigrationRunSucceeded.class);
			assertThat(recorder.events).last().isEqualTo(new MigrationRunSucceeded("flyway", run));
			assertThat(recorder.uncommitted).isEmpty();
		}
		try (Instance again = this.release.start()) {
			assertThat(again.context().getBean(Recorder.class).events).isEmpty();
		}
	}

	@Test
	void failureIsTold() {
		this.release.script("P1__drop.sql", "drop table no_such_table;");
		try (Instance instance = this.release.start()) {
			Recorder recorder = instance.context().getBean(Recorder.class);
			MigrationRun run = instance.apply("1");
			Awaitility.await().until(() -> recorder.events.size() == 5);
			assertThat(recorder.events).extracting(Object::getClass)
				.endsWith(MigrationAttemptFailed.class, MigrationRunFailed.class);
			assertThat(recorder.events.get(3)).isInstanceOfSatisfying(MigrationAttemptFailed.class, (failed) -> {
				assertThat(failed.run().id()).isEqualTo(run.id());
				assertThat(failed.version()).isEqualTo("1");
				assertThat(failed.attempt()).isOne();
				assertThat(failed.outcome()).isEqualTo("error");
			});
			assertThat(recorder.uncommitted).isEmpty();
		}
	}

	/**
	 * Records what it is told, and whether the database says the same by then.
	 */
	static class Recorder {

		private final List<PendingMigrationsEvent> events = new CopyOnWriteArrayList<>();

		private final List<PendingMigrationsEvent> uncommitted = new CopyOnWriteArrayList<>();

		private final ObjectProvider<PendingMigrations> service;

		Recorder(ObjectProvider<PendingMigrations> service) {
			this.service = service;
		}

		@EventListener
		@Order(Ordered.HIGHEST_PRECEDENCE)
		void on(PendingMigrationsEvent event) {
			MigrationRun told = run(event);
			if (told != null) {
				MigrationRunStatus status = this.service.getObject().run(told.id()).orElseThrow().status();
				if (!told.status().isActive() && status != told.status()) {
					this.uncommitted.add(event);
				}
			}
			this.events.add(event);
		}

		private static @Nullable MigrationRun run(PendingMigrationsEvent event) {
			if (event instanceof MigrationRunRequested requested) {
				return requested.run();
			}
			if (event instanceof MigrationRunSucceeded succeeded) {
				return succeeded.run();
			}
			if (event instanceof MigrationRunFailed failed) {
				return failed.run();
			}
			if (event instanceof MigrationRunCancelled cancelled) {
				return cancelled.run();
			}
			return (event instanceof MigrationRunInterrupted interrupted) ? interrupted.run() : null;
		}

	}

	/**
	 * Harms nobody but those who are told after it.
	 */
	static class ThrowingListener {

		@EventListener
		void on(PendingMigrationsEvent event) {
			throw new IllegalStateException("On purpose: " + event);
		}

	}

}
