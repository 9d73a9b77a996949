package io.github.pendingmigrations.contract;

import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;

import javax.sql.DataSource;

import io.github.pendingmigrations.PendingJavaMigration;
import io.github.pendingmigrations.PendingMigrationsReplica;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Dependant.Consequence;
import io.github.pendingmigrations.Preflight.Lock;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.Notice.Code;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an application tells about a migration before it runs.
 */
@EveryDatabase
class PreflightTests {

	private final TestDatabase database;

	private final TestApplication release;

	PreflightTests(DatabaseServer server) {
		this.database = server.createDatabase();
		this.release = TestApplication.on(this.database)
			.script("V1__create.sql", "create table issue (id int primary key, source varchar(20));");
		this.release.start().close();
		this.release.script("P1__drop.sql", "select 1;\nalter table issue drop column source;");
	}

	@AfterEach
	void close() {
		this.release.close();
		this.database.close();
	}

	@Test
	void transactionInTheWayIsToldWithoutChangingAnything() throws Exception {
		try (Instance instance = this.release.start();
				Connection connection = this.database.openConnection();
				Statement statement = connection.createStatement()) {
			assertThat(preflight(instance).locks()).extracting((lock) -> lock.table().name().toLowerCase(Locale.ROOT))
				.containsExactly("issue");
			assertThat(preflight(instance).locks()).extracting(Lock::statements).containsExactly(List.of(2));
			assertThat(preflight(instance).blockers()).isEmpty();
			connection.setAutoCommit(false);
			statement.execute("insert into issue values (1, 'web')");
			Awaitility.await().untilAsserted(() -> assertThat(preflight(instance).blockers()).hasSize(1));
			assertThat(preflight(instance).notices()).extracting(Notice::code).doesNotContain(Code.NOT_INSPECTED);
			connection.rollback();
			Awaitility.await().untilAsserted(() -> assertThat(preflight(instance).blockers()).isEmpty());
			assertThat(instance.outstanding()).containsExactly("1");
			instance.apply("1");
			assertThat(instance.pendingMigrations().preflight("1")).isEmpty();
			assertThat(instance.pendingMigrations().preflight("7")).isEmpty();
		}
	}

	@Test
	void whatIsRemovedIsFollowedToWhatDependsOnIt() {
		this.database.execute("create view sources as select source from issue");
		try (Instance instance = this.release.start()) {
			assertThat(preflight(instance).dependants()).singleElement().satisfies((dependant) -> {
				assertThat(dependant.description().toLowerCase(Locale.ROOT)).contains("view", "sources");
				assertThat(dependant.consequence()).isEqualTo((this.database.server() == DatabaseServer.MARIADB
						|| this.database.server() == DatabaseServer.MYSQL) ? Consequence.BREAKS : Consequence.FAILS);
				assertThat(dependant.statement()).isEqualTo(2);
			});
		}
	}

	@Test
	void migrationInJavaIsNotCreatedToLookAtIt() {
		this.release.configuration(JavaMigration.class);
		try (Instance instance = this.release.start()) {
			assertThat(instance.pendingMigrations().preflight("2").orElseThrow().notices()).extracting(Notice::code)
				.contains(Code.NOT_UNDERSTOOD);
			assertThat(instance.context().getBeanFactory().containsSingleton("P2__Late")).isFalse();
		}
	}

	@Test
	void dataSourceThatIsNoReplicaIsTold() {
		this.release.configuration(NoReplica.class).property("test.url", this.database.jdbcUrl());
		this.release.property("test.username", this.database.username())
			.property("test.password", this.database.password());
		try (Instance instance = this.release.start()) {
			assertThat(preflight(instance).notices()).extracting(Notice::message)
				.anyMatch((message) -> message.contains("secondary"));
		}
	}

	private static Preflight preflight(Instance instance) {
		return instance.pendingMigrations().preflight("1").orElseThrow();
	}

	static class P2__Late extends PendingJavaMigration {

		@Override
		public void migrate(Context context) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class JavaMigration {

		@Bean("P2__Late")
		@Lazy
		P2__Late late() {
			return new P2__Late();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoReplica {

		@Bean(defaultCandidate = false)
		@PendingMigrationsReplica
		DataSource secondary(Environment environment) {
			return new DriverManagerDataSource(environment.getRequiredProperty("test.url"),
					environment.getRequiredProperty("test.username"), environment.getRequiredProperty("test.password"));
		}

	}

}
