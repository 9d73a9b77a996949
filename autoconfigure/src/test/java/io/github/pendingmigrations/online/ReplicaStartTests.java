package io.github.pendingmigrations.online;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.online.Migrator.Ended;
import io.github.pendingmigrations.online.Migrator.Prepared;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication.Instance;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Another instance of the application starts while a migration waits behind a long
 * transaction.
 */
@Isolated
@EveryDatabase
class ReplicaStartTests {

	private static final String SCRIPT = "alter table item drop column legacy;";

	private static final Requester OPERATOR = new Requester("ops", "test", "measured");

	private final OnlineForm form = OnlineForm.selected();

	private final DatabaseServer server;

	ReplicaStartTests(DatabaseServer server) {
		this.server = server;
	}

	@Test
	void blockedRunDoesNotDelayTheStart() throws SQLException {
		Assumptions.assumeTrue(this.server != DatabaseServer.H2, "H2 runs inside the application");
		List<Duration> idle = new ArrayList<>();
		List<Duration> blocked = new ArrayList<>();
		try (Stage stage = Stage.on(this.server)) {
			stage.release().script("P2__change.sql", SCRIPT);
			try (Instance worker = stage.release().start()) {
				stage.release().start().close();
				for (int i = 0; i < this.form.starts(); i++) {
					idle.add(timeStart(stage));
					blocked.add(timeStartBehindRun(stage, worker));
				}
			}
		}
		idle.sort(Duration::compareTo);
		blocked.sort(Duration::compareTo);
		Duration idleMedian = idle.get(idle.size() / 2);
		Duration blockedMedian = blocked.get(blocked.size() / 2);
		try (FigureTable table = new FigureTable("3: start of a replica during a blocked migration, %s, %d starts each"
			.formatted(this.server, this.form.starts()), "", "median", "fastest", "slowest")) {
			table.row("idle", idleMedian, idle.get(0), idle.get(idle.size() - 1));
			table.row("during a blocked run", blockedMedian, blocked.get(0), blocked.get(blocked.size() - 1));
			if (this.form.hasAllControls()) {
				table.row("plain Flyway, during a blocked migration", startBehindPlainFlyway(), "", "");
			}
		}
		Duration limit = idleMedian.multipliedBy(6).dividedBy(5);
		Duration slowest = idle.get(idle.size() - 1);
		// Noise only adds, so of few starts the fastest tells more than the median
		assertThat(this.form.hasAllControls() ? blockedMedian : blocked.get(0))
			.as("start during a blocked run, where idle ones took %s", idle)
			.isLessThanOrEqualTo((limit.compareTo(slowest) > 0) ? limit : slowest);
	}

	private static Duration timeStart(Stage stage) {
		long started = System.nanoTime();
		try (Instance replica = stage.release().start()) {
			Duration duration = Duration.ofNanos(System.nanoTime() - started);
			assertThat(replica.outstanding()).containsExactly("2");
			return duration;
		}
	}

	private static Duration timeStartBehindRun(Stage stage, Instance worker) throws SQLException {
		try (LongTransaction transaction = LongTransaction.on(stage.database())) {
			UUID run = worker.request("2").id();
			Awaitility.await()
				.pollInterval(Duration.ofMillis(10))
				.until(() -> worker.pendingMigrations().run(run).orElseThrow().position().attempt() > 0);
			Duration duration = timeStart(stage);
			assertThat(worker.pendingMigrations().run(run).orElseThrow().status().isActive()).as("run is still blocked")
				.isTrue();
			worker.pendingMigrations().cancel(run, OPERATOR, false);
			worker.await(run);
			transaction.end();
			return duration;
		}
	}

	/**
	 * The second instance of plain Flyway waits until the first one is done.
	 */
	private Duration startBehindPlainFlyway() throws SQLException {
		try (Stage stage = Stage.on(this.server);
				Prepared one = Migrator.FLYWAY.prepare(stage, SCRIPT);
				LongTransaction transaction = LongTransaction.on(stage.database())) {
			CompletableFuture<Ended> first = one.start();
			Pause.of(Duration.ofMillis(500));
			long started = System.nanoTime();
			CompletableFuture<Duration> second = CompletableFuture.supplyAsync(() -> {
				Migrator.flyway(stage.database(), stage.release().scripts()).migrate();
				return Duration.ofNanos(System.nanoTime() - started);
			});
			Pause.of(this.form.blockedFor().minusMillis(500));
			transaction.end();
			assertThat(first.join().outcome().succeeded()).isTrue();
			return second.join();
		}
	}

}
