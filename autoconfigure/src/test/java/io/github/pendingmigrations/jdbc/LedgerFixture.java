package io.github.pendingmigrations.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.MigrationLedger.AppliedRecord;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Blocker;
import io.github.pendingmigrations.MigrationRun.Contention;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Planned;
import io.github.pendingmigrations.MigrationRunRepository.Claim;
import io.github.pendingmigrations.MigrationRunRepository.Interruption;
import io.github.pendingmigrations.MigrationRunRepository.NewRun;
import io.github.pendingmigrations.MigrationRunRepository.Outcome;
import io.github.pendingmigrations.MigrationRunRepository.Progress;
import io.github.pendingmigrations.MigrationRunPhase;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration.Origin;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.ScriptDirectives;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestDatabase;
import org.flywaydb.core.api.MigrationVersion;

/**
 * The ledger and the runs of one database.
 */
class LedgerFixture implements AutoCloseable {

	static final String OWNER = "instance-1";

	static final Requester REQUESTER = new Requester("ops", "actuator", "the rollout is finished");

	static final Duration LEASE = Duration.ofMinutes(1);

	static final Duration DEADLINE = Duration.ofMinutes(30);

	static final Claim CLAIM = new Claim(OWNER, LEASE, DEADLINE, "2.0.0", "d6f61f5");

	static final Progress PROGRESS = new Progress(MigrationRunPhase.BACKING_OFF, "3", 1, 2, 7, Duration.ofSeconds(90),
			10, 100, 5, null, new Contention(Duration.ofMillis(900), Duration.ofMillis(80), 3, Duration.ofMillis(140),
					List.of(new Blocker(4711, "app", null, "active", Duration.ofSeconds(42), "select 1"))));

	static final Failure DECISION = new Failure("IN_DOUBT", null, null, null, null, "3", 2, 0, "Decide");

	static final Interruption IN_DOUBT = new Interruption("shutdown", false, true, DECISION);

	static final Interruption RESUMABLE = new Interruption("shutdown", true, true, DECISION);

	private final List<HikariDataSource> pools = new ArrayList<>();

	private final TestDatabase database;

	private final LedgerTables tables;

	private final JdbcMigrationLedger ledger;

	private final JdbcMigrationRunRepository runs;

	LedgerFixture(DatabaseServer server) throws SQLException {
		this.database = server.createDatabase();
		this.tables = tables(LedgerTables.DEFAULT_PREFIX);
		this.ledger = new JdbcMigrationLedger(this.database.dataSource(), this.tables, "flyway_schema_history");
		this.runs = new JdbcMigrationRunRepository(this.database.dataSource(), this.tables);
	}

	TestDatabase database() {
		return this.database;
	}

	LedgerTables tables() {
		return this.tables;
	}

	final LedgerTables tables(String prefix) throws SQLException {
		return tables(this.database.dataSource(), prefix);
	}

	static LedgerTables tables(DataSource dataSource, String prefix) throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			return LedgerTables.of(DatabaseProduct.of(connection),
					(connection.getSchema() != null) ? connection.getSchema() : connection.getCatalog(), prefix);
		}
	}

	/**
	 * Creates a pool of one connection.
	 */
	HikariDataSource pool(Consumer<HikariConfig> customizer) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(this.database.jdbcUrl());
		config.setUsername(this.database.username());
		config.setPassword(this.database.password());
		config.setMaximumPoolSize(1);
		customizer.accept(config);
		HikariDataSource pool = new HikariDataSource(config);
		this.pools.add(pool);
		return pool;
	}

	JdbcMigrationLedger ledger() {
		return this.ledger;
	}

	JdbcMigrationRunRepository runs() {
		return this.runs;
	}

	/**
	 * Take the run from a worker whose lease has expired, without a decision.
	 */
	Optional<MigrationRun> interruptExpired() {
		return this.runs.findExpired().flatMap((run) -> this.runs.interruptExpired(run, IN_DOUBT));
	}

	void execute(String sql) {
		this.database.execute(this.tables.sql(sql));
	}

	Entry entry(String version) {
		return this.ledger.load()
			.orElseThrow()
			.entries()
			.stream()
			.filter((entry) -> entry.version().equals(version))
			.findFirst()
			.orElseThrow();
	}

	MigrationRun queuedRun(String... versions) {
		return this.runs.create(newRun(versions)).orElseThrow();
	}

	MigrationRun runningRun() {
		return claim(queuedRun("3"), LEASE);
	}

	MigrationRun claim(MigrationRun run, Duration lease) {
		return this.runs.claim(run.id(), new Claim(OWNER, lease, DEADLINE, "2.0.0", "d6f61f5")).orElseThrow();
	}

	/**
	 * Creates a run in any status, in place of what was active.
	 */
	MigrationRun runIn(MigrationRunStatus status) {
		execute("delete from {run}");
		MigrationRun run = (status == MigrationRunStatus.QUEUED) ? queuedRun("3") : runningRun();
		switch (status) {
			case QUEUED, RUNNING -> {
			}
			case HELD -> {
				this.runs.requestHold(run.id(), REQUESTER);
				this.runs.hold(run.id(), OWNER);
			}
			case CANCELLING -> this.runs.requestCancel(run.id(), REQUESTER, false);
			case CANCELLED -> {
				this.runs.requestCancel(run.id(), REQUESTER, false);
				this.runs.finish(run.id(), OWNER, outcome(status));
			}
			case SUCCEEDED, FAILED -> this.runs.finish(run.id(), OWNER, outcome(status));
			case INTERRUPTED -> this.runs.interrupt(run.id(), OWNER, IN_DOUBT);
		}
		return this.runs.find(run.id()).orElseThrow();
	}

	static NewRun newRun(String... versions) {
		return new NewRun(null, REQUESTER,
				List.of(versions).stream().map((version) -> new Planned(version, 7)).toList());
	}

	static Outcome outcome(MigrationRunStatus status) {
		return new Outcome(status, null, null, Contention.NONE, "done");
	}

	static PendingScript script(String version) {
		return script(version, 690027783);
	}

	static PendingScript script(String version, int checksum) {
		return new PendingScript(MigrationVersion.fromVersion(version), "drop issue source",
				"db/migration/P" + version + "__drop_issue_source.sql", PendingMigrationType.SQL, checksum,
				ScriptDirectives.NONE, () -> new SqlBody(List.of(), true));
	}

	static AppliedRecord applied(String version) {
		return new AppliedRecord(script(version), "ops", Origin.INITIAL, null, Duration.ofMillis(12), 2, null, "2.0.0");
	}

	/**
	 * Does the same in many threads at once.
	 */
	static <T> List<T> inParallel(int threads, Callable<T> work) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			CountDownLatch start = new CountDownLatch(threads);
			List<Future<T>> futures = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				futures.add(executor.submit(() -> {
					start.countDown();
					start.await();
					return work.call();
				}));
			}
			List<T> results = new ArrayList<>();
			for (Future<T> future : futures) {
				results.add(future.get(60, TimeUnit.SECONDS));
			}
			return results;
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Override
	public void close() {
		this.pools.forEach(HikariDataSource::close);
		this.database.close();
	}

}
