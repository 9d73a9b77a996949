package io.github.pendingmigrations.chaos;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.RestartableServer;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.postgresql.PGConnection;

/**
 * Ends the database server without any order, or makes it refuse changes, while an
 * application applies migrations.
 */
@Isolated("What is ended inside of a statement has to be met there")
@EveryDatabase
class RestartedServerTests {

	private final DatabaseServer kind;

	private final Faults faults;

	private RestartableServer server;

	RestartedServerTests(DatabaseServer kind) {
		this.kind = kind;
		this.faults = new Faults("Servers restarted on " + kind);
	}

	@BeforeEach
	void start() throws Exception {
		RestartableServer.reasonNotToRun(this.kind).ifPresent(Assumptions::abort);
		this.server = RestartableServer.start(this.kind);
	}

	@AfterEach
	void stop() throws Exception {
		if (this.server != null) {
			this.server.close();
		}
	}

	@Test // A30
	void whereverTheServerEndsEachStatementTakesEffectOnce() {
		AtomicInteger decisions = new AtomicInteger();
		List<Crash> crashes = crashes();
		for (Crash crash : crashes) {
			this.faults.untilHit(crash.fault(), () -> decisions.addAndGet(crash(crash)));
		}
		makeReadOnlyForAWhile();
		System.out.printf("%n%d restarts of the server; %d statements in doubt%n", crashes.size(), decisions.get());
		this.faults.report();
	}

	private List<Crash> crashes() {
		List<Step> steps;
		try (Scenario scenario = Scenario.on(this.server.createDatabase())) {
			steps = scenario.applyUndisturbed();
		}
		List<Crash> inside = steps.stream().filter(Step::isSlow).map((step) -> new Crash(step, true)).toList();
		List<Crash> before = steps.stream()
			.filter((step) -> !step.kind().startsWith("own") && !step.isSlow() && step.isSent())
			.map((step) -> new Crash(step, false))
			.toList();
		int wanted = ChaosForm.selected().restarts();
		List<Crash> all = new ArrayList<>(inside.subList(0, Math.min(inside.size(), (wanted + 1) / 2)));
		all.addAll(ChaosForm.selected().some(before, wanted - all.size()));
		return all;
	}

	private int crash(Crash crash) {
		try (Scenario scenario = Scenario.on(this.server.createDatabase())) {
			AtomicBoolean reached = new AtomicBoolean();
			AtomicBoolean missed = new AtomicBoolean();
			int decisions;
			CompletableFuture<?>[] restart = new CompletableFuture<?>[1];
			try (Instance instance = scenario.startWatched()) {
				WatchedDataSource.of(instance).observe(new CallCounter() {

					@Override
					void beforeCall(int number, String label) {
						if (number != crash.step().number()) {
							return;
						}
						reached.set(true);
						if (crash.inside()) {
							restart[0] = CompletableFuture.runAsync(() -> {
								RestartedServerTests.this.server.crash();
								RestartedServerTests.this.server.restart();
							}, CompletableFuture.delayedExecutor(30, TimeUnit.MILLISECONDS));
						}
						else {
							RestartedServerTests.this.server.crash();
							restart[0] = CompletableFuture.runAsync(RestartedServerTests.this.server::restart);
						}
					}

					@Override
					void afterCall(int number, String label) {
						if (number == crash.step().number()) {
							missed.set(true);
						}
					}

				});
				scenario.request(instance);
				Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> restart[0] != null);
				restart[0].join();
				decisions = scenario.bringToAnEnd(instance);
				scenario.assertExactlyOnce();
			}
			this.faults.injected(crash.fault(), reached.get() && !missed.get());
			scenario.assertNothingIsLeft();
			return decisions;
		}
		catch (RuntimeException | AssertionError ex) {
			throw new AssertionError("Ended the server at " + crash, ex);
		}
	}

	/**
	 * A primary that has become a standby, or is about to, accepts no changes.
	 */
	private void makeReadOnlyForAWhile() {
		try (Scenario scenario = Scenario.on(this.server.createDatabase())) {
			TestDatabase database = scenario.database();
			TestApplication release = scenario.release();
			if (this.kind == DatabaseServer.MARIADB) {
				// Who may administer the server is not kept from changing it.
				database.execute("create user app identified by 'app'",
						"grant all on " + database.name() + ".* to app");
				release.property("spring.datasource.username", "app").property("spring.datasource.password", "app");
			}
			AtomicInteger refused = new AtomicInteger();
			try (Instance instance = scenario.startWatched(); Connection blocker = database.openConnection()) {
				WatchedDataSource.of(instance).observe(new WatchedDataSource.Observer() {

					@Override
					public void before(String sql) {
					}

					@Override
					public void failed(String sql, SQLException ex) {
						if (String.valueOf(ex.getMessage()).contains("read-only")) {
							refused.incrementAndGet();
						}
					}

				});
				blocker.setAutoCommit(false);
				try (Statement statement = blocker.createStatement()) {
					statement.execute("select count(*) from item");
				}
				MigrationRun run = scenario.request(instance);
				Awaitility.await()
					.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow().position().attempt() > 1);
				readOnly(database, blocker, true);
				Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> refused.get() > 5);
				blocker.rollback();
				readOnly(database, blocker, false);
				scenario.bringToAnEnd(instance);
				scenario.assertExactlyOnce();
				this.faults.injected("server that accepts no changes", refused.get());
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

	private void readOnly(TestDatabase database, Connection blocker, boolean readOnly) {
		if (this.kind == DatabaseServer.MARIADB) {
			database.execute("set global read_only = " + (readOnly ? "on" : "off"));
			return;
		}
		database.execute("set session characteristics as transaction read write",
				"alter database " + database.name() + " set default_transaction_read_only = " + readOnly);
		// Its sessions have started under the other rule.
		try (Connection connection = database.openConnection(); Statement statement = connection.createStatement()) {
			statement
				.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
						+ "and pid <> pg_backend_pid() and pid <> "
						+ blocker.unwrap(PGConnection.class).getBackendPID());
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Where to end the server.
	 *
	 * @param step the call to the database
	 * @param inside whether while the call is under way, or before it
	 */
	record Crash(Step step, boolean inside) {

		String fault() {
			return (this.inside ? "server ended inside " : "server ended before ") + this.step.kind();
		}
	}

}
