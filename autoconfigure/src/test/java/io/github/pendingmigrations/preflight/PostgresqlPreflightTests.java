package io.github.pendingmigrations.preflight;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Blocker;
import io.github.pendingmigrations.Preflight.Dependant.Consequence;
import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.Lock;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.Notice.Code;
import io.github.pendingmigrations.Preflight.PreparedTransaction;
import io.github.pendingmigrations.Preflight.Table;
import io.github.pendingmigrations.StatementLocks.Reading;
import io.github.pendingmigrations.StatementLocks.Removal.Kind;
import io.github.pendingmigrations.StatementLocks.Work;
import io.github.pendingmigrations.TableName;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

import static io.github.pendingmigrations.preflight.PreflightFixture.begin;
import static io.github.pendingmigrations.preflight.PreflightFixture.descriptions;
import static io.github.pendingmigrations.preflight.PreflightFixture.notice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is found on PostgreSQL.
 */
@EnabledIf("isSelected")
class PostgresqlPreflightTests {

	private static final String AE = "ACCESS EXCLUSIVE";

	private final TestDatabase database = DatabaseServer.POSTGRESQL.createDatabase();

	static boolean isSelected() {
		return DatabaseServer.selected().contains(DatabaseServer.POSTGRESQL);
	}

	@AfterEach
	void close() {
		this.database.close();
	}

	@Test
	void locksAreNamedAsTheCatalogDoesAndTheStrongestOfEachTableCounts() {
		this.database.execute("create schema app", "create table app.issue (id int primary key)",
				"create table vote (id int primary key)");
		Preflight preflight = script().locks("issue", "ROW EXCLUSIVE", Work.NONE)
			.locks("app.issue", AE, Work.REWRITE)
			.locks("vote", "SHARE", Work.SCAN)
			.inspect(this.database.dataSource(), "app");
		assertThat(preflight.locks()).containsExactly(
				new Lock(new TableName("app", "issue"), AE, Work.REWRITE, List.of(1, 2), false),
				new Lock(new TableName("public", "vote"), "SHARE", Work.SCAN, List.of(3), false));
		assertThat(preflight.statements()).hasSize(3);
		assertThat(preflight.notices()).isEmpty();
	}

	@Test
	void onlyWhatHasNotTakenEffectIsInspected() {
		this.database.execute("create table issue (id int primary key)");
		Preflight preflight = script().locks("gone", AE, Work.NONE)
			.locks("issue", AE, Work.NONE)
			.inspect(this.database.dataSource(), "public", 1);
		assertThat(preflight.statements()).extracting(Preflight.StatementLock::number).containsExactly(2);
		assertThat(codes(preflight)).doesNotContain(Code.NO_SUCH_TABLE);
	}

	@Test
	void statementThatIsNotUnderstoodAndTableThatDoesNotExistAreTold() {
		Preflight preflight = script().reading(Reading.UNKNOWN)
			.locks("nowhere", AE, Work.NONE)
			.inspect(this.database.dataSource(), "public");
		assertThat(codes(preflight)).containsExactlyInAnyOrder(Code.NOT_UNDERSTOOD, Code.NO_SUCH_TABLE);
	}

	@Test
	void sessionWithConflictingLockIsABlockerUntilItsTransactionEnds() throws Exception {
		this.database.execute("create table issue (id int primary key)", "create table other (id int)");
		Script script = script().locks("issue", AE, Work.NONE);
		try (Connection reader = this.database.openConnection();
				Connection bystander = this.database.openConnection()) {
			begin(bystander, "select * from other");
			assertThat(inspect(script).blockers()).isEmpty();
			begin(reader, "set local application_name = 'billing'", "select 'secret' from issue");
			Preflight blocked = inspect(script);
			assertThat(blocked.blockers()).singleElement().satisfies((blocker) -> {
				assertThat(blocker.session()).isEqualTo(pid(reader));
				assertThat(blocker.user()).isEqualTo(this.database.username());
				assertThat(blocker.application()).isEqualTo("billing");
				assertThat(blocker.state()).startsWith("idle in transaction");
				assertThat(blocker.table()).isEqualTo(new TableName("public", "issue"));
				assertThat(blocker.holds()).isEqualTo("ACCESS SHARE");
				assertThat(blocker.age()).isBetween(Duration.ZERO, Duration.ofMinutes(1));
			});
			assertThat(notice(blocked, Code.BLOCKED).message()).contains("billing").doesNotContain("secret");
			reader.rollback();
			assertThat(inspect(script).blockers()).isEmpty();
		}
	}

	@Test
	void sessionThatDoesNotConflictIsNoBlocker() throws Exception {
		this.database.execute("create table issue (id int primary key)");
		try (Connection writer = this.database.openConnection()) {
			begin(writer, "insert into issue values (1)");
			assertThat(inspect(script().locks("issue", "SHARE UPDATE EXCLUSIVE", Work.SCAN)).blockers()).isEmpty();
			assertThat(inspect(script().locks("issue", "SHARE", Work.SCAN)).blockers()).extracting(Blocker::holds)
				.containsExactly("ROW EXCLUSIVE");
		}
	}

	@Test
	void youngBlockerInformsAndOldOneDelays() throws Exception {
		this.database.execute("create table issue (id int primary key)");
		Script script = script().locks("issue", AE, Work.NONE);
		try (Connection reader = this.database.openConnection()) {
			begin(reader, "select * from issue");
			assertThat(notice(inspect(script), Code.BLOCKED).effect()).isEqualTo(Effect.INFORMS);
			Awaitility.await()
				.atMost(Duration.ofSeconds(20))
				.untilAsserted(
						() -> assertThat(notice(inspect(script), Code.BLOCKED).effect()).isEqualTo(Effect.DELAYS));
		}
	}

	@Test
	void preparedTransactionIsToldWithWhatItHolds() throws Exception {
		this.database.execute("create table issue (id int primary key)", "create table other (id int)");
		Script script = script().locks("issue", AE, Work.NONE);
		String gid = this.database.name() + "-gid";
		try (Connection connection = this.database.openConnection()) {
			begin(connection, "insert into issue values (1)", "prepare transaction '" + gid + "'");
		}
		try {
			Preflight preflight = inspect(script);
			assertThat(preflight.preparedTransactions()).singleElement().satisfies((transaction) -> {
				assertThat(transaction.id()).isEqualTo(gid);
				assertThat(transaction.table()).isEqualTo(new TableName("public", "issue"));
				assertThat(transaction.holds()).isEqualTo("ROW EXCLUSIVE");
				assertThat(transaction.age()).isNotNull();
			});
			assertThat(preflight.blockers()).isEmpty();
			assertThat(notice(preflight, Code.PREPARED_TRANSACTION).effect()).isEqualTo(Effect.DELAYS);
			Preflight elsewhere = inspect(script().locks("other", AE, Work.NONE));
			assertThat(elsewhere.preparedTransactions()).extracting(PreparedTransaction::table)
				.containsExactly((TableName) null);
			assertThat(notice(elsewhere, Code.PREPARED_TRANSACTION).effect()).isEqualTo(Effect.INFORMS);
		}
		finally {
			this.database.execute("rollback prepared '" + gid + "'");
		}
		assertThat(inspect(script).preparedTransactions()).isEmpty();
	}

	@Test
	void preparedTransactionInTheWayIsToldFromAnOlderOneElsewhere() throws Exception {
		this.database.execute("create table issue (id int primary key)", "create table other (id int)");
		String older = this.database.name() + "-older";
		String gid = this.database.name() + "-it''s";
		try (Connection connection = this.database.openConnection()) {
			begin(connection, "insert into other values (1)", "prepare transaction '" + older + "'");
			begin(connection, "savepoint s", "insert into issue values (1)", "release savepoint s",
					"prepare transaction '" + gid + "'");
		}
		try {
			Preflight preflight = inspect(script().locks("issue", AE, Work.NONE));
			assertThat(preflight.preparedTransactions()).filteredOn((transaction) -> transaction.table() != null)
				.extracting(PreparedTransaction::id)
				.containsExactly(gid.replace("''", "'"));
			assertThat(preflight.notices()).filteredOn((notice) -> notice.code() == Code.PREPARED_TRANSACTION)
				.extracting(Notice::message)
				.filteredOn((message) -> message.contains("holds ROW EXCLUSIVE"))
				.singleElement()
				.asString()
				.contains("COMMIT PREPARED '" + gid + "'", "ROLLBACK PREPARED '" + gid + "'");
		}
		finally {
			this.database.execute("rollback prepared '" + gid + "'", "rollback prepared '" + older + "'");
		}
	}

	@Test
	void antiWraparoundVacuumHoldsTheRunEvenIfTheUserMustNotSeeIt() throws Exception {
		String role = this.database.name() + "_app";
		this.database.execute(
				"create table issue (id int) with (autovacuum_freeze_max_age = 100000,"
						+ " autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)",
				"insert into issue select generate_series(1, 50000)",
				// Every block with an exception handler takes a transaction id
				"do $$ begin for i in 1..100100 loop begin insert into issue values (i); exception when division_by_zero"
						+ " then null; end; end loop; end $$",
				"create role " + role + " login password 'app'", "grant all on issue to " + role,
				"alter system set autovacuum_naptime = '1s'", "select pg_reload_conf()");
		try {
			Script script = script().locks("issue", AE, Work.NONE);
			Preflight preflight = Awaitility.await()
				.atMost(Duration.ofSeconds(60))
				.until(() -> inspect(script), (found) -> !found.vacuums().isEmpty());
			assertThat(preflight.vacuums()).singleElement().satisfies((vacuum) -> {
				assertThat(vacuum.wraparound()).isTrue();
				assertThat(vacuum.certain()).isTrue();
				assertThat(vacuum.table()).isEqualTo(new TableName("public", "issue"));
			});
			assertThat(preflight.blockers()).isEmpty();
			assertThat(preflight.holdReason()).get().extracting(Notice::code).isEqualTo(Code.WRAPAROUND_VACUUM);
			try (HikariDataSource unprivileged = as(role)) {
				Preflight seen = script.inspect(unprivileged, "public");
				assertThat(seen.vacuums()).singleElement().satisfies((vacuum) -> {
					assertThat(vacuum.wraparound()).isTrue();
					assertThat(vacuum.certain()).isFalse();
				});
				assertThat(seen.holdReason()).isPresent();
			}
			Preflight harmless = inspect(script().locks("issue", "ROW EXCLUSIVE", Work.NONE));
			assertThat(harmless.holdReason()).isEmpty();
		}
		finally {
			this.database.execute("alter system reset autovacuum_naptime", "select pg_reload_conf()");
			// The table goes with the database: to drop it would wait for the vacuum
			this.database.execute("drop owned by " + role, "drop role " + role);
		}
	}

	@Test
	void userWithoutPrivilegeIsToldWhatItCannotSee() throws Exception {
		String role = this.database.name() + "_app";
		this.database.execute("create role " + role + " login password 'app'", "create table issue (id int)",
				"alter table issue owner to " + role);
		try (HikariDataSource owner = as(role); Connection reader = this.database.openConnection()) {
			begin(reader, "select 'secret' from issue");
			Preflight preflight = script().locks("issue", AE, Work.NONE).inspect(owner, "public");
			assertThat(preflight.blockers()).singleElement().satisfies((blocker) -> {
				assertThat(blocker.session()).isEqualTo(pid(reader));
				assertThat(blocker.user()).isEqualTo("postgres");
				assertThat(blocker.age()).isNull();
				assertThat(blocker.query()).isNull();
			});
			assertThat(notice(preflight, Code.NOT_VISIBLE).message()).contains("GRANT pg_read_all_stats TO " + role);
			assertThat(codes(preflight)).doesNotContain(Code.NOT_INSPECTED);
		}
		finally {
			this.database.execute("drop table issue", "drop role " + role);
		}
	}

	@Test
	void indexThatAFailedConcurrentBuildLeftIsInvalid() {
		this.database.execute("create table issue (id int)", "insert into issue values (1), (1)");
		Script script = script().locks("issue", AE, Work.NONE);
		assertThat(inspect(script).invalidIndexes()).isEmpty();
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.database.execute("create unique index concurrently issue_id on issue (id)"));
		Preflight preflight = inspect(script);
		assertThat(preflight.invalidIndexes()).singleElement().satisfies((index) -> {
			assertThat(index.name()).isEqualTo(new TableName("public", "issue_id"));
			assertThat(index.table()).isEqualTo(new TableName("public", "issue"));
			assertThat(index.building()).isFalse();
		});
		assertThat(notice(preflight, Code.INVALID_INDEX).message()).contains("public.issue_id");
	}

	@Test
	void dropOfAColumnFailsOnViewsAndTakesItsIndexesAlong() {
		this.database.execute("create table issue (id int primary key, source text, other int)",
				"create index issue_source on issue (source)", "create index issue_both on issue (other, source)",
				"alter table issue add constraint short check (length(source) < 9)",
				"create view open_issue as select id, source from issue",
				"create view older as select * from open_issue", "create view unrelated as select other from issue");
		Preflight preflight = inspect(script().dropsColumn("issue", "source"));
		assertThat(descriptions(preflight, Consequence.FAILS)).containsExactlyInAnyOrder("view open_issue",
				"view older");
		assertThat(descriptions(preflight, Consequence.GOES_TOO)).containsExactlyInAnyOrder("index issue_source",
				"index issue_both", "constraint short on table issue");
		assertThat(firstNotice(preflight, Effect.FAILS).message()).contains("view open_issue");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.database.execute("alter table issue drop column source"))
			.withMessageContaining("depend");
		assertThat(descriptions(inspect(script().removes(Kind.COLUMN, "issue", "source", true)), Consequence.CASCADES))
			.containsExactlyInAnyOrder("view open_issue", "view older");
		this.database.execute("alter table issue drop column source cascade");
		assertThat(this.database.queryForList("select viewname from pg_views where schemaname = 'public'"))
			.containsExactly("unrelated");
	}

	@Test
	void whatAnEarlierStatementRemovesDoesNotStandInTheWay() {
		this.database.execute("create table issue (id int primary key, source text)",
				"create view open_issue as select id, source from issue");
		assertThat(inspect(script().drops("open_issue").dropsColumn("issue", "source")).dependants())
			.noneMatch((dependant) -> dependant.consequence() == Consequence.FAILS);
		this.database.execute("drop view open_issue", "alter table issue drop column source");
	}

	@Test
	void dropOfATableFailsOnForeignKeysAndLocksTheOtherTable() throws Exception {
		this.database.execute("create table issue (id int primary key, parent int references issue)",
				"create table vote (id int primary key, issue int references issue)",
				"create table bystander (id int)");
		Preflight parent = inspect(script().drops("issue"));
		assertThat(descriptions(parent, Consequence.FAILS)).containsExactly("constraint vote_issue_fkey on table vote");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.database.execute("drop table issue"));
		Preflight child = inspect(script().drops("vote"));
		assertThat(child.dependants()).isEmpty();
		assertThat(child.locks()).contains(new Lock(new TableName("public", "issue"), AE, Work.NONE, List.of(1), true));
		try (Connection connection = this.database.openConnection()) {
			begin(connection, "drop table vote");
			assertThat(this.database.queryForList("select mode from pg_locks where relation = 'issue'::regclass"))
				.contains("AccessExclusiveLock");
		}
	}

	@Test
	void dropOfAPrimaryKeyFailsOnForeignKeys() {
		this.database.execute("create table issue (id int constraint issue_pk primary key)",
				"create table vote (id int primary key, issue int references issue)");
		assertThat(
				descriptions(inspect(script().removes(Kind.CONSTRAINT, "issue", "issue_pk", false)), Consequence.FAILS))
			.containsExactly("constraint vote_issue_fkey on table vote");
	}

	@Test
	void partitionsAndTheTableOfAnIndexAreLockedToo() {
		this.database.execute("create table event (id int, at_ date) partition by range (at_)",
				"create table event_1 partition of event for values from ('2026-01-01') to ('2027-01-01')",
				"create table issue (id int)", "create index issue_id on issue (id)");
		Preflight preflight = inspect(script().locks("event", AE, Work.NONE).locks("issue_id", AE, Work.NONE));
		assertThat(preflight.locks()).filteredOn(Lock::implied)
			.extracting((lock) -> lock.table().name())
			.containsExactlyInAnyOrder("event_1", "issue");
	}

	@Test
	void sizesAreTold() {
		this.database.execute("create table issue (id int primary key)",
				"insert into issue select generate_series(1, 150000)", "analyze issue");
		Preflight preflight = inspect(script().locks("issue", AE, Work.REWRITE));
		assertThat(preflight.tables()).singleElement().satisfies((table) -> {
			assertThat(table.rows()).isBetween(140_000L, 160_000L);
			assertThat(table.bytes())
				.isEqualTo(Long.valueOf(this.database.queryForString("select pg_total_relation_size('issue')")));
			assertThat(table.estimated()).isFalse();
		});
		assertThat(notice(preflight, Code.LONG_HOLD).effect()).isEqualTo(Effect.DELAYS);
		assertThat(codes(inspect(script().locks("issue", AE, Work.NONE)))).doesNotContain(Code.LONG_HOLD);
	}

	@Test
	void sizeOfATableThatIsLockedExclusivelyIsEstimated() throws Exception {
		this.database.execute("create table issue (id int primary key)",
				"insert into issue select generate_series(1, 1000)", "vacuum analyze issue");
		try (Connection connection = this.database.openConnection()) {
			begin(connection, "lock table issue in access exclusive mode");
			Preflight preflight = inspect(script().locks("issue", AE, Work.NONE));
			assertThat(preflight.tables()).singleElement().extracting(Table::estimated).isEqualTo(true);
			assertThat(preflight.tables().get(0).bytes()).isPositive();
			assertThat(preflight.blockers()).extracting(Blocker::holds).containsExactly(AE);
			assertThat(codes(preflight)).doesNotContain(Code.NOT_INSPECTED);
		}
	}

	@Test
	void connectionGoesBackAsItCame() throws Exception {
		this.database.execute("create table issue (id int)");
		try (HikariDataSource pool = this.database.dataSource(1)) {
			String before = settings(pool);
			script().locks("issue", AE, Work.NONE).inspect(pool, "public");
			assertThat(settings(pool)).isEqualTo(before);
		}
	}

	private static String settings(HikariDataSource pool) throws SQLException {
		try (Connection connection = pool.getConnection();
				Statement statement = connection.createStatement();
				var row = statement.executeQuery("select concat_ws('|', pg_backend_pid(),"
						+ " current_setting('statement_timeout'), current_setting('lock_timeout'),"
						+ " current_setting('search_path'))")) {
			row.next();
			return row.getString(1) + connection.getAutoCommit();
		}
	}

	private HikariDataSource as(String role) {
		HikariDataSource dataSource = new HikariDataSource();
		dataSource.setJdbcUrl(this.database.jdbcUrl());
		dataSource.setUsername(role);
		dataSource.setPassword("app");
		dataSource.setMaximumPoolSize(1);
		return dataSource;
	}

	private static Script script() {
		return new Script(DatabaseProduct.POSTGRESQL);
	}

	private Preflight inspect(Script script) {
		return script.inspect(this.database.dataSource(), "public");
	}

	private static List<Code> codes(Preflight preflight) {
		return preflight.notices().stream().map(Notice::code).toList();
	}

	private static Notice firstNotice(Preflight preflight, Effect effect) {
		return preflight.notices().stream().filter((notice) -> notice.effect() == effect).findFirst().orElseThrow();
	}

	private static long pid(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				var row = statement.executeQuery("select pg_backend_pid()")) {
			row.next();
			return row.getLong(1);
		}
	}

}
