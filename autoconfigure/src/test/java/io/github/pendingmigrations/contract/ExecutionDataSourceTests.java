package io.github.pendingmigrations.contract;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrationsDataSource;
import io.github.pendingmigrations.WrongDataSourceException;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A data source that only executes pending migrations.
 */
@EveryDatabase
class ExecutionDataSourceTests {

	private final DatabaseServer server;

	ExecutionDataSourceTests(DatabaseServer server) {
		this.server = server;
	}

	@Test
	void executesInsteadOfThatOfFlyway() {
		try (TestDatabase database = this.server.createDatabase(); TestApplication application = inUse(database)) {
			reach(application, database).configuration(Direct.class);
			try (Instance instance = application.start()) {
				int before = connections(instance);
				assertThat(instance.apply("1").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
				assertThat(connections(instance)).isGreaterThan(before);
				assertThat(database.queryForString("select title from issue")).isEqualTo("direct");
			}
		}
	}

	@Test
	void thatOfAnotherFlywayBeanDoesNot() {
		try (TestDatabase database = this.server.createDatabase(); TestApplication application = inUse(database)) {
			reach(application, database).configuration(OfAnotherFlyway.class);
			try (Instance instance = application.start()) {
				assertThat(instance.apply("1").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
				assertThat(connections(instance)).isZero();
			}
		}
	}

	@Test
	void userWhoMayNotDoItFailsTheRunWithAdvice() {
		Assumptions.assumeTrue(this.server == DatabaseServer.POSTGRESQL || this.server == DatabaseServer.H2,
				"there everybody may do everything to databases for tests");
		try (TestDatabase database = this.server.createDatabase(); TestApplication application = inUse(database)) {
			application.script("P2__drop.sql", "alter table issue drop column title;").start().close();
			String user = "writer_" + database.name().toLowerCase(Locale.ROOT);
			if (this.server == DatabaseServer.POSTGRESQL) {
				database.execute("create role " + user + " login password 'writer'",
						"grant select, insert, update, delete on all tables in schema public to " + user,
						"grant usage on all sequences in schema public to " + user);
			}
			else {
				database.execute("create user " + user + " password 'writer'",
						"grant select, insert, update, delete on schema public to " + user);
			}
			application.configuration(Direct.class)
				.property("direct.url", database.jdbcUrl().replace(";DB_CLOSE_DELAY=-1", ""))
				.property("direct.user", user)
				.property("direct.password", "writer");
			try (Instance instance = application.start()) {
				assertThat(instance.apply("1").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
				assertThat(instance.apply("2").failure()).isNotNull().satisfies((failure) -> {
					assertThat(failure.kind()).as("%s", failure).isEqualTo("NOT_PERMITTED");
					assertThat(failure.advice()).contains("P2__drop.sql:1").contains("Grant that user what it lacks");
				});
			}
		}
	}

	@Test
	void startDoesNotFailIfItIsAwayAndTheRunWaitsForIt() {
		try (TestDatabase database = this.server.createDatabase(); TestApplication application = inUse(database)) {
			reach(application, database).configuration(Away.class);
			try (Instance instance = application.start()) {
				MigrationRun run = instance.request("1");
				AtomicBoolean away = instance.context().getBean("direct", AwayDataSource.class).away;
				Awaitility.await()
					.until(() -> instance.pendingMigrations().run(run.id()).orElseThrow().position().attempt() > 1);
				away.set(false);
				MigrationRun ended = instance.await(run.id());
				assertThat(ended.status()).as("%s", ended).isEqualTo(MigrationRunStatus.SUCCEEDED);
			}
		}
	}

	@Test
	void startFailsIfItReachesAnotherDatabase() {
		try (TestDatabase database = this.server.createDatabase();
				TestDatabase another = this.server.createDatabase();
				TestApplication application = inUse(database)) {
			reach(application, another).configuration(Direct.class);
			assertStart(application, "The data source 'direct', which is to execute the pending migrations of Flyway "
					+ "bean 'flyway', reaches another database: the tables of Pending Migrations are not there");
		}
	}

	@Test
	void startFailsIfItReachesACopyOfTheDatabase() {
		try (TestDatabase database = this.server.createDatabase();
				TestDatabase copy = this.server.createDatabase();
				TestApplication application = inUse(database);
				TestApplication elsewhere = inUse(copy)) {
			reach(application, elsewhere.database()).configuration(Direct.class);
			assertStart(application, "what it writes is not what Flyway's data source reads");
		}
	}

	@Test
	void startFailsIfTwoOfThemAreMeant() {
		try (TestDatabase database = this.server.createDatabase(); TestApplication application = inUse(database)) {
			reach(application, database).configuration(Direct.class).configuration(Second.class);
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(application::start)
				.withStackTraceContaining("More than one data source is to execute")
				.withStackTraceContaining("direct, second");
		}
	}

	/**
	 * One that reaches another database of the same server is as good on MariaDB and
	 * MySQL, where it is told the name of the database each time.
	 */
	private void assertStart(TestApplication application, String problem) {
		if (this.server == DatabaseServer.MARIADB || this.server == DatabaseServer.MYSQL) {
			try (Instance instance = application.start()) {
				assertThat(instance.apply("1").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
				assertThat(application.database().queryForString("select title from issue")).isEqualTo("direct");
			}
		}
		else {
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(application::start)
				.havingRootCause()
				.isInstanceOf(WrongDataSourceException.class)
				.withMessageContaining(problem);
		}
	}

	private static TestApplication inUse(TestDatabase database) {
		TestApplication application = TestApplication.on(database)
			.script("V1__create.sql", "create table issue (id int primary key, title varchar(20));");
		application.start().close();
		return application.script("P1__fill.sql", "insert into issue values (1, 'direct');");
	}

	private static TestApplication reach(TestApplication application, TestDatabase database) {
		return application.property("direct.url", database.jdbcUrl())
			.property("direct.user", database.username())
			.property("direct.password", database.password());
	}

	private static int connections(Instance instance) {
		return instance.context().getBean("direct", CountingDataSource.class).count();
	}

	private static CountingDataSource dataSource(String url, String user, String password) {
		return new CountingDataSource(DataSourceBuilder.create().url(url).username(user).password(password).build());
	}

	@Configuration(proxyBeanMethods = false)
	static class Direct {

		@Bean(defaultCandidate = false)
		@PendingMigrationsDataSource
		CountingDataSource direct(@Value("${direct.url}") String url, @Value("${direct.user}") String user,
				@Value("${direct.password}") String password) {
			return dataSource(url, user, password);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Away {

		@Bean(defaultCandidate = false)
		@PendingMigrationsDataSource
		AwayDataSource direct(@Value("${direct.url}") String url, @Value("${direct.user}") String user,
				@Value("${direct.password}") String password) {
			return new AwayDataSource(dataSource(url, user, password));
		}

	}

	static final class AwayDataSource extends DelegatingDataSource {

		private final AtomicBoolean away = new AtomicBoolean(true);

		AwayDataSource(DataSource target) {
			super(target);
		}

		@Override
		public Connection getConnection() throws SQLException {
			if (this.away.get()) {
				throw new SQLTransientConnectionException("too many clients", "08004");
			}
			return super.getConnection();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Second {

		@Bean(defaultCandidate = false)
		@PendingMigrationsDataSource
		CountingDataSource second(@Value("${direct.url}") String url, @Value("${direct.user}") String user,
				@Value("${direct.password}") String password) {
			return dataSource(url, user, password);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OfAnotherFlyway {

		@Bean(defaultCandidate = false)
		@PendingMigrationsDataSource(flyway = "another")
		CountingDataSource direct(@Value("${direct.url}") String url, @Value("${direct.user}") String user,
				@Value("${direct.password}") String password) {
			return dataSource(url, user, password);
		}

	}

	static final class CountingDataSource extends DelegatingDataSource implements AutoCloseable {

		private final AtomicInteger connections = new AtomicInteger();

		CountingDataSource(DataSource target) {
			super(target);
		}

		@Override
		public Connection getConnection() throws SQLException {
			this.connections.incrementAndGet();
			return super.getConnection();
		}

		int count() {
			return this.connections.get();
		}

		@Override
		public void close() throws Exception {
			if (getTargetDataSource() instanceof AutoCloseable pool) {
				pool.close();
			}
		}

	}

}
