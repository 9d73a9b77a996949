package io.github.pendingmigrations.command;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;

import io.github.pendingmigrations.actuate.MigrationRunsEndpoint.FailureDescriptor;
import io.github.pendingmigrations.actuate.MigrationRunsEndpoint.MigrationRunDescriptor;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint.FlywayBeanDescriptor;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint.MigrationDescriptor;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint.ReasonDescriptor;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The reports, of a release with something of everything.
 */
@ResourceLock(Resources.SYSTEM_OUT)
class ReportTests {

	private static final TestDatabase database = DatabaseServer.H2.createDatabase();

	private static TestApplication release;

	@BeforeAll
	static void start() {
		TestApplication first = TestApplication.on(database)
			.script("V1__create.sql",
					"create table issue (id int primary key, source varchar(20), origin varchar(20), label varchar(9));");
		first.start().close();
		release = first.nextRelease()
			.script("V2__drop.sql", "-- 100% needed\nalter table issue\n  drop column source;")
			.script("V3__drop.sql",
					"-- check: allow drop-column because nobody has ever used it\nalter table issue drop column origin;")
			.script("P3__drop.sql", "-- pending: delay=7d\nalter table issue drop column label;");
		first.close();
	}

	@AfterAll
	static void close() {
		release.close();
		database.close();
	}

	@Test
	void jsonHasTheNamesOfTheEndpoint() {
		JsonNode report = JsonMapper.shared().readTree(report("check", "json"));
		assertThat(report.propertyNames()).containsExactly("mode", "exitCode", "outcome", "message", "flywayBeans");
		JsonNode bean = report.get("flywayBeans").get("flyway");
		assertThat(bean.propertyNames()).contains("plan", "pending", "nothingPending", "migrations")
			.isSubsetOf(and(names(FlywayBeanDescriptor.class), "inUse", "startup", "findings", "acknowledged"));
		JsonNode migration = bean.get("migrations").get(0);
		assertThat(migration.propertyNames())
			.contains("version", "description", "script", "type", "checksum", "state", "reasons", "findings")
			.isSubsetOf(names(MigrationDescriptor.class));
		assertThat(migration.get("reasons").get(0).propertyNames()).isSubsetOf(names(ReasonDescriptor.class));
		JsonNode finding = bean.get("findings").get(0);
		assertThat(finding.get("rule").asString()).isEqualTo("drop-column");
		assertThat(finding.get("impact").asString()).isEqualTo("destructive");
		assertThat(finding.get("line").asInt()).isEqualTo(3);
		assertThat(finding.get("script").asString()).endsWith("V2__drop.sql");
		assertThat(bean.get("acknowledged").get(0).get("allowedBecause").asString())
			.isEqualTo("nobody has ever used it");
	}

	@Test
	void jsonOfARunHasTheNamesOfTheEndpoint() {
		try (TestDatabase other = DatabaseServer.H2.createDatabase();
				TestApplication first = TestApplication.on(other)
					.script("V1__create.sql", "create table issue (id int primary key);")) {
			first.start().close();
			first.script("P1__wrong.sql", "insert into nowhere values (1);").start().close();
			JsonNode run = JsonMapper.shared()
				.readTree(first
					.command("--pending-migrations.mode=apply", "--pending-migrations.report=json",
							"--pending-migrations.command.force=rollout", "--pending-migrations.command.up-to=1",
							"--pending-migrations.command.reason=x", "--pending-migrations.command.requested-by=x")
					.out())
				.get("flywayBeans")
				.get("flyway")
				.get("run");
			assertThat(run.propertyNames()).contains("id", "status", "force", "failure")
				.isSubsetOf(names(MigrationRunDescriptor.class));
			assertThat(run.get("failure").propertyNames()).isSubsetOf(names(FailureDescriptor.class));
		}
	}

	@Test
	void sarifHasWhatCodeScanningNeeds() {
		JsonNode log = JsonMapper.shared().readTree(report("check", "sarif"));
		assertThat(log.get("version").asString()).isEqualTo("2.1.0");
		assertThat(log.get("$schema").asString()).contains("sarif-2.1.0");
		JsonNode run = log.get("runs").get(0);
		JsonNode rules = run.get("tool").get("driver").get("rules");
		assertThat(run.get("tool").get("driver").get("name").asString()).isNotBlank();
		assertThat(rules).isNotEmpty().allSatisfy((rule) -> {
			assertThat(rule.get("id").asString()).isNotBlank();
			assertThat(rule.get("shortDescription").get("text").asString()).isNotBlank();
			assertThat(rule.get("help").get("text").asString()).isNotBlank();
		});
		assertThat(run.get("results")).isNotEmpty().allSatisfy((result) -> {
			assertThat(rules.get(result.get("ruleIndex").asInt()).get("id")).isEqualTo(result.get("ruleId"));
			assertThat(result.get("message").get("text").asString()).isNotBlank();
			assertThat(result.get("level").asString()).isIn("error", "warning", "note");
			JsonNode location = result.get("locations").get(0).get("physicalLocation");
			assertThat(location.get("artifactLocation").get("uri").asString()).contains("__drop.sql")
				.doesNotContain(" ");
			assertThat(location.get("region").get("startLine").asInt()).isPositive();
		});
		JsonNode first = run.get("results").get(0);
		assertThat(first.get("level").asString()).isEqualTo("error");
		assertThat(first.get("locations").get(0).get("physicalLocation").get("region").get("startLine").asInt())
			.isEqualTo(3);
		assertThat(first.has("suppressions")).isFalse();
		assertThat(run.get("results")).filteredOn((result) -> result.has("suppressions"))
			.extracting((result) -> result.get("suppressions").get(0).get("justification").asString())
			.contains("nobody has ever used it");
		assertThat(run.get("invocations").get(0).get("executionSuccessful").asBoolean()).isTrue();
		assertThat(run.get("invocations").get(0).get("exitCode").asInt()).isEqualTo(13);
	}

	@Test
	void githubShowsFindingsBesideTheirLines() {
		List<String> lines = report("check", "github").lines().toList();
		assertThat(lines.get(0)).startsWith("::error file=")
			.contains("V2__drop.sql,line=3,col=")
			.contains("title=drop-column::")
			.contains("%0A");
		assertThat(lines).allSatisfy((line) -> assertThat(line).matches("::(error|warning|notice) .+::.+"))
			.noneMatch((line) -> line.contains("V3__drop.sql") && line.startsWith("::error"));
		assertThat(lines.get(lines.size() - 1)).startsWith("::error title=Pending migrations::")
			.contains("exit code 13");
	}

	@Test
	void textIsForPeople() {
		assertThat(report("check", "text")).contains("Runs at start-up")
			.containsPattern("V2 +drop +\\S+V2__drop.sql")
			.contains("Waits")
			.containsPattern("P3 +PENDING +drop +\\S+P3__drop.sql +checksum -?\\d+")
			.contains("DELAYED")
			.contains("V2__drop.sql:3:")
			.contains("because nobody has ever used it")
			.containsPattern("(?m)^UNSAFE: .+\\(exit code 13\\)$");
	}

	@Test
	void filesOfTheClassPathAreFoundInTheRepository() {
		SourceFiles files = new SourceFiles("billing/src/main/resources/");
		assertThat(files.uriOf("db/migration/V2__über uns.sql"))
			.isEqualTo("billing/src/main/resources/db/migration/V2__%C3%BCber%20uns.sql");
		assertThat(files.pathOf("pom.xml")).isEqualTo("pom.xml");
	}

	private static String report(String mode, String format) {
		return release.command("--pending-migrations.mode=" + mode, "--pending-migrations.report=" + format).out();
	}

	private static List<String> names(Class<? extends Record> descriptor) {
		return Arrays.stream(descriptor.getRecordComponents()).map((component) -> component.getName()).toList();
	}

	private static Collection<String> and(List<String> names, String... more) {
		List<String> all = new java.util.ArrayList<>(names);
		all.addAll(List.of(more));
		return all;
	}

}
