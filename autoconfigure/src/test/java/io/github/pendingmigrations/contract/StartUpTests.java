package io.github.pendingmigrations.contract;

import java.nio.charset.StandardCharsets;
import java.util.List;

import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.OrderConflictException;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigration.Origin;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What happens, and what does not happen, when an application starts.
 */
@EveryDatabase
class StartUpTests {

	private final TestDatabase database;

	private final TestApplication release1;

	private final TestApplication release2;

	StartUpTests(DatabaseServer server) {
		this.database = server.createDatabase();
		this.release1 = TestApplication.on(this.database)
			.script("V1__create.sql", "create table issue (id int primary key, source varchar(20), legacy int);");
		this.release2 = this.release1.nextRelease();
	}

	@AfterEach
	void close() {
		this.release1.close();
		this.release2.close();
		this.database.close();
	}

	@Test // A1
	void onlyVersionedMigrationsRunOnADatabaseInUse() {
		this.release1.start().close();
		this.release2.script("V2__add.sql", "alter table issue add origin varchar(20);")
			.script("P2__drop.sql", "alter table issue drop column source;")
			.script("V3__more.sql", "alter table issue add more int;");
		try (Instance instance = this.release2.start()) {
			assertThat(instance.outstanding()).containsExactly("2");
			this.database.execute("insert into issue (id, source, origin, more) values (1, 'a', 'b', 3)");
		}
	}

	@Test // A1
	void pendingMigrationThatIsAddedToAnAppliedVersionWaits() {
		this.release1.start().close();
		this.release2.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release2.start()) {
			PendingMigration migration = instance.migration("1");
			assertThat(migration.state()).isEqualTo(PendingMigrationState.READY);
			assertThat(migration.description()).isEqualTo("drop");
			assertThat(migration.firstSeenAt()).isNotNull();
			this.database.execute("insert into issue (id, source) values (1, 'a')");
		}
	}

	@Test // A2
	void independentPendingMigrationDoesNotHoldBackLaterVersionedOnes() {
		this.release1.start().close();
		this.release2.script("P1__drop.sql", "alter table issue drop column source;")
			.script("V2__add.sql", "alter table issue add origin varchar(20);")
			.script("V3__add.sql", "alter table issue add more int;");
		try (Instance instance = this.release2.start()) {
			assertThat(instance.outstanding()).containsExactly("1");
			assertThat(appliedVersions()).containsExactly("1", "2", "3");
		}
	}

	@Test // A3
	void versionedMigrationThatRequiresAnUnappliedPendingOneStopsTheStartBeforeAnythingIsApplied() {
		this.release1.start().close();
		this.release2.script("P2__drop.sql", "alter table issue drop column source;")
			.script("V2__add.sql", "alter table issue add origin varchar(20);")
			.script("V3__again.sql", "-- pending: requires=P2\nalter table issue add source int;");
		assertThatExceptionOfType(OrderConflictException.class).isThrownBy(() -> rethrowRoot(this.release2))
			.withMessageContaining("V3__again.sql is due at start-up because it is a versioned migration")
			.withMessageContaining("V3__again.sql says 'requires=P2'")
			.withMessageContaining("P2__drop.sql has not been applied: it waits for a person");
		assertThat(appliedVersions()).containsExactly("1");
	}

	@Test // A4
	void lenientOrderRunsWhatComesBeforeTheMigrationThatHasToWait() {
		this.release1.start().close();
		this.release2.property("pending-migrations.order", "lenient")
			.script("P2__drop.sql", "alter table issue drop column source;")
			.script("V2__add.sql", "alter table issue add origin varchar(20);")
			.script("V3__again.sql", "-- pending: requires=P2\nalter table issue add source int;")
			.script("V4__more.sql", "alter table issue add more int;");
		try (Instance instance = this.release2.start()) {
			assertThat(appliedVersions()).containsExactly("1", "2");
			assertThat(instance.apply("2").failure()).isNull();
		}
		try (Instance instance = this.release2.start()) {
			assertThat(appliedVersions()).containsExactly("1", "2", "3", "4");
			assertThat(instance.outstanding()).isEmpty();
		}
	}

	@Test // A5
	void disabledMeansPlainFlyway() {
		this.release1.property("pending-migrations.enabled", "false")
			.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release1.start()) {
			assertThat(instance.context().getBean(Flyway.class).getClass()).isEqualTo(Flyway.class);
			assertThatExceptionOfType(NoSuchBeanDefinitionException.class)
				.isThrownBy(() -> instance.context().getBean(PendingMigrations.class));
			assertThat(this.database.tableNames()).containsExactlyInAnyOrder("flyway_schema_history", "issue");
			this.database.execute("insert into issue (id, source) values (1, 'a')");
		}
	}

	@Test // A6
	void dependencyIsFollowedTransitively() {
		this.release1.start().close();
		this.release2.script("P2__first.sql", "alter table issue drop column legacy;")
			.script("P3__second.sql", "-- pending: requires=P2\nalter table issue drop column source;")
			.script("P4__unrelated.sql", "-- pending: requires=none\nselect 1;")
			.script("V5__again.sql", "-- pending: requires=P3\nalter table issue add source int;");
		OrderConflictException conflict = conflict(this.release2);
		assertThat(conflict.getConflicts()).singleElement()
			.satisfies((found) -> assertThat(found.applyFirstText()).isEqualTo("P2, P3"));
	}

	@Test // A6
	void pendingMigrationCanSayThatItMustPrecedeAVersionedOne() {
		this.release1.start().close();
		this.release2.script("P2__drop.sql", "-- pending: precedes=V5\nalter table issue drop column source;")
			.script("V3__fine.sql", "alter table issue add fine int;")
			.script("V5__again.sql", "alter table issue add source int;");
		assertThat(conflict(this.release2)).hasMessageContaining("P2__drop.sql says 'precedes=V5'");
		assertThat(appliedVersions()).containsExactly("1");
	}

	@Test // A6
	void pendingMigrationWaitsForItsVersionedOne() {
		this.release1.start().close();
		this.release2.property("spring.flyway.target", "1")
			.script("V2__add.sql", "alter table issue add origin varchar(20);")
			.script("P2__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release2.start()) {
			PendingMigration migration = instance.migration("2");
			assertThat(migration.state()).isEqualTo(PendingMigrationState.PENDING);
			assertThat(migration.reasons()).singleElement()
				.satisfies((reason) -> assertThat(reason.message()).startsWith("V2 has not run yet"));
		}
	}

	@Test // A7
	void pendingMigrationBehindAnotherIsBlockedAndBothRunInOrder() {
		this.release1.start().close();
		this.release2.script("P2__first.sql", "alter table issue drop column source;")
			.script("P10__second.sql", "alter table issue drop column legacy;");
		try (Instance instance = this.release2.start()) {
			assertThat(instance.outstanding()).containsExactly("2", "10");
			assertThat(instance.migration("10").reasons()).singleElement().satisfies((reason) -> {
				assertThat(reason.code()).isEqualTo(PendingReason.Code.BLOCKED);
				assertThat(reason.by()).containsExactly("2");
			});
			instance.apply("2");
			assertThat(instance.state("10")).isEqualTo(PendingMigrationState.READY);
			instance.apply("10");
			assertThat(instance.outstanding()).isEmpty();
		}
	}

	@Test // A15
	void unknownOrMalformedDirectivesStopTheStartAndNameFileLineAndAllowedOnes() {
		this.release1.start().close();
		this.release2.script("P2__a.sql", "-- pending: dely=7d\nselect 1;")
			.script("P3__b.sql", "-- a comment\n-- pending: window=02:00-05:00\nselect 1;")
			.script("P4__c.sql", "-- pending: transaction=maybe\nselect 1;")
			.script("P5__d.sql", "select 1;\n-- pending: delay=7d\n");
		assertThatExceptionOfType(InvalidPendingMigrationException.class).isThrownBy(() -> rethrowRoot(this.release2))
			.withMessageContaining("P2__a.sql:1: the directive 'dely' is not known here")
			.withMessageContaining("delay, reason, window, requires, precedes, hold-budget, transaction")
			.withMessageContaining("P3__b.sql:2: the value '02:00-05:00'")
			.withMessageContaining("P4__c.sql:1: the value 'maybe'")
			.withMessageContaining("P5__d.sql:2: the directive 'delay' stands after the first statement");
	}

	@Test // A15
	void wrongNamesAndDuplicateVersionsStopTheStart() {
		this.release1.start().close();
		this.release2.script("P2_drop.sql", "select 1;")
			.script("P__drop.sql", "select 1;")
			.script("p3__drop.sql", "select 1;")
			.script("P4__one.sql", "select 1;")
			.script("P4.0__two.sql", "select 1;")
			.script("Procedures.sql", "select 1;");
		assertThatExceptionOfType(InvalidPendingMigrationException.class).isThrownBy(() -> rethrowRoot(this.release2))
			.withMessageContaining("'P2_drop.sql' is not one of a pending migration")
			.withMessageContaining("rename it, for example to 'P2__drop.sql'")
			.withMessageContaining("'P__drop.sql'")
			.withMessageContaining("'P3__drop.sql'")
			.withMessageContaining("has the version 4, and so has")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("Procedures"));
	}

	@Test // A15
	void fileInAnotherEncodingStopsTheStart() {
		this.release1.start().close();
		this.release2.script("P2__latin.sql", "-- caf\u00e9\nselect 1;", StandardCharsets.ISO_8859_1);
		assertThatExceptionOfType(InvalidPendingMigrationException.class).isThrownBy(() -> rethrowRoot(this.release2))
			.withMessageContaining("P2__latin.sql: is not encoded as UTF-8");
	}

	@Test // A15
	void fileInTheConfiguredEncodingIsRead() {
		this.release1.property("spring.flyway.encoding", "ISO-8859-1").start().close();
		this.release2.property("spring.flyway.encoding", "ISO-8859-1")
			.script("P2__latin.sql", "insert into issue (id, source) values (7, 'caf\u00e9');",
					StandardCharsets.ISO_8859_1);
		try (Instance instance = this.release2.start()) {
			assertThat(instance.apply("2").failure()).isNull();
			assertThat(this.database.queryForString("select source from issue where id = 7")).isEqualTo("caf\u00e9");
		}
	}

	@Test // A16
	void noMigrationsAtAllAreFine() {
		try (TestApplication empty = TestApplication.on(this.database); Instance instance = empty.start()) {
			assertThat(instance.outstanding()).isEmpty();
		}
	}

	@Test // A16
	void emptyFileIsFine() {
		this.release1.start().close();
		this.release2.script("P2__nothing.sql", "");
		try (Instance instance = this.release2.start()) {
			assertThat(instance.apply("2").failure()).isNull();
			assertThat(instance.state("2")).isEqualTo(PendingMigrationState.APPLIED);
		}
	}

	@Test // A18
	void emptyDatabaseRunsEverythingInOrderAndRecordsIt() {
		this.release1.script("P1__drop.sql", "alter table issue drop column source;")
			.script("V2__again.sql", "alter table issue add source int;")
			.script("P2__drop.sql", "alter table issue drop column source;")
			.script("P3__alone.sql", "alter table issue add alone int; alter table issue drop column legacy;")
			.script("R__view.sql", "create view overview as select id, alone from issue;");
		try (Instance instance = this.release1.start()) {
			assertThat(instance.outstanding()).isEmpty();
			assertThat(instance.pendingMigrations().overview().migrations()).hasSize(3).allSatisfy((migration) -> {
				assertThat(migration.state()).isEqualTo(PendingMigrationState.APPLIED);
				assertThat(migration.application()).isNotNull()
					.satisfies((application) -> assertThat(application.origin()).isEqualTo(Origin.INITIAL));
			});
			assertThat(this.database.queryForList("select alone from overview")).isEmpty();
		}
	}

	@Test // A18
	void migrationThatCannotRunInATransactionKeepsItsPlaceOnAnEmptyDatabase() {
		this.release1.script("P1__first.sql", "alter table issue drop column source;")
			.script("P2__second.sql", "alter table issue add source int;")
			.script("P3__alone.sql", "-- pending: transaction=false\ninsert into issue (id, source) values (7, 70);")
			.script("V4__next.sql", "update issue set source = source + 1;");
		try (Instance instance = this.release1.start()) {
			assertThat(instance.outstanding()).isEmpty();
			assertThat(this.database.queryForString("select source from issue where id = 7")).isEqualTo("71");
			assertThat(
					this.database
						.queryForString(
								"select data_type from information_schema.columns"
										+ " where lower(table_name) = 'issue' and lower(column_name) = 'source'"
										+ ((this.database.server() == DatabaseServer.MARIADB)
												? " and table_schema = database()" : ""))
						.toLowerCase(java.util.Locale.ROOT))
				.startsWith("int");
		}
	}

	@Test // A18
	void emptyDatabaseCanHoldThemBack() {
		this.release1.property("pending-migrations.on-empty-database", "hold")
			.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release1.start()) {
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.READY);
		}
	}

	@Test // A18
	void initializationThatWasCutOffContinuesInOrder() {
		this.release1.script("P1__drop.sql", "alter table issue drop column source;")
			.script("V2__broken.sql", "alter table issue add source int; select * from no_such_table;")
			.script("P2__drop.sql", "alter table issue drop column source;");
		assertThat(catchThrowable(() -> this.release1.start())).isNotNull();
		String quoted = this.database.server().quote("flyway_schema_history");
		String success = this.database.server().quote("success");
		this.database.execute("delete from " + quoted + " where " + success + " = false");
		if (this.database.server() != DatabaseServer.POSTGRESQL) {
			this.database.execute("alter table issue drop column source");
		}
		this.release1.script("V2__broken.sql", "alter table issue add source int;");
		try (Instance instance = this.release1.start()) {
			assertThat(instance.outstanding()).isEmpty();
			assertThat(instance.migration("2").application()).isNotNull()
				.satisfies((application) -> assertThat(application.origin()).isEqualTo(Origin.INITIAL));
		}
	}

	@Test // A19
	void databaseWithTablesButWithoutHistoryIsNotEmpty() {
		this.database.execute("create table issue (id int primary key, source varchar(20))");
		try (TestApplication adopting = TestApplication.on(this.database)
			.property("spring.flyway.baseline-on-migrate", "true")
			.script("P1__drop.sql", "alter table issue drop column source;")
			.script("V2__add.sql", "alter table issue add origin int;")
			.script("P2__drop.sql", "alter table issue drop column origin;"); Instance instance = adopting.start()) {
			assertThat(instance.outstanding()).containsExactly("1", "2");
			this.database.execute("insert into issue (id, source, origin) values (1, 'a', 2)");
		}
	}

	@Test // A19
	void whatLiesBelowTheBaselineIsSkipped() {
		this.database.execute("create table issue (id int primary key, source varchar(20))");
		try (TestApplication adopting = TestApplication.on(this.database)
			.property("spring.flyway.baseline-on-migrate", "true")
			.property("spring.flyway.baseline-version", "3")
			.script("P2__old.sql", "drop table was_dropped_long_ago;")
			.script("P3__drop.sql", "alter table issue drop column source;"); Instance instance = adopting.start()) {
			assertThat(instance.state("2")).isEqualTo(PendingMigrationState.SKIPPED);
			assertThat(instance.state("3")).isEqualTo(PendingMigrationState.READY);
		}
	}

	@Test // A20
	void tablesAreCreatedOnADatabaseThatFlywayAlreadyManages() {
		this.release1.property("pending-migrations.enabled", "false").start().close();
		this.release2.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release2.start()) {
			assertThat(instance.migration("1").firstSeenAt()).isNotNull();
		}
	}

	@Test // A33
	void olderCodeStartsAfterAPendingMigrationWasApplied() {
		this.release1.start().close();
		this.release2.property("pending-migrations.application-version", "2.0.0")
			.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release2.start()) {
			instance.apply("1");
		}
		try (Instance older = this.release1.start()) {
			assertThat(older.state("1")).isEqualTo(PendingMigrationState.UNKNOWN_HERE);
			assertThat(older.outstanding()).isEmpty();
		}
	}

	@Test
	void changedScriptOfAnAppliedMigrationIsReported() {
		this.release1.script("P1__drop.sql", "alter table issue drop column source;").start().close();
		this.release1.script("P1__drop.sql", "alter table issue drop column legacy;");
		try (Instance instance = this.release1.start()) {
			assertThat(instance.state("1")).isEqualTo(PendingMigrationState.CHANGED);
		}
	}

	@Test
	void strategyOfTheUserIsUsedAndStillSafe() {
		this.release1.script("P1__drop.sql", "alter table issue drop column source;")
			.script("V2__again.sql", "alter table issue add source int;")
			.configuration(CleaningStrategy.class)
			.property("spring.flyway.clean-disabled", "false");
		for (int i = 0; i < 2; i++) {
			try (Instance instance = this.release1.start()) {
				assertThat(instance.outstanding()).isEmpty();
				this.database.execute("insert into issue (id, source) values (1, 2)");
			}
		}
	}

	@Test
	void namesAreValidForFlywaysOwnValidation() {
		this.release1.property("spring.flyway.validate-migration-naming", "true")
			.script("P1__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release1.start()) {
			assertThat(instance.outstanding()).isEmpty();
		}
	}

	@Test
	void prefixPlaceholdersSuffixesSeparatorAndScriptConfigurationAreHonoured() {
		this.release1.start().close();
		try (TestApplication custom = TestApplication.on(this.database)
			.property("spring.flyway.sql-migration-suffixes", ".ddl")
			.property("spring.flyway.sql-migration-separator", "--")
			.property("spring.flyway.ignore-migration-patterns", "*:missing,*:future")
			.property("spring.flyway.placeholders.column", "source")
			.property("pending-migrations.sql-prefix", "LATER")
			.script("LATER2--drop_it.ddl", "alter table issue drop column ${column};")
			.script("LATER3--literal.ddl", "insert into issue (id, legacy) values (1, 1);")
			.script("LATER3--literal.ddl.conf", "executeInTransaction=false"); Instance instance = custom.start()) {
			assertThat(instance.outstanding()).containsExactly("2", "3");
			assertThat(instance.pendingMigrations().statements("2").get(0).sql())
				.isEqualTo("alter table issue drop column source");
			assertThat(instance.apply("2").failure()).isNull();
			assertThat(instance.apply("3").failure()).isNull();
		}
	}

	private OrderConflictException conflict(TestApplication release) {
		return (OrderConflictException) root(catchThrowable(release::start));
	}

	private static void rethrowRoot(TestApplication release) throws Throwable {
		throw root(catchThrowable(release::start));
	}

	private static Throwable root(Throwable failure) {
		Throwable root = failure;
		while (root.getCause() != null && !(root instanceof InvalidPendingMigrationException)) {
			root = root.getCause();
		}
		return root;
	}

	private List<String> appliedVersions() {
		DatabaseServer server = this.database.server();
		return this.database
			.queryForList("select " + server.quote("version") + " from " + server.quote("flyway_schema_history")
					+ " where " + server.quote("installed_rank") + " > 0 order by " + server.quote("installed_rank"));
	}

	@BeforeEach
	void databaseStartsEmpty() {
		assertThat(this.database.tableNames()).isEmpty();
	}

	@Configuration(proxyBeanMethods = false)
	static class CleaningStrategy {

		@Bean
		FlywayMigrationStrategy cleaningStrategy() {
			return (flyway) -> {
				flyway.clean();
				flyway.migrate();
			};
		}

	}

}
