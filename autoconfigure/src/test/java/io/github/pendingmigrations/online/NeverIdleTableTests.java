package io.github.pendingmigrations.online;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.pendingmigrations.online.Migrator.Ended;
import io.github.pendingmigrations.online.Migrator.Outcome;
import io.github.pendingmigrations.online.Migrator.Prepared;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestDatabase;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A column of a table is dropped that 16 clients use back to back, so that there is never
 * a moment without a lock on it.
 */
@Isolated
@EveryDatabase
class NeverIdleTableTests {

	private static final String SCRIPT = "alter table item drop column legacy;";

	private static final int CLIENTS = 16;

	private static final Duration MAX_LOCK_TIMEOUT = Duration.ofMillis(500);

	private static final Duration SLACK = Duration.ofMillis(250);

	private final OnlineForm form = OnlineForm.selected();

	private final DatabaseServer server;

	NeverIdleTableTests(DatabaseServer server) {
		this.server = server;
	}

	@Test
	void migrationGetsThrough() throws SQLException {
		Assumptions.assumeTrue(this.server != DatabaseServer.H2, "H2 runs inside the application");
		List<Result> results = new ArrayList<>();
		try (FigureTable table = new FigureTable("2: DROP COLUMN on a table that is never idle, " + this.server,
				"migrator", "worst statement", "longest silence", "stalled", "errors", "transactions beside",
				"attempts", "until success", "executed", "worst elsewhere", "worst before")) {
			for (int i = 0; i < this.form.repetitions(); i++) {
				results.add(Noise.quiet(() -> measure(Migrator.PENDING, table),
						(result) -> result.felt().noise().drowns(MAX_LOCK_TIMEOUT)));
			}
			if (this.form.hasAllControls()) {
				measure(Migrator.FLYWAY, table);
			}
		}
		for (Result result : results) {
			result.felt().requireNoErrors();
			assertThat(result.errors()).isEmpty();
			assertThat(result.outcome().succeeded()).isTrue();
			result.felt().requireWorst(MAX_LOCK_TIMEOUT.plus(result.outcome().executed()).plus(SLACK));
		}
	}

	private Result measure(Migrator migrator, FigureTable table) throws SQLException {
		try (Stage stage = Stage.on(this.server);
				Prepared prepared = migrator.prepare(stage, SCRIPT);
				BusyClients clients = new BusyClients(stage.database());
				Traffic traffic = stage.traffic(this.form.calibration())) {
			long since = System.nanoTime();
			int before = clients.transactions().get();
			Ended ended = prepared.start().join();
			int transactions = clients.transactions().get() - before;
			Felt felt = traffic.stop(since);
			List<String> errors = clients.stop();
			Outcome outcome = ended.outcome();
			table.row(migrator, felt.table().worst(), felt.table().silence(), felt.table().stalled(),
					felt.table().errors().size() + errors.size(), transactions, outcome.attempts(),
					Duration.ofNanos(ended.at() - since), outcome.executed(), felt.witness().worst(),
					felt.calm().worst());
			return new Result(felt, outcome, errors);
		}
	}

	private record Result(Felt felt, Outcome outcome, List<String> errors) {
	}

	/**
	 * Clients that begin the next transaction, of 20 ms, as soon as they have ended one.
	 */
	private static final class BusyClients implements AutoCloseable {

		private static final Duration TRANSACTION = Duration.ofMillis(20);

		private final AtomicBoolean stopped = new AtomicBoolean();

		private final AtomicInteger transactions = new AtomicInteger();

		private final Queue<String> errors = new ConcurrentLinkedQueue<>();

		private final List<Thread> threads = new ArrayList<>();

		BusyClients(TestDatabase database) throws SQLException {
			for (int i = 1; i <= CLIENTS; i++) {
				Connection connection = database.openConnection();
				int id = i;
				Thread thread = new Thread(() -> run(connection, id), "busy-" + i);
				thread.setDaemon(true);
				thread.start();
				this.threads.add(thread);
			}
		}

		AtomicInteger transactions() {
			return this.transactions;
		}

		List<String> stop() {
			this.stopped.set(true);
			for (Thread thread : this.threads) {
				try {
					thread.join();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
					throw new IllegalStateException(ex);
				}
			}
			return List.copyOf(this.errors);
		}

		@Override
		public void close() {
			stop();
		}

		private void run(Connection connection, int id) {
			try (connection;
					PreparedStatement statement = connection.prepareStatement("select title from item where id = ?")) {
				connection.setAutoCommit(false);
				while (!this.stopped.get()) {
					statement.setInt(1, id);
					statement.executeQuery().close();
					Pause.of(TRANSACTION);
					connection.commit();
					this.transactions.incrementAndGet();
				}
			}
			catch (SQLException ex) {
				this.errors.add(ex.toString());
			}
		}

	}

}
