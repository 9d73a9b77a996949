package io.github.pendingmigrations.preflight;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import com.zaxxer.hikari.HikariDataSource;
import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Dependant.Consequence;
import io.github.pendingmigrations.Preflight.Notice.Code;
import io.github.pendingmigrations.Preflight.PreparedTransaction;
import io.github.pendingmigrations.StatementLocks.Work;
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
 * What is found on MariaDB.
 */
@EnabledIf("isAvailable")
class MysqlPreflightTests {

	private final TestDatabase database = DatabaseServer.MARIADB.createDatabase();

	static boolean isAvailable() {
		return DatabaseServer.selected().contains(DatabaseServer.MARIADB)
				&& DatabaseServer.MARIADB.reasonNotToRun().isEmpty();
	}

	@AfterEach
	void close() {
		this.database.close();
	}

	@Test
	void openTransactionMayBeInTheWayUntilItEnds() throws Exception {
		this.database.execute("create table issue (id int primary key)");
		Script script = script().locks("issue", "EXCLUSIVE", Work.NONE);
		try (Connection reader = this.database.openConnection()) {
			assertThat(inspect(script).blockers()).isEmpty();
			begin(reader, "select 'secret' from issue");
			// The server renews what it tells of transactions every 100 ms
			Preflight preflight = Awaitility.await()
				.until(() -> inspect(script), (found) -> !found.blockers().isEmpty());
			assertThat(preflight.blockers()).singleElement().satisfies((blocker) -> {
				assertThat(blocker.session()).isEqualTo(id(reader));
				assertThat(blocker.isCertain()).isFalse();
				assertThat(blocker.user()).isEqualTo("test");
				assertThat(blocker.state()).isEqualTo("idle in transaction");
				assertThat(blocker.age()).isBetween(Duration.ZERO, Duration.ofMinutes(5));
			});
			assertThat(notice(preflight, Code.NOT_AVAILABLE).message()).contains("metadata_lock_info");
			assertThat(inspect(script().locks("issue", "row locks", Work.NONE)).blockers()).isEmpty();
			reader.rollback();
			Awaitility.await().untilAsserted(() -> assertThat(inspect(script).blockers()).isEmpty());
		}
	}

	@Test
	void preparedTransactionIsTold() throws Exception {
		this.database.execute("create table issue (id int primary key)");
		Script script = script().locks("issue", "EXCLUSIVE", Work.NONE);
		String xid = "'" + this.database.name() + "'";
		try (Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("xa start " + xid);
			statement.execute("insert into issue values (1)");
			statement.execute("xa end " + xid);
			statement.execute("xa prepare " + xid);
			assertThat(inspect(script).preparedTransactions()).extracting(PreparedTransaction::id)
				.contains(this.database.name());
			statement.execute("xa rollback " + xid);
		}
		assertThat(inspect(script).preparedTransactions()).extracting(PreparedTransaction::id)
			.doesNotContain(this.database.name());
	}

	@Test
	void dropOfATableFailsOnForeignKeysAndBreaksViews() {
		this.database.execute("create table issue (id int primary key, source text)",
				"create table vote (id int primary key, issue int, constraint vote_issue foreign key (issue)"
						+ " references issue (id))",
				"create view open_issue as select i.id, i.source from issue i",
				"create view unrelated as select id from vote");
		Preflight table = inspect(script().drops("issue"));
		assertThat(descriptions(table, Consequence.FAILS)).singleElement().asString().contains("vote_issue");
		assertThat(descriptions(table, Consequence.BREAKS)).singleElement().asString().contains("open_issue");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.database.execute("drop table issue"));
		assertThat(inspect(script().drops("vote").drops("issue")).dependants())
			.noneMatch((dependant) -> dependant.consequence() == Consequence.FAILS);
	}

	@Test
	void dropOfAColumnFailsOnItsForeignKeyTakesItsIndexAndBreaksViews() {
		this.database.execute("create table issue (id int primary key, source int, index issue_source (source))",
				"create table vote (id int primary key, issue int, constraint vote_issue foreign key (issue)"
						+ " references issue (id))",
				"create view open_issue as select id, source from issue", "create view ids as select id from issue");
		Preflight source = inspect(script().dropsColumn("issue", "source"));
		assertThat(descriptions(source, Consequence.FAILS)).isEmpty();
		assertThat(descriptions(source, Consequence.GOES_TOO)).containsExactly("index issue_source");
		assertThat(descriptions(source, Consequence.BREAKS)).singleElement().asString().contains("open_issue");
		assertThat(descriptions(inspect(script().dropsColumn("vote", "issue")), Consequence.FAILS)).isNotEmpty();
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.database.execute("alter table vote drop column issue"));
		this.database.execute("alter table issue drop column source");
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.database.execute("select * from open_issue"));
	}

	@Test
	void sizesAreTold() {
		this.database.execute("create table issue (id int primary key)",
				"insert into issue select seq from seq_1_to_1000", "analyze table issue persistent for all");
		assertThat(inspect(script().locks("issue", "EXCLUSIVE", Work.NONE)).tables()).singleElement()
			.satisfies((table) -> {
				assertThat(table.bytes()).isPositive();
				assertThat(table.rows()).isBetween(800L, 1200L);
			});
		assertThat(notice(inspect(script().locks("nowhere", "EXCLUSIVE", Work.NONE)), Code.NO_SUCH_TABLE)).isNotNull();
	}

	@Test
	void userWithoutPrivilegeIsToldWhatItCannotSee() throws Exception {
		String user = this.database.name().substring(0, 12);
		this.database.execute("create user " + user + " identified by 'app'",
				"grant all on " + this.database.name() + ".* to " + user, "create table issue (id int primary key)");
		try (HikariDataSource owner = new HikariDataSource()) {
			owner.setJdbcUrl(this.database.jdbcUrl());
			owner.setUsername(user);
			owner.setPassword("app");
			owner.setMaximumPoolSize(1);
			Preflight preflight = script().locks("issue", "EXCLUSIVE", Work.NONE).inspect(owner, this.database.name());
			assertThat(notice(preflight, Code.NOT_VISIBLE).message()).contains("GRANT PROCESS");
			assertThat(preflight.tables()).hasSize(1);
		}
		finally {
			this.database.execute("drop user " + user);
		}
	}

	private static Script script() {
		return new Script(DatabaseProduct.MARIADB);
	}

	private Preflight inspect(Script script) {
		return script.inspect(this.database.dataSource(), this.database.name());
	}

	private static long id(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				var row = statement.executeQuery("select connection_id()")) {
			row.next();
			return row.getLong(1);
		}
	}

}
