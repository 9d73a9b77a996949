package io.github.pendingmigrations.preflight;

import java.sql.Connection;
import java.sql.Statement;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Dependant.Consequence;
import io.github.pendingmigrations.Preflight.Notice.Code;
import io.github.pendingmigrations.Preflight.PreparedTransaction;
import io.github.pendingmigrations.StatementLocks.Removal.Kind;
import io.github.pendingmigrations.StatementLocks.Work;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

import static io.github.pendingmigrations.preflight.PreflightFixture.begin;
import static io.github.pendingmigrations.preflight.PreflightFixture.descriptions;
import static io.github.pendingmigrations.preflight.PreflightFixture.notice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is found on H2.
 */
@EnabledIf("isSelected")
class H2PreflightTests {

	private final TestDatabase database = DatabaseServer.H2.createDatabase();

	static boolean isSelected() {
		return DatabaseServer.selected().contains(DatabaseServer.H2);
	}

	@AfterEach
	void close() {
		this.database.close();
	}

	@Test
	void sessionThatHasLockedTheTableIsABlockerUntilItsTransactionEnds() throws Exception {
		this.database.execute("create table issue (id int primary key)", "create table other (id int)");
		Script script = script().locks("ISSUE", "EXCLUSIVE", Work.NONE);
		try (Connection writer = this.database.openConnection()) {
			begin(writer, "insert into other values (1)");
			assertThat(inspect(script).blockers()).isEmpty();
			begin(writer, "insert into issue values (1)");
			assertThat(inspect(script).blockers()).singleElement().satisfies((blocker) -> {
				assertThat(blocker.table()).hasToString("PUBLIC.ISSUE");
				assertThat(blocker.user()).isEqualTo("SA");
				assertThat(blocker.holds()).isNotEmpty();
			});
			writer.rollback();
			assertThat(inspect(script).blockers()).isEmpty();
		}
	}

	@Test
	void dropOfATableFailsOnForeignKeysAndViews() {
		this.database.execute("create table issue (id int primary key, source int)",
				"create table vote (id int primary key, issue int, constraint vote_issue foreign key (issue)"
						+ " references issue)",
				"create view open_issue as select id, source from issue",
				"create view unrelated as select id from vote");
		assertThat(descriptions(inspect(script().drops("ISSUE")), Consequence.FAILS))
			.containsExactlyInAnyOrder("foreign key VOTE_ISSUE of table PUBLIC.VOTE", "view PUBLIC.OPEN_ISSUE");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.database.execute("drop table issue"));
		assertThat(descriptions(inspect(script().removes(Kind.RELATION, "ISSUE", null, true)), Consequence.CASCADES))
			.hasSize(2);
		this.database.execute("drop table issue cascade");
		assertThat(this.database
			.queryForList("select table_name from information_schema.views" + " where table_schema = 'PUBLIC'"))
			.containsExactly("UNRELATED");
	}

	@Test
	void dropOfAColumnFailsOnAViewAndOnAnIndexWithOtherColumns() {
		this.database.execute("create table issue (id int primary key, source int, other int)",
				"create index issue_source on issue (source)");
		Preflight alone = inspect(script().dropsColumn("ISSUE", "SOURCE"));
		assertThat(descriptions(alone, Consequence.GOES_TOO)).containsExactly("index ISSUE_SOURCE");
		assertThat(descriptions(alone, Consequence.FAILS)).isEmpty();
		this.database.execute("create index issue_both on issue (other, source)");
		assertThat(descriptions(inspect(script().dropsColumn("ISSUE", "SOURCE")), Consequence.FAILS))
			.containsExactly("index ISSUE_BOTH");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.database.execute("alter table issue drop column source"));
		this.database.execute("drop index issue_both", "create view open_issue as select id, source from issue");
		assertThat(descriptions(inspect(script().dropsColumn("ISSUE", "SOURCE")), Consequence.FAILS))
			.containsExactly("view PUBLIC.OPEN_ISSUE");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.database.execute("alter table issue drop column source"));
	}

	@Test
	void preparedTransactionIsTold() throws Exception {
		this.database.execute("create table issue (id int primary key)");
		Script script = script().locks("ISSUE", "EXCLUSIVE", Work.NONE);
		try (Connection connection = this.database.openConnection()) {
			begin(connection, "insert into issue values (1)", "prepare commit transfer");
			assertThat(inspect(script).preparedTransactions()).extracting(PreparedTransaction::id)
				.containsExactly("TRANSFER");
		}
	}

	@Test
	void rowsAreTold() {
		this.database.execute("create table issue (id int primary key)",
				"insert into issue select x from system_range(1, 300)");
		Preflight preflight = inspect(
				script().locks("ISSUE", "EXCLUSIVE", Work.NONE).locks("NOWHERE", "EXCLUSIVE", Work.NONE));
		assertThat(preflight.tables()).singleElement().satisfies((table) -> assertThat(table.rows()).isEqualTo(300L));
		assertThat(notice(preflight, Code.NO_SUCH_TABLE).message()).contains("PUBLIC.NOWHERE");
	}

	@Test
	void userWhoIsNoAdministratorIsToldWhatItCannotSee() {
		this.database.execute("create user app password 'app'", "create table issue (id int primary key)",
				"grant all on issue to app");
		try (HikariDataSource pool = new HikariDataSource()) {
			// The settings in the usual address need an administrator
			pool.setJdbcUrl("jdbc:h2:mem:" + this.database.name());
			pool.setUsername("app");
			pool.setPassword("app");
			pool.setMaximumPoolSize(1);
			Preflight preflight = script().locks("ISSUE", "EXCLUSIVE", Work.NONE).inspect(pool, "PUBLIC");
			assertThat(notice(preflight, Code.NOT_VISIBLE).message()).contains("APP");
		}
	}

	@Test
	void connectionGoesBackAsItCame() throws Exception {
		try (HikariDataSource pool = this.database.dataSource(1)) {
			script().locks("ISSUE", "EXCLUSIVE", Work.NONE).inspect(pool, "PUBLIC");
			try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
				assertThat(statement.getQueryTimeout()).isZero();
				assertThat(connection.getAutoCommit()).isTrue();
			}
		}
	}

	private static Script script() {
		return new Script(DatabaseProduct.H2);
	}

	private Preflight inspect(Script script) {
		return script.inspect(this.database.dataSource(), "PUBLIC");
	}

}
