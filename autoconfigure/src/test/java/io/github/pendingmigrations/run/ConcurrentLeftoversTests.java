package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import io.github.pendingmigrations.run.SessionControl.Leftovers;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Whether what is found in the way may be removed.
 */
@EnabledIf("isSelected")
class ConcurrentLeftoversTests {

	private static final String CREATE = "create index concurrently i on issue (source)";

	private static final String BUILDERS = "from pg_stat_progress_create_index where datname = current_database()";

	private final TestDatabase database = DatabaseServer.POSTGRESQL.createDatabase();

	private final String role = "limited_" + this.database.name();

	static boolean isSelected() {
		return DatabaseServer.selected().contains(DatabaseServer.POSTGRESQL);
	}

	@BeforeEach
	void prepare() {
		this.database.execute("create table issue (id int primary key, source int)", "create role " + this.role,
				"create table other (id int)");
	}

	@AfterEach
	void close() {
		this.database.execute("drop role " + this.role);
		this.database.close();
	}

	@Test
	void indexThatAnotherRoleBuildsIsNoneOfThem() throws SQLException {
		try (Connection blocker = this.database.openConnection(); Connection own = this.database.openConnection()) {
			execute(own, "set session authorization " + this.role);
			blocker.setAutoCommit(false);
			execute(blocker, "insert into issue values (1, 1)");
			CompletableFuture<Void> builder = CompletableFuture.runAsync(() -> this.database.execute(CREATE));
			awaitBuilder();
			assertThat(ConcurrentLeftovers.of(own, CREATE)).isEqualTo(Leftovers.NONE);
			this.database.queryForString("select pg_cancel_backend(pid) " + BUILDERS);
			assertThatExceptionOfType(CompletionException.class).isThrownBy(builder::join);
			blocker.rollback();
			assertThat(ConcurrentLeftovers.of(own, CREATE).removals())
				.isEqualTo(List.of("DROP INDEX CONCURRENTLY public.i"));
		}
	}

	@Test
	void whatIsBuiltElsewhereMeanwhileDoesNotMatter() throws SQLException {
		try (Connection blocker = this.database.openConnection(); Connection own = this.database.openConnection()) {
			this.database.execute("insert into issue values (1, 1), (2, 1)");
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> this.database.execute("create unique index concurrently i on issue (source)"));
			blocker.setAutoCommit(false);
			execute(blocker, "insert into other values (1)");
			CompletableFuture<Void> builder = CompletableFuture
				.runAsync(() -> this.database.execute("create index concurrently o on other (id)"));
			awaitBuilder();
			assertThat(ConcurrentLeftovers.of(own, CREATE).removals())
				.isEqualTo(List.of("DROP INDEX CONCURRENTLY public.i"));
			blocker.rollback();
			builder.join();
		}
	}

	private void awaitBuilder() {
		Awaitility.await().until(() -> this.database.queryForString("select count(*) " + BUILDERS), "1"::equals);
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

}
