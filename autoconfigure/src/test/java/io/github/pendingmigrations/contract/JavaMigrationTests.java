package io.github.pendingmigrations.contract;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingJavaMigration;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.contract.javamigrations.P4__Found_in_location;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Pending migrations that are written in Java.
 */
@EveryDatabase
class JavaMigrationTests {

	private final TestDatabase database;

	private final TestApplication release;

	JavaMigrationTests(DatabaseServer server) {
		this.database = server.createDatabase();
		this.release = TestApplication.on(this.database)
			.script("V1__create.sql", "create table counter (id int primary key, value_ int);");
		this.release.start().close();
	}

	@AfterEach
	void close() {
		this.release.close();
		this.database.close();
	}

	@Test
	void beanMayUseTheApplicationAndReportsProgress() {
		this.release.configuration(BeanConfiguration.class);
		try (Instance instance = this.release.start()) {
			PendingMigration migration = instance.migration("2");
			assertThat(migration.type()).isEqualTo(PendingMigrationType.JAVA);
			assertThat(migration.description()).isEqualTo("Backfill counter");
			assertThat(migration.checksum()).isNotNull();
			MigrationRun run = instance.apply("2");
			assertThat(run.status()).as("%s", run).isEqualTo(MigrationRunStatus.SUCCEEDED);
			assertThat(run.position().done()).isEqualTo(3);
			assertThat(run.position().total()).isEqualTo(3);
			assertThat(this.database.queryForString("select count(*) from counter")).isEqualTo("3");
		}
	}

	@Test
	void failureInTheMiddleTakesEverythingBackWhereTheDatabaseCan() {
		this.release.configuration(FailingConfiguration.class);
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("3");
			assertThat(run.status()).isEqualTo(MigrationRunStatus.FAILED);
			assertThat(run.failure()).isNotNull().satisfies((failure) -> {
				assertThat(failure.errorClass()).isEqualTo(IllegalStateException.class.getName());
				assertThat(failure.message()).isEqualTo("half way");
			});
			boolean transactional = this.database.server() == DatabaseServer.POSTGRESQL;
			assertThat(this.database.queryForString("select count(*) from counter"))
				.isEqualTo(transactional ? "0" : "1");
			assertThat(instance.state("3"))
				.isEqualTo(transactional ? PendingMigrationState.FAILED : PendingMigrationState.PARTIALLY_APPLIED);
		}
	}

	@Test
	void migrationCannotEndTheTransactionOfItsRun() {
		this.release.configuration(CommittingConfiguration.class);
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("6");
			if (this.database.server() == DatabaseServer.POSTGRESQL) {
				assertThat(run.status()).isEqualTo(MigrationRunStatus.FAILED);
				assertThat(run.failure()).isNotNull()
					.satisfies((failure) -> assertThat(failure.message()).startsWith("It has called commit() "));
				assertThat(this.database.queryForString("select count(*) from counter")).isEqualTo("0");
				instance.pendingMigrations().skip(run.id(), new Requester("ops", "test", "not needed"));
			}
			MigrationRun batches = instance.apply("7");
			assertThat(batches.failure()).isNotNull()
				.satisfies((failure) -> assertThat(failure.message()).startsWith("It has called rollback() "));
		}
	}

	@Test
	void migrationThatIsNotRepeatableIsNotRepeatedWhereTheServerAcceptsNoChanges() {
		this.release.configuration(ReadOnlyConfiguration.class);
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("8");
			assertThat(run.status()).as("%s", run).isEqualTo(MigrationRunStatus.FAILED);
			assertThat(run.position().attempt()).isEqualTo(1);
			assertThat(this.database.queryForString("select count(*) from counter")).isEqualTo("1");
			assertThat(instance.state("8")).isEqualTo(PendingMigrationState.PARTIALLY_APPLIED);
		}
	}

	@Test
	void migrationThatWasIdleInItsTransactionForTooLongIsNotRepeated() {
		Assumptions.assumeTrue(this.database.server() == DatabaseServer.POSTGRESQL);
		this.release.configuration(IdleConfiguration.class);
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.apply("9");
			assertThat(run.position().attempt()).isEqualTo(1);
			assertThat(run.failure()).isNotNull()
				.satisfies((failure) -> assertThat(failure.kind()).isEqualTo("HOLD_BUDGET_EXCEEDED"));
		}
	}

	@Test
	void migrationLearnsThatItsRunWasCancelled() {
		this.release.configuration(EndlessConfiguration.class);
		try (Instance instance = this.release.start()) {
			MigrationRun run = instance.request("5");
			Awaitility.await().until(() -> instance.context().getBean(P5__Endless.class).hasStarted());
			instance.pendingMigrations().cancel(run.id(), new Requester("ops", "test", "enough"), false);
			assertThat(instance.await(run.id()).status()).isEqualTo(MigrationRunStatus.CANCELLED);
		}
	}

	@Test
	void classInALocationIsFound() {
		String location = P4__Found_in_location.class.getPackageName().replace('.', '/');
		this.release.property("spring.flyway.locations",
				"filesystem:" + this.release.scripts() + ",classpath:" + location);
		try (Instance instance = this.release.start()) {
			assertThat(instance.outstanding()).containsExactly("4");
			assertThat(instance.apply("4").failure()).isNull();
			assertThat(this.database.queryForString("select value_ from counter where id = 4")).isEqualTo("44");
		}
	}

	@Test
	void emptyDatabaseRunsItAtItsPlace() {
		try (TestDatabase empty = this.database.server().createDatabase();
				TestApplication fresh = TestApplication.on(empty)
					.script("V1__create.sql", "create table counter (id int primary key, value_ int);")
					.script("V3__more.sql", "insert into counter select 100, count(*) from counter;")
					.configuration(SimpleBeanConfiguration.class);
				Instance instance = fresh.start()) {
			assertThat(instance.outstanding()).isEmpty();
			assertThat(empty.queryForString("select value_ from counter where id = 100")).isEqualTo("3");
		}
	}

	@Test // A15
	void classWithAWrongNameStopsTheStart() {
		this.release.configuration(WrongNameConfiguration.class);
		assertThatException().isThrownBy(this.release::start)
			.havingRootCause()
			.isInstanceOf(InvalidPendingMigrationException.class)
			.withMessageContaining("the name 'BackfillCounter' is not one of a pending migration");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(JdbcTemplateAutoConfiguration.class)
	static class BeanConfiguration {

		@Bean
		P2__Backfill_counter backfill(JdbcTemplate template) {
			assertThat(template.queryForObject("select count(*) from counter", Integer.class)).isNotNull();
			return new P2__Backfill_counter();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SimpleBeanConfiguration {

		@Bean
		P2__Backfill_counter backfill() {
			return new P2__Backfill_counter();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FailingConfiguration {

		@Bean
		P3__Fails_half_way fails() {
			return new P3__Fails_half_way();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EndlessConfiguration {

		@Bean
		P5__Endless endless() {
			return new P5__Endless();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ReadOnlyConfiguration {

		@Bean
		P8__Meets_a_standby meetsAStandby() {
			return new P8__Meets_a_standby();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class IdleConfiguration {

		@Bean
		P9__Is_idle isIdle() {
			return new P9__Is_idle();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CommittingConfiguration {

		@Bean
		P6__Commits commits() {
			return new P6__Commits();
		}

		@Bean
		P7__Takes_a_batch_back takesABatchBack() {
			return new P7__Takes_a_batch_back();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WrongNameConfiguration {

		@Bean
		BackfillCounter wrong() {
			return new BackfillCounter();
		}

	}

	static class P2__Backfill_counter extends PendingJavaMigration {

		@Override
		public void migrate(Context context) throws Exception {
			for (int i = 1; i <= 3; i++) {
				insert(context.connection(), i);
				context.progress(i, 3);
				context.checkCancelled();
			}
		}

	}

	static class P3__Fails_half_way extends PendingJavaMigration {

		@Override
		public void migrate(Context context) throws Exception {
			insert(context.connection(), 1);
			throw new IllegalStateException("half way");
		}

	}

	static class P6__Commits extends PendingJavaMigration {

		@Override
		public void migrate(Context context) throws Exception {
			insert(context.connection(), 1);
			if (!context.connection().getAutoCommit()) {
				context.connection().commit();
			}
		}

	}

	static class P7__Takes_a_batch_back extends PendingJavaMigration {

		@Override
		public boolean canExecuteInTransaction() {
			return false;
		}

		@Override
		public void migrate(Context context) throws Exception {
			context.repeatUntilNoRows(Duration.ZERO, (connection) -> {
				connection.rollback();
				return 0;
			});
		}

	}

	static class P8__Meets_a_standby extends PendingJavaMigration {

		@Override
		public boolean canExecuteInTransaction() {
			return false;
		}

		@Override
		public void migrate(Context context) throws Exception {
			insert(context.connection(), 1);
			throw switch (DatabaseProduct.of(context.connection())) {
				case POSTGRESQL -> new SQLException("read-only", "25006");
				case H2 -> new SQLException("read-only", "90097", 90097);
				default -> new SQLException("read-only", "HY000", 1290);
			};
		}

	}

	static class P9__Is_idle extends PendingJavaMigration {

		@Override
		public void migrate(Context context) throws Exception {
			try (Statement statement = context.connection().createStatement()) {
				statement.execute("set local idle_in_transaction_session_timeout = '50ms'");
				// It is idle, and not the session that sleeps
				TimeUnit.MILLISECONDS.sleep(500);
				statement.execute("select 1");
			}
		}

	}

	static class P5__Endless extends PendingJavaMigration {

		private final CountDownLatch started = new CountDownLatch(1);

		boolean hasStarted() {
			return this.started.getCount() == 0;
		}

		@Override
		public void migrate(Context context) throws Exception {
			this.started.countDown();
			while (!context.isCancelled()) {
				TimeUnit.MILLISECONDS.sleep(5);
			}
			context.checkCancelled();
		}

	}

	static class BackfillCounter extends PendingJavaMigration {

		@Override
		public void migrate(Context context) {
		}

	}

	private static void insert(Connection connection, int id) throws Exception {
		try (Statement statement = connection.createStatement()) {
			statement.executeUpdate("insert into counter values (" + id + ", 0)");
		}
	}

}
