package io.github.pendingmigrations.contract;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrationsDataSource;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import io.github.pendingmigrations.test.TransactionPooler;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose connections go through a pooler in transaction mode.
 */
@Isolated
@EnabledIf("isSelected")
@ExtendWith(OutputCaptureExtension.class)
class PoolerTests {

	private static final String WARNING = "there is a pooler that gives each transaction another session";

	private final TestDatabase database = DatabaseServer.POSTGRESQL.createDatabase();

	private final TransactionPooler pooler = new TransactionPooler(this.database, 4);

	private final TestApplication application = TestApplication.on(this.database)
		.script("V1__create.sql", "create table issue (id int primary key, source int, vote int);");

	static boolean isSelected() {
		return DatabaseServer.selected().contains(DatabaseServer.POSTGRESQL);
	}

	@AfterEach
	void close() {
		this.application.close();
		this.pooler.close();
		this.database.close();
	}

	@Test
	void startWarnsOnceAndSaysWhatToDo(CapturedOutput output) {
		try (Instance instance = startBehindPooler()) {
			Awaitility.await().until(() -> output.getOut().contains(WARNING));
			assertThat(instance.apply("1").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(output.getOut()).containsOnlyOnce(WARNING)
				.contains("Give Pending Migrations a direct connection: a DataSource bean that is annotated with "
						+ "@PendingMigrationsDataSource");
		}
	}

	@Test
	void migrationInOneTransactionRunsAndLeavesNothingInTheSessions() {
		try (Instance instance = startBehindPooler()) {
			assertThat(instance.apply("1").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
		}
		assertThat(this.pooler.settings("lock_timeout")).containsOnly("0");
		assertThat(this.pooler.settings("application_name")).doesNotContain("pending-migrations");
		assertThat(this.database.queryForString("select count(*) from pg_locks where locktype = 'advisory'"))
			.isEqualTo("0");
	}

	@Test
	void migrationThatNeedsASessionIsRefused() {
		try (Instance instance = startBehindPooler()) {
			instance.apply("1");
			MigrationRun run = instance.apply("2");
			assertThat(run.status()).isEqualTo(MigrationRunStatus.FAILED);
			Failure failure = run.failure();
			assertThat(failure).isNotNull();
			assertThat(failure.kind()).isEqualTo("SESSION_NOT_KEPT");
			assertThat(failure.advice()).contains("Nothing of the migration took effect",
					"@PendingMigrationsDataSource", "retry");
		}
		assertThat(this.pooler.settings("lock_timeout")).containsOnly("0");
	}

	@Test
	void decisionOfAPersonLeavesNoLockWithAnotherClientOfThePooler() throws SQLException {
		List<Connection> others = new ArrayList<>();
		this.application.start().close();
		this.application.script("P1__fails.sql", "alter table issue drop column nowhere;");
		try (Instance instance = this.application.dataSource(takenByOthersBeforeUnlocking(others)).start()) {
			MigrationRun run = instance.apply("1");
			assertThat(run.status()).isEqualTo(MigrationRunStatus.FAILED);
			instance.pendingMigrations().skip(run.id(), new Requester("ops", "test", "not needed"));
			assertThat(this.database.queryForString("select count(*) from pg_locks where locktype = 'advisory'"))
				.isEqualTo("0");
		}
		finally {
			for (Connection other : others) {
				other.close();
			}
		}
	}

	/**
	 * Lets somebody else begin a transaction before a lock is given back by itself, so
	 * that the pooler gives that statement another session.
	 */
	private DataSource takenByOthersBeforeUnlocking(List<Connection> others) {
		return new DelegatingDataSource(this.pooler) {

			@Override
			public Connection getConnection() throws SQLException {
				Connection connection = super.getConnection();
				return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(),
						new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
							if (method.getName().equals("prepareStatement")
									&& arguments[0].toString().contains("pg_advisory_unlock")) {
								Connection other = PoolerTests.this.pooler.getConnection();
								others.add(other);
								other.setAutoCommit(false);
								other.createStatement().execute("select 1");
							}
							return invoke(connection, method, arguments);
						});
			}

		};
	}

	private static Object invoke(Connection connection, Method method, Object[] arguments) throws Throwable {
		try {
			return method.invoke(connection, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	@Test
	void directConnectionExecutesWhatNeedsASession(CapturedOutput output) {
		this.application.configuration(Direct.class)
			.property("direct.url", this.database.jdbcUrl())
			.property("direct.user", this.database.username())
			.property("direct.password", this.database.password());
		try (Instance instance = startBehindPooler()) {
			instance.apply("1");
			assertThat(instance.apply("2").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
		}
		assertThat(output.getOut()).doesNotContain(WARNING);
	}

	@Test
	void emptyDatabaseIsInitialized() {
		this.application.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = start()) {
			assertThat(instance.outstanding()).isEmpty();
		}
		assertThat(this.database.queryForString("select count(*) from pg_locks where locktype = 'advisory'"))
			.isEqualTo("0");
	}

	@Test
	void ordinaryPoolIsNotMistakenForOne(CapturedOutput output) {
		try (Instance instance = this.application.start()) {
			this.application.script("P2__session.sql",
					"-- pending: transaction=false\nalter table issue drop column vote;");
			instance.pendingMigrations().overview();
		}
		try (Instance instance = this.application.start()) {
			assertThat(instance.apply("2").status()).isEqualTo(MigrationRunStatus.SUCCEEDED);
		}
		assertThat(output.getOut()).doesNotContain(WARNING);
	}

	private Instance startBehindPooler() {
		this.application.start().close();
		this.application.script("P1__drop.sql", "alter table issue drop column source;")
			.script("P2__session.sql", "-- pending: transaction=false\nalter table issue drop column vote;");
		return start();
	}

	private Instance start() {
		return this.application.dataSource(this.pooler).start();
	}

	@Configuration(proxyBeanMethods = false)
	static class Direct {

		@Bean(defaultCandidate = false)
		@PendingMigrationsDataSource
		DataSource direct(@Value("${direct.url}") String url, @Value("${direct.user}") String user,
				@Value("${direct.password}") String password) {
			return DataSourceBuilder.create().url(url).username(user).password(password).build();
		}

	}

}
