package io.github.pendingmigrations.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many replicas that are asked for the same and for different things at the same time.
 */
@ResourceLock(ChaosForm.ONE_AT_A_TIME)
@EveryDatabase
class ManyReplicasTests {

	private static final int REPLICAS = 8;

	private static final int VERSIONS = 10;

	private static final int CLIENTS = 100;

	private final DatabaseServer server;

	private final Faults faults;

	ManyReplicasTests(DatabaseServer server) {
		this.server = server;
		this.faults = new Faults("Many replicas on " + server);
	}

	@Test // A28
	void thousandRequestsToEightReplicasApplyEverythingOnceAndOneAtATime() throws Exception {
		Assumptions.assumeTrue(this.server != DatabaseServer.H2, "It is one process");
		int requests = ChaosForm.selected().requests();
		try (TestDatabase database = this.server.createDatabase();
				TestApplication release = TestApplication.on(database)) {
			release.script("V1__create.sql", "create table trace (version int, session bigint);");
			release.start().close();
			String session = (this.server == DatabaseServer.POSTGRESQL) ? "pg_backend_pid()" : "connection_id()";
			for (int version = 1; version <= VERSIONS; version++) {
				release.script("P" + version + "__trace.sql",
						"-- pending: requires=none\ninsert into trace values (" + version + ", " + session + ");");
			}
			List<Instance> replicas = together(REPLICAS, release::start);
			try {
				Awaitility.await().until(() -> replicas.get(0).state("1") == PendingMigrationState.READY);
				Map<Code, Integer> refusals = new ConcurrentHashMap<>();
				Random random = new Random(42);
				List<Callable<MigrationRun>> clients = new ArrayList<>();
				for (int i = 0; i < requests; i++) {
					Instance replica = replicas.get(i % REPLICAS);
					String version = String.valueOf(1 + random.nextInt(VERSIONS));
					clients.add(() -> request(replica, version, refusals));
				}
				List<MigrationRun> accepted = all(clients).stream().filter((run) -> run != null).toList();
				assertThat(accepted).isNotEmpty();
				assertThat(refusals.keySet()).isSubsetOf(Code.RUN_ACTIVE, Code.ALREADY_APPLIED);
				for (MigrationRun run : accepted) {
					assertThat(replicas.get(0).await(run.id()).status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
				}
				for (int version = 1; version <= VERSIONS; version++) {
					String text = String.valueOf(version);
					if (replicas.get(0).state(text) != PendingMigrationState.APPLIED) {
						replicas.get(version % REPLICAS).apply(text);
					}
				}
				assertThat(database.queryForList("select version from trace order by version")).containsExactly("1",
						"2", "3", "4", "5", "6", "7", "8", "9", "10");
				assertThat(database
					.queryForString("select count(*) from pending_migration_run where status <> 'SUCCEEDED'"))
					.isEqualTo("0");
				assertThat(database.queryForString("""
						select count(*) from pending_migration_run a join pending_migration_run b on a.id <> b.id
						where a.requested_at < b.finished_at and b.requested_at < a.finished_at
						""")).as("runs that overlap").isEqualTo("0");
				this.faults.injected("requests at once, accepted", accepted.size());
				refusals
					.forEach((code, count) -> this.faults.injected("requests at once, refused with " + code, count));
			}
			finally {
				replicas.forEach(Instance::close);
			}
		}
		this.faults.report();
	}

	@Test // A27
	void manyReplicasThatStartAtOnceInitializeADatabaseOnce() throws Exception {
		int starts = ChaosForm.selected().starts();
		Assumptions.assumeTrue(this.server != DatabaseServer.H2 && starts > 0,
				"Part of the long form; RunTests has it with 20 replicas");
		try (TestDatabase database = this.server.createDatabase();
				TestApplication release = TestApplication.on(database)
					.property("spring.datasource.hikari.maximum-pool-size", 2)) {
			release.script("V1__create.sql", "create table trace (step int, seen int);");
			for (int step = 1; step <= 10; step++) {
				String insert = "insert into trace select %d, count(*) from trace;";
				release.script("P" + step + "__p.sql", insert.formatted(2 * step));
				release.script("V" + (step + 1) + "__v.sql", insert.formatted(2 * step + 1));
			}
			together(starts, release::start).forEach(Instance::close);
			assertThat(database.queryForList("select seen from trace order by step")).hasSize(20)
				.containsExactlyElementsOf(IntStream.range(0, 20).mapToObj(String::valueOf).toList());
			this.faults.injected("starts at once", starts);
		}
		this.faults.report();
	}

	private static MigrationRun request(Instance replica, String version, Map<Code, Integer> refusals) {
		try {
			return replica.request(version);
		}
		catch (RequestRefusedException ex) {
			refusals.merge(ex.getCode(), 1, Integer::sum);
			return null;
		}
	}

	private static <T> List<T> together(int count, Callable<T> task) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(count);
		try {
			CountDownLatch start = new CountDownLatch(count);
			List<Future<T>> futures = new ArrayList<>();
			for (int i = 0; i < count; i++) {
				futures.add(executor.submit(() -> {
					start.countDown();
					start.await();
					return task.call();
				}));
			}
			List<T> results = new ArrayList<>();
			for (Future<T> future : futures) {
				results.add(future.get());
			}
			return results;
		}
		finally {
			executor.shutdown();
		}
	}

	private static <T> List<T> all(List<Callable<T>> tasks) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(CLIENTS);
		try {
			List<T> results = new ArrayList<>();
			for (Future<T> future : executor.invokeAll(tasks)) {
				results.add(future.get());
			}
			return results;
		}
		finally {
			executor.shutdown();
		}
	}

}
