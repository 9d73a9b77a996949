package io.github.pendingmigrations.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.MigrationChecker;
import io.github.pendingmigrations.MigrationChecks.Report;
import io.github.pendingmigrations.MigrationScript;
import io.github.pendingmigrations.OrderConflictException;
import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.CommandResult;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Versioned migrations that must wait for a pending one because of their SQL, without
 * anybody having declared that.
 */
@ResourceLock(Resources.SYSTEM_OUT)
@EveryDatabase
class OrderBySqlTests {

	private final TestDatabase database;

	private final TestApplication release1;

	private final TestApplication release2;

	OrderBySqlTests(DatabaseServer server) {
		this.database = server.createDatabase();
		this.release1 = TestApplication.on(this.database)
			.script("V1__create.sql", "create table issue (id int primary key, source int, legacy int);");
		this.release2 = this.release1.nextRelease();
	}

	@BeforeEach
	void databaseIsInUse() {
		this.release1.start().close();
	}

	@AfterEach
	void close() {
		this.release1.close();
		this.release2.close();
		this.database.close();
	}

	@Test // A3
	void versionedMigrationThatUsesWhatAPendingOneDropsStopsTheStartAndBothAreNamed() {
		this.release2.script("P2__drop.sql", "-- pending: reason=unused\nalter table issue drop column source;")
			.script("V2__add.sql", "alter table issue add origin int;")
			.script("V3__copy.sql", "select 1;\nupdate issue set origin = source where origin is null;");
		OrderConflictException conflict = conflict();
		assertThat(conflict.getMessage()).containsIgnoringCase("V3__copy.sql:2 uses issue.source, which ")
			.contains("P2__drop.sql:2 removes or renames")
			.contains("V3__copy.sql is due at start-up because it is a versioned migration")
			.contains("P2__drop.sql has not been applied: it waits for a person");
		assertThat(appliedVersions()).containsExactly("1");
	}

	@Test // A4
	void lenientOrderRunsWhatComesBeforeIt() {
		this.release2.property("pending-migrations.order", "lenient")
			.script("P2__drop.sql", "drop table issue;")
			.script("V2__add.sql", "alter table issue add origin int;")
			.script("V3__again.sql", "create table issue (id int primary key);");
		try (Instance instance = this.release2.start()) {
			assertThat(appliedVersions()).containsExactly("1", "2");
			assertThat(instance.apply("2").failure()).isNull();
		}
		this.release2.start().close();
		assertThat(appliedVersions()).containsExactly("1", "2", "3");
	}

	@Test // A4, A9
	void lenientOrderLetsRepeatableMigrationsWaitWithTheVersionedOnesThatTheyMayNeed() {
		this.release1.script("R__fill.sql", "update issue set legacy = 1 where id = 1;").start().close();
		assertThat(appliedVersions()).containsExactly("1", null);
		this.release2.property("pending-migrations.order", "lenient")
			.script("R__fill.sql", "update issue set source = 'a' where id = 1;")
			.script("P2__drop.sql", "alter table issue drop column source;")
			.script("V2__add.sql", "alter table issue add origin int;")
			.script("V3__again.sql", "alter table issue add source varchar(20);");
		CommandResult plan = this.release2.command("--pending-migrations.mode=plan");
		assertThat(plan.out()).contains("V2__add.sql").doesNotContain("R__fill.sql");
		try (Instance instance = this.release2.start()) {
			assertThat(appliedVersions()).containsExactly("1", null, "2");
			assertThat(instance.apply("2").failure()).isNull();
		}
		this.release2.start().close();
		assertThat(appliedVersions()).containsExactly("1", null, "2", "3", null);
	}

	@Test // A6
	void whatThePendingMigrationNeedsItselfIsNamedToo() {
		this.release2.script("P2__first.sql", "alter table issue drop column legacy;")
			.script("P3__second.sql", "alter table issue drop column source;")
			.script("V4__again.sql", "alter table issue add source int;");
		assertThat(conflict().getConflicts()).singleElement()
			.satisfies((found) -> assertThat(found.applyFirstText()).isEqualTo("P2, P3"));
	}

	@Test // A8
	void columnThatIsAddedDroppedAndAddedAgainIsRefusedAndNotReordered() {
		this.release2.script("P2__drop.sql", "alter table issue drop column source;")
			.script("V3__again.sql", "alter table issue add source varchar(20);");
		assertThat(conflict().getMessage()).containsIgnoringCase("V3__again.sql:1 adds issue.source again, which ")
			.contains("P2__drop.sql:1 drops: applied afterwards, that would drop the new one");
		assertThat(appliedVersions()).containsExactly("1");
		assertThat(this.database.queryForList("select source from issue")).isEmpty();
	}

	@Test
	void namesThatOnlyLookAlikeAreAllowedByAComment() {
		this.release2.script("P2__drop.sql", "drop table issue;")
			.script("V3__again.sql",
					"-- check: allow order-conflict because this is a column\ncreate table vote (id int, issue int);");
		this.release2.start().close();
		assertThat(appliedVersions()).containsExactly("1", "3");
	}

	@Test // A9
	void checkTellsInAdvanceWhatTheNextStartRunsAndWhatItRefuses() {
		Report report;
		try (Instance instance = this.release2.start()) {
			this.release2.script("V2__add.sql", "alter table issue add origin int;")
				.script("P2__drop.sql", "alter table issue drop column source;")
				.script("V3__more.sql", "alter table issue add more int;")
				.script("V4__again.sql", "alter table issue add source int;");
			report = instance.context()
				.getBean(PendingMigrationsRegistry.class)
				.checksByFlywayBean()
				.get("flyway")
				.check();
		}
		List<String> announced = report.due().stream().map((one) -> String.valueOf(one.script().version())).toList();
		assertThat(announced).containsExactly("2", "3", "4");
		assertThat(report.conflicts()).singleElement().satisfies((one) -> assertThat(one.version()).hasToString("4"));
		assertThat(conflict().getConflicts()).extracting(OrderConflictException.Conflict::describe)
			.containsExactlyElementsOf(
					report.conflicts().stream().map(OrderConflictException.Conflict::describe).toList());
		this.release2.property("pending-migrations.order", "lenient").start().close();
		assertThat(appliedVersions()).containsExactly("1", "2", "3");
	}

	@Test // A19
	void pendingMigrationBelowTheBaselineHoldsNothingBack() {
		try (TestDatabase old = this.database.server().createDatabase();
				TestApplication adopting = TestApplication.on(old)
					.property("spring.flyway.baseline-on-migrate", "true")
					.property("spring.flyway.baseline-version", "3")
					.script("P1__drop.sql", "alter table issue drop column source;")
					.script("V2__copy.sql",
							"-- pending: requires=P1\nupdate issue set legacy = 1 where legacy is null;")
					.script("V4__again.sql", "-- pending: requires=P1\nalter table issue add source int;")) {
			old.execute("create table issue (id int primary key, legacy int)");
			adopting.start().close();
			assertThat(old.queryForList("select source from issue")).isEmpty();
			adopting.script("V5__more.sql", "-- pending: requires=P1\ncreate index issue_source on issue (source);");
			try (Instance instance = adopting.start()) {
				assertThat(instance.outstanding()).isEmpty();
			}
		}
	}

	@Test
	void baselineThatOtherMeansHaveSetCountsToo() {
		try (TestDatabase old = this.database.server().createDatabase();
				TestApplication adopting = TestApplication.on(old)
					.script("P1__drop.sql", "alter table issue drop column source;")
					.script("V4__again.sql", "-- pending: requires=P1\nalter table issue add source int;")) {
			old.execute("create table issue (id int primary key, legacy int)");
			Flyway.configure().dataSource(old.dataSource()).baselineVersion("3").load().baseline();
			adopting.start().close();
			assertThat(old.queryForList("select source from issue")).isEmpty();
		}
	}

	@Test
	void emptyDatabaseHasNoBaselineAndNoConflicts() {
		try (TestDatabase empty = this.database.server().createDatabase();
				TestApplication fresh = TestApplication.on(empty)
					.property("spring.flyway.baseline-on-migrate", "true")
					.property("spring.flyway.baseline-version", "3")
					.script("V1__create.sql", "create table issue (id int primary key, source int);")
					.script("P1__drop.sql", "alter table issue drop column source;")
					.script("V2__again.sql", "-- pending: requires=P1\nalter table issue add source int;")) {
			CommandResult check = fresh.command("--pending-migrations.mode=check");
			assertThat(check.exitCode()).as(check.out()).isEqualTo(10);
			CommandResult plan = fresh.command("--pending-migrations.mode=plan");
			assertThat(plan.exitCode()).as(plan.out()).isEqualTo(10);
			assertThat(plan.out()).containsSubsequence("V1__create.sql", "P1__drop.sql", "V2__again.sql");
			fresh.start().close();
			assertThat(empty.queryForList("select source from issue")).isEmpty();
		}
	}

	@Test
	void versionThatIsNotCheckedIsNotComparedEither() {
		this.release2.property("pending-migrations.check.start-after", "3")
			.script("P2__drop.sql", "alter table issue drop column source;")
			.script("V3__copy.sql", "update issue set legacy = source where legacy is null;");
		this.release2.start().close();
		assertThat(appliedVersions()).containsExactly("1", "3");
	}

	@Test
	void eachScriptIsReadOnce() {
		this.release2.configuration(CountingChecker.class)
			.script("P2__drop.sql", "alter table issue drop column source;")
			.script("P3__drop.sql", "alter table issue drop column legacy;")
			.script("V4__add.sql", "alter table issue add origin int;")
			.script("V5__add.sql", "alter table issue add more int;");
		try (Instance instance = this.release2.start()) {
			assertThat(instance.context().getBean(CountingChecker.class).comparisons).containsExactly("P2,P3<V4,V5");
		}
	}

	private OrderConflictException conflict() {
		Throwable root = catchThrowable(() -> this.release2.start().close());
		assertThat(root).as("the start-up should have been refused").isNotNull();
		while (root.getCause() != null) {
			root = root.getCause();
		}
		assertThat(root).isInstanceOf(OrderConflictException.class);
		return (OrderConflictException) root;
	}

	private List<String> appliedVersions() {
		DatabaseServer server = this.database.server();
		return this.database
			.queryForList("select " + server.quote("version") + " from " + server.quote("flyway_schema_history")
					+ " where " + server.quote("installed_rank") + " > 0 order by " + server.quote("installed_rank"));
	}

	@Configuration(proxyBeanMethods = false)
	static class CountingChecker {

		private final List<String> comparisons = new ArrayList<>();

		@Bean
		MigrationChecker checker() {
			return new MigrationChecker() {

				@Override
				public List<CheckedMigration> check(List<MigrationScript> scripts, CheckedDatabase database) {
					return NONE.check(scripts, database);
				}

				@Override
				public List<Clash> clashes(List<MigrationScript> waiting, List<MigrationScript> later,
						CheckedDatabase database) {
					CountingChecker.this.comparisons.add(versions("P", waiting) + "<" + versions("V", later));
					return List.of();
				}

			};
		}

		private static String versions(String prefix, List<MigrationScript> scripts) {
			return scripts.stream().map((script) -> prefix + script.version()).collect(Collectors.joining(","));
		}

	}

}
