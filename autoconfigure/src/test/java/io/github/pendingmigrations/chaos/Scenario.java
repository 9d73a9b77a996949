package io.github.pendingmigrations.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;

import org.springframework.dao.DataAccessException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A database in use, with migrations that show afterwards whether each of their
 * statements took effect exactly once, and whether two sessions ever worked at the same
 * time. Everything that can happen to it ends with {@link #assertExactlyOnce}.
 */
final class Scenario implements AutoCloseable {

	static final Requester OPERATOR = new Requester("ops", "test", "because");

	/** The version up to which it applies. */
	static final String LAST = "3";

	static final Duration LEASE = Duration.ofMillis(1500);

	/** After that nobody believes any more that a run goes on. */
	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final TestDatabase database;

	private final TestApplication release;

	private final DatabaseServer server;

	private Scenario(TestDatabase database, TestApplication release) {
		this.database = database;
		this.server = database.server();
		this.release = release;
	}

	static Scenario on(DatabaseServer server) {
		return on(server.createDatabase());
	}

	static Scenario on(TestDatabase database) {
		TestApplication release = TestApplication.on(database)
			.property("pending-migrations.execution.heartbeat", "100ms")
			.property("pending-migrations.execution.lease", LEASE.toMillis() + "ms")
			.property("pending-migrations.execution.hold-budget", "20s");
		Scenario scenario = new Scenario(database, release);
		release.script("V1__create.sql", """
				create table item (id int primary key, title varchar(40), code int, legacy varchar(40));
				create index item_title on item (title);
				create table counter (name varchar(10) primary key, n int);
				insert into counter values ('two', 0), ('three', 0);
				create table trace (step int, session bigint, at timestamp(6));
				""" + (scenario.isPostgresql() ? "create sequence overlap_seen;" : ""));
		release.start().close();
		database.execute(scenario.isPostgresql()
				? "insert into item select g, 'title', g, 'legacy' from generate_series(1, 50000) g"
				: "insert into item select seq, 'title', seq, 'legacy' from seq_1_to_20000");
		if (scenario.isPostgresql()) {
			release.script("P2__transactional.sql", """
					select case when pg_try_advisory_xact_lock(4711) then 0 else nextval('overlap_seen') end;
					insert into trace values (1, pg_backend_pid(), clock_timestamp());
					update counter set n = n + 1 from pg_sleep(0.15) where name = 'two';
					alter table item drop column legacy;
					alter table item alter column code type bigint;
					insert into trace values (2, pg_backend_pid(), clock_timestamp());
					""").script("P3__step_by_step.sql", """
					-- pending: transaction=false
					insert into trace values (3, pg_backend_pid(), clock_timestamp());
					create index concurrently item_code on item (code);
					update counter set n = n + 1
					from (select pg_sleep(0.15), pg_try_advisory_xact_lock(4711) as free) probe
					where name = 'three' and (free or nextval('overlap_seen') > 0);
					alter table item add column extra int;
					drop index concurrently item_title;
					insert into trace values (4, pg_backend_pid(), clock_timestamp());
					""");
		}
		else {
			String alone = "get_lock(concat('probe-', database()), 0) = 1 and sleep(0.15) = 0 "
					+ "and release_lock(concat('probe-', database())) = 1";
			release.script("P2__step_by_step.sql", """
					insert into trace values (1, connection_id(), utc_timestamp(6));
					alter table item drop column legacy;
					update counter set n = n + 1 where name = 'two' and %s;
					alter table item add index item_code (code), algorithm=copy;
					insert into trace values (2, connection_id(), utc_timestamp(6));
					""".formatted(alone)).script("P3__more.sql", """
					insert into trace values (3, connection_id(), utc_timestamp(6));
					alter table item add column extra int;
					drop index item_title on item;
					update counter set n = n + 1 where name = 'three' and %s;
					insert into trace values (4, connection_id(), utc_timestamp(6));
					""".formatted(alone));
		}
		return scenario;
	}

	/**
	 * Apply everything undisturbed.
	 * @return the calls to the database that a run makes
	 */
	List<Step> applyUndisturbed() {
		List<Step> steps = new ArrayList<>();
		try (Instance instance = startWatched()) {
			WatchedDataSource.of(instance).observe(new CallCounter() {

				@Override
				void beforeCall(int number, String label) {
					steps.add(new Step(number, label));
				}

			});
			request(instance);
			assertThat(bringToAnEnd(instance)).as("decisions").isZero();
			WatchedDataSource.of(instance).observe(WatchedDataSource.Observer.NONE);
		}
		assertExactlyOnce();
		return List.copyOf(steps);
	}

	Instance startWatched() {
		return TestApplication.start(properties(), WatchedDataSource.Watch.class);
	}

	boolean isPostgresql() {
		return this.server == DatabaseServer.POSTGRESQL;
	}

	TestDatabase database() {
		return this.database;
	}

	TestApplication release() {
		return this.release;
	}

	Map<String, Object> properties() {
		return this.release.properties();
	}

	Instance start() {
		return this.release.start();
	}

	MigrationRun request(Instance instance) {
		return instance.pendingMigrations().applyUpTo(instance.pendingMigrations().overview().plan(), LAST, OPERATOR);
	}

	/**
	 * Wait until everything is applied, and decide what only a person can decide: look at
	 * the database, and have it tried again.
	 * @param instance the instance that is asked
	 * @return how many decisions were needed
	 */
	int bringToAnEnd(Instance instance) {
		int decisions = 0;
		while (true) {
			MigrationRun run = awaitEnd(instance).orElse(null);
			if (run == null) {
				ask(() -> request(instance));
			}
			else if (run.status() == MigrationRunStatus.SUCCEEDED) {
				return decisions;
			}
			else {
				assertDecisionIsNamed(run);
				// A session that still executes the statement in doubt has to end first.
				ask(() -> instance.pendingMigrations().retry(run.id(), OPERATOR));
				decisions++;
			}
			assertThat(decisions).as("decisions").isLessThan(4);
		}
	}

	/**
	 * Ask again as a person would who gets no answer.
	 */
	private static void ask(Runnable request) {
		Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
			try {
				request.run();
				return true;
			}
			catch (RequestRefusedException ex) {
				assertThat(ex.getCode()).as(ex.getMessage())
					.isIn(RequestRefusedException.Code.ILLEGAL_STATE, RequestRefusedException.Code.RUN_ACTIVE);
				return ex.getCode() == RequestRefusedException.Code.RUN_ACTIVE;
			}
			catch (DataAccessException ex) {
				return false;
			}
		});
	}

	private static Optional<MigrationRun> awaitEnd(Instance instance) {
		RunQuery newest = new RunQuery(null, null, 0, 1);
		return Awaitility.await()
			.atMost(PATIENCE)
			.pollInterval(Duration.ofMillis(25))
			.ignoreExceptionsInstanceOf(DataAccessException.class)
			.until(() -> instance.pendingMigrations().runs(newest).stream().findFirst(),
					(run) -> run.filter((found) -> found.status().isActive()).isEmpty());
	}

	/**
	 * A run that does not go on by itself says which statement is in doubt and what can
	 * be done.
	 */
	private void assertDecisionIsNamed(MigrationRun run) {
		assertThat(run.status()).as("%s", run).isIn(MigrationRunStatus.INTERRUPTED, MigrationRunStatus.FAILED);
		assertThat(run.failure()).as("%s", run).isNotNull().satisfies((failure) -> {
			assertThat(failure.kind()).as("%s", run).isEqualTo("IN_DOUBT");
			assertThat(failure.statement()).isPositive();
			assertThat(failure.advice()).contains("'retry'", "'mark-applied'", "'skip'");
		});
	}

	/**
	 * The statement that is said to be in doubt is the one that was executing.
	 */
	void assertStatementInDoubt(MigrationRun run, Step step, Instance instance) {
		assertDecisionIsNamed(run);
		Failure failure = Objects.requireNonNull(run.failure());
		String version = String.valueOf(failure.version());
		assertThat(instance.migration(version)).satisfies((migration) -> {
			assertThat(migration.state()).isEqualTo(PendingMigrationState.PARTIALLY_APPLIED);
			assertThat(migration.checkpoint()).isNotNull().satisfies((checkpoint) -> {
				assertThat(checkpoint.inDoubt()).isTrue();
				assertThat(failure.statement()).isEqualTo(checkpoint.statementsDone() + 1);
			});
		});
		if (step.isOfAMigration()) {
			assertThat(step.label()).startsWith(instance.pendingMigrations()
				.statements(version)
				.get(failure.statement() - 1)
				.sql()
				.replaceAll("\\s+", " ")
				.strip());
		}
	}

	void assertExactlyOnce() {
		assertThat(this.database.queryForList("select step from trace order by step")).containsExactly("1", "2", "3",
				"4");
		assertThat(this.database.queryForList("select n from counter")).containsExactly("1", "1");
		assertThat(this.database.queryForList("select lower(column_name) from information_schema.columns "
				+ "where lower(table_name) = 'item' and table_schema = " + schema()))
			.containsExactlyInAnyOrder("id", "title", "code", "extra");
		assertThat(this.database.queryForList(isPostgresql()
				? "select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid "
						+ "where i.indrelid = 'item'::regclass and i.indisvalid and not i.indisprimary"
				: "select distinct index_name from information_schema.statistics where table_name = 'item' "
						+ "and index_name <> 'PRIMARY' and table_schema = database()"))
			.containsExactly("item_code");
		assertThat(this.database.queryForList("select version from pending_migration where applied_at is not null "
				+ "and checkpoint_in_doubt is null order by version"))
			.containsExactly("2", "3");
		assertNobodyWorkedAtTheSameTime();
		assertEveryChangeOfStatusWasLegal();
	}

	private String schema() {
		return isPostgresql() ? "current_schema" : "database()";
	}

	private void assertNobodyWorkedAtTheSameTime() {
		if (isPostgresql()) {
			assertThat(this.database.queryForString("select is_called from overlap_seen")).isEqualTo("f");
		}
		List<String> sessions = new ArrayList<>();
		for (String session : this.database.queryForList("select session from trace order by at")) {
			if (sessions.isEmpty() || !sessions.get(sessions.size() - 1).equals(session)) {
				sessions.add(session);
			}
		}
		assertThat(sessions).as("sessions in the order of their work").doesNotHaveDuplicates();
	}

	private void assertEveryChangeOfStatusWasLegal() {
		Map<String, List<String>> changes = new LinkedHashMap<>();
		this.database
			.queryForList("select concat(run_id, ' ', detail) from pending_migration_event "
					+ "where type = 'TRANSITION' order by id")
			.forEach((line) -> {
				String[] parts = line.split("[ :]", 3);
				changes.computeIfAbsent(parts[0], (id) -> new ArrayList<>()).add(parts[1]);
			});
		changes.forEach((run, statuses) -> {
			for (int i = 1; i < statuses.size(); i++) {
				assertThat(MigrationRunStatus.valueOf(statuses.get(i - 1)).successors()).as("%s", statuses)
					.contains(MigrationRunStatus.valueOf(statuses.get(i)));
			}
			assertThat(this.database.queryForString("select status from pending_migration_run where id = ?", run))
				.isEqualTo(statuses.get(statuses.size() - 1));
		});
		assertThat(this.database.queryForString(
				"select count(*) from pending_migration_run where active_key is not null or lease_until is not null"))
			.isEqualTo("0");
	}

	/**
	 * Make sure that nobody has left anything behind. To be called when every instance
	 * has gone.
	 */
	void assertNothingIsLeft() {
		String sessions = isPostgresql()
				? "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
						+ " and backend_type = 'client backend'"
				: "select count(*) from information_schema.processlist where db = database() and id <> connection_id()";
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.untilAsserted(() -> assertThat(this.database.queryForString(sessions)).isEqualTo("0"));
		if (isPostgresql()) {
			assertThat(this.database.queryForList("select locktype from pg_locks where locktype = 'advisory' and "
					+ "database = (select oid from pg_database where datname = current_database())"))
				.isEmpty();
			assertThat(
					this.database.queryForList("select gid from pg_prepared_xacts where database = current_database()"))
				.isEmpty();
		}
		assertThat(Set.copyOf(this.database.tableNames())).containsExactlyInAnyOrder("counter", "flyway_schema_history",
				"item", "pending_migration", "pending_migration_event", "pending_migration_instance",
				"pending_migration_meta", "pending_migration_run", "trace");
	}

	List<String> events() {
		return this.database.queryForList("select concat(type, ' ', detail) from pending_migration_event order by id");
	}

	@Override
	public void close() {
		this.release.close();
		this.database.close();
	}

}
