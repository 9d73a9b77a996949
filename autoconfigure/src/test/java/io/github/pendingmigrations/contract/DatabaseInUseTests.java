package io.github.pendingmigrations.contract;

import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * When a database counts as in use, so that nothing destructive runs by itself.
 */
@EveryDatabase
class DatabaseInUseTests {

	private static final String CREATE = "create table issue (id int primary key, source int, legacy int);";

	private static final String DROP = "alter table issue drop column source;";

	private final TestDatabase database;

	private final TestApplication release;

	DatabaseInUseTests(DatabaseServer server) {
		this.database = server.createDatabase();
		this.release = TestApplication.on(this.database);
	}

	@AfterEach
	void close() {
		this.release.close();
		this.database.close();
	}

	@Test // A19
	void databaseWhoseTablesLieOutsideFlywaysSchemaIsInUse() {
		this.database.execute("create table issue (id int primary key, source int)");
		String home = switch (this.database.server()) {
			case H2 -> "PUBLIC";
			case POSTGRESQL -> "public";
			case MARIADB, MYSQL -> this.database.name();
		};
		String schema = "fw_" + this.database.name();
		this.release.property("spring.flyway.default-schema", schema)
			.script("V1__add.sql", "alter table " + home + ".issue add origin int;")
			.script("P1__drop.sql", "alter table " + home + ".issue drop column source;");
		try (Instance instance = this.release.start()) {
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.READY);
			this.database.execute("insert into issue (id, source, origin) values (1, 2, 3)");
			assertThat(instance.apply("1").failure()).isNull();
		}
		finally {
			this.database.execute("drop schema if exists " + this.database.server().quote(schema)
					+ ((this.database.server() == DatabaseServer.MARIADB) ? "" : " cascade"));
		}
	}

	@Test
	void startThatHoldsPendingMigrationsBackEndsACutOffInitialization() {
		cutOffInitialization();
		this.release.property("pending-migrations.on-empty-database", "hold").script("P1__drop.sql", DROP);
		this.release.start().close();
		this.release.property("pending-migrations.on-empty-database", "apply");
		try (Instance instance = this.release.start()) {
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.READY);
		}
	}

	@Test
	void initializationThatWasCutOffLongAgoIsNotContinued() {
		cutOffInitialization();
		this.database.execute("update pending_migration_meta set initializing_since = "
				+ ((this.database.server() == DatabaseServer.MARIADB) ? "utc_timestamp() - interval 2 hour"
						: "current_timestamp - interval '2' hour"));
		this.release.script("P1__drop.sql", DROP);
		try (Instance instance = this.release.start()) {
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.READY);
		}
	}

	@Test
	void initializationThatSomebodyFinishedByOtherMeansIsNotContinued() {
		cutOffInitialization();
		this.release.script("P1__drop.sql", DROP).script("V2__more.sql", "alter table issue add more int;");
		Flyway.configure()
			.dataSource(this.database.dataSource())
			.locations("filesystem:" + this.release.scripts())
			.load()
			.migrate();
		try (Instance instance = this.release.start()) {
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.READY);
		}
	}

	@Test
	void cleanedDatabaseIsEmptyAgain() {
		this.release.property("spring.flyway.clean-disabled", "false").script("V1__create.sql", CREATE);
		this.release.start().close();
		this.release.script("P1__drop.sql", DROP);
		try (Instance instance = this.release.start()) {
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.READY);
			Flyway flyway = instance.context().getBean(Flyway.class);
			flyway.clean();
			flyway.migrate();
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.APPLIED);
		}
	}

	@Test
	void flywayThatIsDerivedFromOursDoesNotMixItsMigrationsIn() {
		try (TestApplication tenant = TestApplication.on(this.database)) {
			tenant.script("V1__tenant.sql", "create table tenant_issue (id int);")
				.script("P9__tenant.sql", "drop table tenant_issue;");
			this.release.script("V1__create.sql", CREATE).start().close();
			this.release.script("P1__drop.sql", DROP)
				.property("tenant.locations", "filesystem:" + tenant.scripts())
				.configuration(TenantStrategy.class);
			try (Instance instance = this.release.start()) {
				assertThat(instance.outstanding()).containsExactly("1");
				assertThat(this.database.tableNames()).contains("tenant_issue");
			}
		}
	}

	@Test
	void secondHistoryInTheSameSchemaNeedsAnotherPrefix() {
		this.release.script("V1__create.sql", CREATE).start().close();
		try (TestApplication other = TestApplication.on(this.database)
			.property("spring.flyway.table", "other_history")
			.property("spring.flyway.baseline-on-migrate", "true")
			.property("spring.flyway.baseline-version", "0")
			.script("V1__other.sql", "create table other (id int);")) {
			assertThatException().isThrownBy(other::start)
				.havingRootCause()
				.isInstanceOf(InvalidPendingMigrationException.class)
				.withMessageContaining("belong to the history table 'flyway_schema_history', not to 'other_history'");
			other.property("pending-migrations.jdbc.table-prefix", "other_pending").start().close();
			assertThat(this.database.tableNames()).contains("other", "other_pending_run", "pending_migration_run");
		}
	}

	/**
	 * V1 runs, P1 does not.
	 */
	private void cutOffInitialization() {
		this.release.script("V1__create.sql", CREATE)
			.script("P1__drop.sql", "alter table issue drop column no_such_column;");
		assertThat(catchThrowable(this.release::start)).isNotNull();
		assertThat(this.database.queryForString("select count(*) from issue")).isEqualTo("0");
	}

	@Configuration(proxyBeanMethods = false)
	static class TenantStrategy {

		@Bean
		FlywayMigrationStrategy tenants(org.springframework.core.env.Environment environment) {
			return (flyway) -> {
				flyway.migrate();
				Flyway.configure()
					.configuration(flyway.getConfiguration())
					.locations(environment.getRequiredProperty("tenant.locations"))
					.table("tenant_history")
					.baselineOnMigrate(true)
					.baselineVersion("0")
					.load()
					.migrate();
			};
		}

	}

}
