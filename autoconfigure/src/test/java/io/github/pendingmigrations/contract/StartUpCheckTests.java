package io.github.pendingmigrations.contract;

import java.io.Reader;
import java.io.StringReader;
import java.util.Collection;
import java.util.List;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.MigrationChecks;
import io.github.pendingmigrations.MigrationFinding;
import io.github.pendingmigrations.MigrationFinding.Severity;
import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.UnsafeMigrationException;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint.FindingDescriptor;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint.MigrationDescriptor;
import io.github.pendingmigrations.actuate.ShowSql;
import io.github.pendingmigrations.check.Fact;
import io.github.pendingmigrations.check.Finding;
import io.github.pendingmigrations.check.Impact;
import io.github.pendingmigrations.check.Rule;
import io.github.pendingmigrations.check.ScriptContext;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

/**
 * What a start-up refuses because of its SQL, before anything is applied.
 */
@ResourceLock(Resources.SYSTEM_OUT)
@EveryDatabase
@ExtendWith(OutputCaptureExtension.class)
class StartUpCheckTests {

	private final TestDatabase database;

	private final TestApplication release1;

	private TestApplication release2;

	StartUpCheckTests(DatabaseServer server) {
		this.database = server.createDatabase();
		this.release1 = TestApplication.on(this.database)
			.script("V1__create.sql", "create table issue (id int primary key, source varchar(20), legacy int);");
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

	@Test // A11
	void destructiveStatementInAVersionedMigrationStopsTheStartBeforeAnythingIsApplied() {
		this.release2.script("V2__add.sql", "alter table issue add origin varchar(20);")
			.script("V3__drop_source.sql", "-- no longer used\nalter table issue drop column source;");
		UnsafeMigrationException refusal = refusal();
		assertThat(refusal.getRefused()).singleElement().satisfies((migration) -> {
			MigrationFinding finding = migration.findings(Severity.FAIL).get(0);
			assertThat(finding.rule()).isEqualTo("drop-column");
			assertThat(finding.impact()).isEqualTo("destructive");
			assertThat(finding.line()).isEqualTo(2);
		});
		assertThat(refusal).hasMessageContaining("V3__drop_source.sql:2:")
			.hasMessageContaining("Move the statement to P3__drop_source.sql")
			.hasMessageContaining("        alter table issue drop column source;")
			.hasMessageContaining("-- check: allow drop-column because <reason>");
		assertThat(appliedVersions()).containsExactly("1");
	}

	@Test // A11
	void statementThatIsAcknowledgedWithAReasonRuns() {
		this.release2.script("V2__drop.sql",
				"-- check: allow drop-column because nobody has read it since 2.0\nalter table issue drop column source;");
		this.release2.start().close();
		assertThat(appliedVersions()).containsExactly("1", "2");
	}

	@Test // A12
	void scriptThatMixesWhatMayRunWithWhatMustWaitIsRefusedWithTheLinesOfBoth() {
		this.release2.script("V2__mixed.sql",
				"alter table issue add origin varchar(20);\nalter table issue drop column source;\n");
		assertThat(refusal()).hasMessageContaining("V2__mixed.sql:2:")
			.hasMessageContaining("V2__mixed.sql: the other statement (line 1) can stay: split the script.");
		assertThat(appliedVersions()).containsExactly("1");
	}

	@Test // A13
	void levelOfAVersionBeatsThatOfItsLocationBothWays() {
		this.release2.script("vendor/V2__drop.sql", "alter table issue drop column source;")
			.script("vendor/V3__drop.sql", "alter table issue drop column legacy;")
			.property("pending-migrations.check.locations[" + this.release2.scripts() + "/vendor]", "warn")
			.property("pending-migrations.check.versions[3.0]", "fail");
		assertThat(refusal().getRefused()).extracting((migration) -> migration.script().version()).hasToString("[3]");
		this.release2.property("pending-migrations.check.locations[" + this.release2.scripts() + "/vendor]", "fail")
			.property("pending-migrations.check.versions[3.0]", "warn");
		assertThat(refusal().getRefused()).extracting((migration) -> migration.script().version()).hasToString("[2]");
	}

	@Test // A14
	void locationOfALibraryHasALevelOfItsOwnThatBeatsThatOfARule(CapturedOutput output) {
		this.release2.script("vendor/V2__drop.sql", "alter table issue drop column source;")
			.script("V3__drop.sql", "alter table issue drop column legacy;")
			.property("pending-migrations.check.rules.drop-column", "fail")
			.property("pending-migrations.check.locations[filesystem:" + this.release2.scripts() + "/vendor]", "warn");
		assertThat(refusal().getRefused()).singleElement()
			.satisfies((migration) -> assertThat(migration.script().location()).endsWith("/V3__drop.sql")
				.doesNotContain("vendor"));
		this.release2.property("pending-migrations.check.versions.3", "off").start().close();
		assertThat(appliedVersions()).containsExactly("1", "2", "3");
		assertThat(output).contains("1 finding(s) in migrations that are new to this database, reported this once:")
			.contains("vendor/V2__drop.sql:1:");
	}

	@Test
	void policyRuleAndFirstVersionAreConfigurable() {
		this.release2.script("V2__drop.sql", "alter table issue drop column source;");
		assertThat(refusal()).isNotNull();
		this.release2.property("pending-migrations.check.start-after", "2").start().close();
		assertThat(appliedVersions()).containsExactly("1", "2");
		this.release2.script("V3__drop.sql", "alter table issue drop column legacy;");
		assertThat(refusal()).isNotNull();
		this.release2.property("pending-migrations.check.rules.drop-column", "off").start().close();
		assertThat(appliedVersions()).containsExactly("1", "2", "3");
		this.release2.property("pending-migrations.check.policy.data-dependent", "fail")
			.script("V4__unique.sql", "create unique index issue_one on issue (id);");
		assertThat(refusal()).hasMessageContaining("data-dependent");
		this.release2.property("pending-migrations.check.enabled", "false").start().close();
		assertThat(appliedVersions()).containsExactly("1", "2", "3", "4");
	}

	@Test
	void liveCatalogLowersFindingsAboutRowsOfATableWithoutAny() {
		this.release2.property("pending-migrations.check.policy.data-dependent", "fail")
			.script("V2__unique.sql", "create unique index issue_one on issue (source);");
		assertThat(refusal()).hasMessageContaining("unique-may-fail");
		this.release2.property("pending-migrations.check.live-catalog", "true");
		this.database.execute("insert into issue (id, source) values (1, 'a')");
		assertThat(refusal()).hasMessageContaining("unique-may-fail");
		this.database.execute("delete from issue where id = 1");
		this.release2.start().close();
		assertThat(appliedVersions()).containsExactly("1", "2");
	}

	@Test
	void nameOfARuleThatDoesNotExistIsRefusedWithTheNamesThatDo() {
		this.release2.script("V2__add.sql", "alter table issue add origin int;")
			.property("pending-migrations.check.rules.drop-colum", "off");
		assertThat(root(catchThrowable(() -> this.release2.start())))
			.hasStackTraceContaining("pending-migrations.check.rules.drop-colum")
			.hasStackTraceContaining("drop-column");
	}

	@Test
	void repeatableMigrationsAreCheckedAndOnlyWarnInAProjectThatAdoptsTheCheckLate(CapturedOutput output) {
		this.release2.script("R__cleanup.sql", "delete from issue;");
		assertThat(refusal()).hasMessageContaining("R__cleanup.sql:1:1").hasMessageContaining("delete-all-rows");
		this.release2.property("pending-migrations.check.start-after", "1").start().close();
		assertThat(output).contains("R__cleanup.sql:1:1: deletes all rows of ");
	}

	@Test
	void callbackWarnsSinceItHasRunAtEveryDeploymentBefore(CapturedOutput output) {
		this.release2.script("beforeMigrate__empty.sql", "truncate table issue;")
			.script("afterClean.sql", "drop table issue;");
		this.release2.start().close();
		assertThat(output).contains("beforeMigrate__empty.sql:1:1: ").doesNotContain("afterClean.sql:1:1");
		this.release2.property("pending-migrations.check.rules.truncate-table", "fail");
		assertThat(refusal()).hasMessageContaining("beforeMigrate__empty.sql:1:1");
	}

	@Test
	void migrationWhoseTextOnlyAResolverOfTheApplicationHasIsUnknown() {
		this.release2.configuration(HiddenScript.class);
		assertThat(refusal()).hasMessageContaining("V2__hidden.sql:1:1: cannot be read")
			.hasMessageContaining("unreadable-statement, unknown");
		assertThat(appliedVersions()).containsExactly("1");
		this.release2.property("pending-migrations.check.versions.2", "warn").start().close();
		assertThat(appliedVersions()).containsExactly("1", "2");
	}

	@Test
	void suggestedNameHasThePrefixOfTheApplication() {
		this.release2.property("pending-migrations.sql-prefix", "D")
			.script("V3__drop_source.sql", "alter table issue drop column source;");
		assertThat(refusal()).hasMessageContaining("Move the statement to D3__drop_source.sql")
			.hasMessageContaining("-- D3__drop_source.sql");
	}

	@Test
	void whatHasBeenAppliedIsNotCheckedAgain(CapturedOutput output) {
		this.release2.property("pending-migrations.check.enabled", "false")
			.script("V2__unchecked_drop.sql", "alter table issue drop column source;")
			.script("R__unchecked.sql", "update issue set legacy = 1;")
			.start()
			.close();
		this.release2.property("pending-migrations.check.enabled", "true").start().close();
		assertThat(appliedVersions()).containsExactly("1", "2");
		assertThat(output).doesNotContain("V2__unchecked_drop.sql:1", "R__unchecked.sql:1");
	}

	@Test
	void emptyDatabaseRunsEverything() {
		try (TestDatabase empty = this.database.server().createDatabase();
				TestApplication fresh = TestApplication.on(empty)
					.script("V1__create.sql", "create table issue (id int primary key, source int, legacy int);")
					.script("V2__drop.sql", "alter table issue drop column source;");
				Instance instance = fresh.start()) {
			assertThat(instance.outstanding()).isEmpty();
		}
	}

	@Test // A18
	void emptyDatabaseThatHoldsPendingMigrationsBackRunsEverythingElseInOrder() {
		try (TestDatabase empty = this.database.server().createDatabase();
				TestApplication fresh = TestApplication.on(empty)
					.property("pending-migrations.on-empty-database", "hold")
					.script("V1__create.sql", "create table issue (id int primary key, source int, legacy int);")
					.script("V2__drop.sql", "alter table issue drop column source;")
					.script("P2__drop.sql", "alter table issue drop column legacy;")
					.script("V3__again.sql", "alter table issue add legacy varchar(20);")
					.script("V4__more.sql", "-- pending: requires=P3\nalter table issue add more int;")
					.script("P3__table.sql", "create table requirement (id int);")
					.script("P4__drop.sql", "alter table issue drop column more;");
				Instance instance = fresh.start()) {
			assertThat(instance.outstanding()).containsExactly("4");
			assertThat(empty.queryForList("select legacy from issue")).isEmpty();
		}
	}

	@Test
	void pendingMigrationMayDestroyAndIsToldOnceWhatCannotBeUnderstood(CapturedOutput output) {
		this.release2.script("P2__drop.sql", "alter table issue drop column source;")
			.script("P3__odd.sql", "drop tabel issue;");
		this.release2.start().close();
		assertThat(output).contains("P3__odd.sql:1:6").doesNotContain("P2__drop.sql:1");
		int length = output.getAll().length();
		this.release2.start().close();
		assertThat(output.getAll().substring(length)).doesNotContain("P3__odd.sql:1");
	}

	@Test
	void pendingMigrationThatCouldNotRunAsItIsWrittenIsRefusedWhenItIsSeenFirst() {
		this.release2.script("V2__add.sql", "alter table issue add origin int;")
			.script("P2__commit.sql", "alter table issue drop column source;\ncommit;");
		assertThat(refusal()).hasMessageContaining("P2__commit.sql:2:1")
			.hasMessageContaining("explicit-transaction-control");
		assertThat(appliedVersions()).containsExactly("1");
	}

	@Test
	void placeholdersHaveTheirValuesAndOneWithoutAValueIsUnknown() {
		this.release2.property("spring.flyway.placeholders.column", "source")
			.script("V2__drop.sql", "alter table issue drop column ${column};");
		assertThat(refusal().getMessage()).containsIgnoringCase("drops the column issue.source");
		this.release2.script("V2__drop.sql", "alter table issue drop column ${colum};");
		assertThat(refusal()).hasMessageContaining("unresolved-placeholder");
	}

	@Test
	void teamAddsARule() {
		this.release2.configuration(TeamRules.class).script("V2__create.sql", "create table tmp_copy (id int);");
		assertThat(refusal()).hasMessageContaining("[team-no-temp-tables, incompatible]");
	}

	@Test
	void checksTellWhatTheNextStartWouldRunAndWhatWaits() {
		this.release2.script("P2__drop.sql", "alter table issue drop column source;");
		try (Instance instance = this.release2.start()) {
			this.release2.script("V3__drop.sql", "alter table issue drop column legacy;")
				.script("R__all.sql", "delete from issue;");
			MigrationChecks checks = instance.context()
				.getBean(PendingMigrationsRegistry.class)
				.checksByFlywayBean()
				.get("flyway");
			MigrationChecks.Report report = checks.check();
			assertThat(report.inUse()).isTrue();
			assertThat(report.due()).extracting((migration) -> migration.script().kind().name())
				.containsExactly("VERSIONED", "REPEATABLE");
			assertThat(report.refused()).hasSize(2);
			assertThat(report.waiting()).singleElement().satisfies((migration) -> {
				assertThat(migration.isRefused()).isFalse();
				assertThat(migration.findings()).singleElement().satisfies((finding) -> {
					assertThat(finding.rule()).isEqualTo("drop-column");
					assertThat(finding.severity()).isEqualTo(Severity.INFO);
				});
			});
			assertThat(checks.pending("2").map(CheckedMigration::findings))
				.hasValueSatisfying((findings) -> assertThat(findings).hasSize(1));
			assertThat(appliedVersions()).containsExactly("1");
		}
	}

	@Test
	void endpointShowsFindingsOfEachMigrationAndStatement() {
		this.release2.script("P2__drop.sql", "select 1;\nalter table issue drop column source;\nselect later();");
		try (Instance instance = this.release2.start()) {
			PendingMigrationsEndpoint endpoint = new PendingMigrationsEndpoint(
					instance.context().getBean(PendingMigrationsRegistry.class), ShowSql.NEVER);
			assertThat(endpoint.pendingMigrations().flywayBeans().get("flyway").migrations()).singleElement()
				.satisfies((migration) -> assertThat(migration.findings())
					.extracting(FindingDescriptor::rule, FindingDescriptor::impact, FindingDescriptor::severity,
							FindingDescriptor::line)
					.containsExactly(tuple("drop-column", "destructive", "info", 2),
							tuple("opaque-code", "unknown", "warn", 3)));
			MigrationDescriptor one = endpoint.pendingMigration("2", null);
			assertThat(one).isNotNull();
			assertThat(one.findings()).hasSize(2);
			assertThat(one.statements()).extracting((statement) -> statement.findings().size())
				.containsExactly(0, 1, 1);
		}
	}

	private UnsafeMigrationException refusal() {
		Throwable root = root(catchThrowable(() -> this.release2.start().close()));
		assertThat(root).isInstanceOf(UnsafeMigrationException.class);
		return (UnsafeMigrationException) root;
	}

	private static Throwable root(Throwable failure) {
		assertThat(failure).as("the start-up should have been refused").isNotNull();
		Throwable root = failure;
		while (root.getCause() != null) {
			root = root.getCause();
		}
		return root;
	}

	private List<String> appliedVersions() {
		DatabaseServer server = this.database.server();
		return this.database.queryForList("select " + server.quote("version") + " from "
				+ server.quote("flyway_schema_history") + " where " + server.quote("installed_rank") + " > 0 and "
				+ server.quote("version") + " is not null order by " + server.quote("installed_rank"));
	}

	@Configuration(proxyBeanMethods = false)
	static class HiddenScript {

		@Bean
		FlywayConfigurationCustomizer hiddenScript() {
			return (configuration) -> configuration.resourceProvider(new ResourceProvider() {

				@Override
				public @Nullable LoadableResource getResource(String name) {
					return null;
				}

				@Override
				public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
					return prefix.equals("V")
							? List.of(
									new StringScript("V1__create.sql",
											"create table issue (id int primary key, source varchar(20), legacy int);"),
									new StringScript("V2__hidden.sql", "alter table issue drop column source;"))
							: List.of();
				}

			});
		}

	}

	static class StringScript extends LoadableResource {

		private final String name;

		private final String text;

		StringScript(String name, String text) {
			this.name = name;
			this.text = text;
		}

		@Override
		public Reader read() {
			return new StringReader(this.text);
		}

		@Override
		public String getAbsolutePath() {
			return this.name;
		}

		@Override
		public String getAbsolutePathOnDisk() {
			return this.name;
		}

		@Override
		public String getFilename() {
			return this.name;
		}

		@Override
		public String getRelativePath() {
			return this.name;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TeamRules {

		@Bean
		Rule noTemporaryTables() {
			return new Rule() {

				@Override
				public String id() {
					return "team-no-temp-tables";
				}

				@Override
				public List<Impact> impacts() {
					return List.of(Impact.INCOMPATIBLE);
				}

				@Override
				public List<Finding> check(Fact fact, ScriptContext context) {
					return (fact instanceof Fact.CreateTable create
							&& create.table().name().toLowerCase(java.util.Locale.ROOT).startsWith("tmp_")) ? List
								.of(Finding.of(this, fact).about(create.table(), "creates a copy", "No copies."))
									: List.of();
				}

			};
		}

	}

}
