package io.github.pendingmigrations.actuate;

import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.actuate.EndpointApplication.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import org.springframework.jdbc.CannotGetJdbcConnectionException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what the endpoints answer over HTTP, in an application that lets everybody
 * write.
 */
class EndpointHttpTests {

	private static final String LIST = "/actuator/pendingmigrations";

	private static final String RUNS = "/actuator/migrationruns";

	private static final String APPLY = "{\"checksum\": " + FakePendingMigrations.CHECKSUM
			+ ", \"reason\": \"cleanup\"}";

	private static EndpointApplication application;

	private FakePendingMigrations service;

	@BeforeAll
	static void start() {
		application = EndpointApplication.start(Object.class, EndpointApplication.WITHOUT_SECURITY,
				"test.allow-unauthenticated-writes=true", EndpointApplication.UNRESTRICTED,
				EndpointApplication.RUNS_UNRESTRICTED, "spring.jackson.property-naming-strategy=SNAKE_CASE");
	}

	@AfterAll
	static void stop() {
		application.close();
	}

	@BeforeEach
	void reset() {
		this.service = application.reset().service();
	}

	@Test
	void listNamesEverythingAsPromised() {
		MigrationRun run = this.service.add(FakePendingMigrations.run(MigrationRunStatus.RUNNING, "3"));
		this.service.add(FakePendingMigrations.member("1.9.0", "3"));
		Response response = application.get(LIST);
		assertThat(response.status()).isEqualTo(200);
		JsonNode bean = response.json().at("/flywayBeans/flyway");
		assertThat(bean.propertyNames()).containsExactlyInAnyOrder("plan", "pending", "nothingPending", "migrations",
				"activeRun", "instances", "pointOfNoReturn");
		assertThat(bean.at("/pointOfNoReturn").toString())
			.isEqualTo("{\"version\":\"1\",\"applicationVersion\":\"2.0.0\",\"appliedAt\":\"2026-11-22T10:00:00Z\"}");
		assertThat(bean.at("/instances/0").toString()).isEqualTo("{\"id\":\"host-1\",\"applicationVersion\":\"1.9.0\","
				+ "\"newestVersion\":\"2\",\"startedAt\":\"2026-11-22T10:00:00Z\",\"lastSeenAt\":\"2026-11-22T10:00:00Z\","
				+ "\"knowsAll\":false,\"lacks\":[\"3\"]}");
		assertThat(bean.at("/plan").asString()).isEqualTo(FakePendingMigrations.PLAN);
		assertThat(bean.at("/pending").asInt()).isEqualTo(2);
		assertThat(bean.at("/nothingPending").asBoolean()).isFalse();
		JsonNode applied = bean.at("/migrations/0");
		assertThat(applied.at("/applied").propertyNames()).containsExactlyInAnyOrder("at", "by", "origin", "runId",
				"executionTime", "statements", "reason", "applicationVersion");
		assertThat(applied.at("/applied/executionTime").asString()).isEqualTo("PT0.12S");
		JsonNode ready = bean.at("/migrations/1");
		assertThat(ready.propertyNames()).containsExactlyInAnyOrder("version", "description", "script", "type",
				"checksum", "state", "reasons", "purpose", "firstSeenAt", "firstSeenApplicationVersion", "findings");
		assertThat(ready.at("/version").isString()).isTrue();
		assertThat(ready.at("/checksum").asInt()).isEqualTo(FakePendingMigrations.CHECKSUM);
		assertThat(ready.at("/state").asString()).isEqualTo("READY");
		assertThat(ready.at("/firstSeenAt").asString()).isEqualTo("2026-11-22T10:00:00Z");
		assertThat(ready.at("/reasons").isEmpty()).isTrue();
		JsonNode reasons = bean.at("/migrations/2/reasons");
		assertThat(reasons.at("/0").propertyNames()).containsExactlyInAnyOrder("code", "message", "by");
		assertThat(reasons.at("/0/by/0").asString()).isEqualTo("3");
		assertThat(reasons.at("/1").propertyNames()).containsExactlyInAnyOrder("code", "message", "until");
		assertThat(reasons.at("/1/until").asString()).isEqualTo("2026-11-29T10:00:00Z");
		JsonNode activeRun = bean.at("/activeRun");
		assertThat(activeRun.at("/id").asString()).isEqualTo(run.id().toString());
		assertThat(activeRun.at("/status").asString()).isEqualTo("RUNNING");
		assertThat(activeRun.at("/phase").asString()).isEqualTo("ACQUIRING_LOCK");
		assertThat(activeRun.at("/version").asString()).isEqualTo("3");
		assertThat(activeRun.at("/attempt").asInt()).isEqualTo(7);
		assertThat(activeRun.at("/statement").asInt()).isEqualTo(1);
		assertThat(activeRun.at("/statements").asInt()).isEqualTo(2);
		assertThat(activeRun.at("/waited").asString()).isEqualTo("PT0.9S");
		assertThat(activeRun.at("/blockers/0").toString()).isEqualTo(
				"{\"session\":4711,\"user\":\"app\",\"application\":\"billing\",\"state\":\"idle in transaction\",\"age\":\"PT42S\"}");
		assertThat(response.body()).doesNotContain("null");
	}

	@Test
	void nothingPendingIsSaid() {
		this.service.clear();
		JsonNode bean = application.get(LIST).json().at("/flywayBeans/flyway");
		assertThat(bean.at("/nothingPending").asBoolean()).isTrue();
		assertThat(bean.at("/pending").asInt()).isZero();
		assertThat(bean.at("/migrations").isEmpty()).isTrue();
	}

	@Test
	void checkpointAndLastRunAndApprovalAreShown() {
		UUID lastRun = this.service.add(FakePendingMigrations.run(MigrationRunStatus.FAILED, "7")).id();
		this.service.add(FakePendingMigrations.migration("7", PendingMigrationState.PARTIALLY_APPLIED, List.of(), null,
				lastRun));
		JsonNode migration = application.get(LIST).json().at("/flywayBeans/flyway/migrations/3");
		assertThat(migration.at("/checkpoint").toString()).isEqualTo("{\"statementsDone\":1,\"inDoubt\":true}");
		assertThat(migration.at("/lastRun").asString()).isEqualTo(lastRun.toString());
		assertThat(migration.at("/requiresApproval").asBoolean()).isTrue();
		assertThat(application.get(LIST).json().at("/flywayBeans/flyway/migrations/0").has("requiresApproval"))
			.isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "*/*", "application/json", "application/vnd.spring-boot.actuator.v3+json",
			"application/json, text/html;q=0.9", "text/plain, */*" })
	void jsonIsTheDefault(String accept) {
		assertThat(application.get(LIST, "Accept", accept).contentType()).contains("json");
		assertThat(application.get(LIST).contentType()).isEqualTo("application/vnd.spring-boot.actuator.v3+json");
	}

	@ParameterizedTest
	@ValueSource(strings = { "text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" })
	void browsersGetThePage(String accept) {
		Response response = application.get(LIST, "Accept", accept);
		assertThat(response.status()).isEqualTo(200);
		assertThat(response.contentType()).isEqualToIgnoringCase("text/html;charset=UTF-8");
		assertThat(response.body()).startsWith("<!DOCTYPE html>").contains("Loading …");
	}

	@Test
	void oneMigrationHasStatementsAndTheEventsOfItsLastRun() {
		UUID lastRun = this.service.add(FakePendingMigrations.run(MigrationRunStatus.FAILED, "7")).id();
		this.service.add(FakePendingMigrations.migration("7", PendingMigrationState.FAILED, List.of(), null, lastRun));
		Response response = application.get(LIST + "/007");
		assertThat(response.status()).isEqualTo(200);
		assertThat(response.text("/version")).isEqualTo("7");
		assertThat(response.json().at("/statements/1").toString())
			.isEqualTo("{\"number\":2,\"line\":6,\"sql\":\"drop table source\",\"inTransaction\":true,"
					+ "\"understood\":false,\"locks\":[],\"findings\":[]}");
		assertThat(response.json().at("/events/0").toString()).isEqualTo(
				"{\"sequence\":1,\"at\":\"2026-11-22T10:00:00Z\",\"type\":\"TRANSITION\",\"detail\":\"QUEUED by ops\"}");
	}

	@Test
	void oneThatHasNotBeenAppliedHasAPreflight() {
		JsonNode migration = application.get(LIST + "/3").json();
		assertThat(migration.at("/statements/0/locks").toString())
			.isEqualTo("[{\"table\":\"public.issue\",\"mode\":\"ACCESS EXCLUSIVE\",\"work\":\"NONE\"}]");
		JsonNode preflight = migration.at("/preflight");
		assertThat(preflight.propertyNames()).containsExactlyInAnyOrder("locks", "blockers", "preparedTransactions",
				"vacuums", "invalidIndexes", "dependants", "tables", "replicas", "notices");
		assertThat(preflight.at("/locks/0").toString()).isEqualTo("{\"table\":\"public.issue\","
				+ "\"mode\":\"ACCESS EXCLUSIVE\",\"work\":\"NONE\",\"statements\":[1],\"implied\":false}");
		assertThat(preflight.at("/blockers/0").toString()).isEqualTo("{\"session\":4711,\"user\":\"app\","
				+ "\"application\":\"billing\",\"state\":\"idle in transaction\",\"age\":\"PT42S\",\"certain\":true,"
				+ "\"table\":\"public.issue\",\"holds\":\"ACCESS SHARE\",\"query\":\"select secret from issue\"}");
		assertThat(preflight.at("/preparedTransactions/0").toString()).isEqualTo("{\"id\":\"two-phase-1\","
				+ "\"owner\":\"app\",\"age\":\"PT5M\",\"table\":\"public.issue\",\"holds\":\"ROW EXCLUSIVE\"}");
		assertThat(preflight.at("/vacuums/0").toString()).isEqualTo("{\"session\":815,\"table\":\"public.issue\","
				+ "\"wraparound\":true,\"certain\":true,\"age\":\"PT3M\"}");
		assertThat(preflight.at("/invalidIndexes/0").toString())
			.isEqualTo("{\"name\":\"public.issue_source\",\"table\":\"public.issue\",\"building\":false}");
		assertThat(preflight.at("/dependants/0").toString()).isEqualTo("{\"description\":\"view open_issue\","
				+ "\"of\":\"public.issue.source\",\"consequence\":\"FAILS\",\"statement\":1}");
		assertThat(preflight.at("/tables/0").toString())
			.isEqualTo("{\"name\":\"public.issue\",\"bytes\":1048576,\"rows\":20000,\"estimated\":false}");
		assertThat(preflight.at("/replicas/0").toString()).isEqualTo("{\"name\":\"replicaDataSource\","
				+ "\"source\":\"CONFIGURED\",\"state\":\"in recovery\",\"lag\":\"PT0.2S\",\"oldestQuery\":\"PT31S\"}");
		assertThat(preflight.at("/notices/0").toString())
			.isEqualTo("{\"code\":\"DEPENDANT\",\"effect\":\"FAILS\",\"message\":\"The statement fails\"}");
	}

	@Test
	void oneThatHasBeenAppliedHasNoPreflight() {
		assertThat(application.get(LIST + "/1").json().has("preflight")).isFalse();
	}

	@Test
	void unknownMigrationIsNotFound() {
		assertRefused(application.get(LIST + "/4"), 404, "UNKNOWN_VERSION");
		assertRefused(application.post(LIST + "/4", APPLY), 404, "UNKNOWN_VERSION");
	}

	@Test
	void applyIsAccepted() {
		Response response = application.post(LIST + "/3", APPLY);
		assertThat(response.status()).isEqualTo(202);
		assertThat(response.json().propertyNames()).containsExactlyInAnyOrder("run", "path");
		assertThat(response.text("/run/status")).isEqualTo("QUEUED");
		assertThat(response.text("/run/requestedBy")).isEqualTo("anonymous");
		assertThat(response.text("/run/requestedVia")).isEqualTo("actuator");
		assertThat(response.text("/run/reason")).isEqualTo("cleanup");
		assertThat(response.json().at("/run/versions").toString()).isEqualTo("[\"3\"]");
		assertThat(response.text("/path")).isEqualTo(RUNS + "/" + response.text("/run/id"));
		Response run = application.get(response.text("/path"));
		assertThat(run.status()).isEqualTo(200);
		assertThat(run.text("/id")).isEqualTo(response.text("/run/id"));
		assertThat(application.auditEvents()).singleElement().satisfies((event) -> {
			assertThat(event.getType()).isEqualTo("MIGRATION_REQUESTED");
			assertThat(event.getPrincipal()).isEqualTo("anonymous");
			assertThat(event.getData()).containsExactlyInAnyOrderEntriesOf(Map.of("version", "3", "flyway", "flyway",
					"versions", "3", "run", response.text("/run/id"), "reason", "cleanup"));
		});
	}

	@Test
	void rolloutIsIncompleteUnlessThatIsOverridden() {
		this.service.add(FakePendingMigrations.migration("7", PendingMigrationState.PENDING,
				List.of(new PendingReason(PendingReason.Code.ROLLOUT_INCOMPLETE, "An instance does not know it",
						List.of("host-1"), null)),
				null, null));
		Response refused = application.post(LIST + "/7", APPLY);
		assertRefused(refused, 422, "ROLLOUT_INCOMPLETE");
		assertThat(refused.json().at("/reasons/0").toString()).isEqualTo("{\"code\":\"ROLLOUT_INCOMPLETE\","
				+ "\"message\":\"An instance does not know it\",\"by\":[\"host-1\"]}");
		Response accepted = application.post(LIST + "/7", APPLY.replace("}", ", \"force\": \"rollout\"}"));
		assertThat(accepted.status()).isEqualTo(202);
		assertThat(accepted.text("/run/force")).isEqualTo("ROLLOUT");
		assertThat(application.auditEvents()).last()
			.satisfies((event) -> assertThat(event.getData()).containsEntry("force", "rollout"));
	}

	@Test
	void checksumMayBeText() {
		assertThat(application.post(LIST + "/3", APPLY.replace("690027783", "\"690027783\"")).status()).isEqualTo(202);
	}

	@Test
	void unknownMembersAreIgnoredButReplaceNothing() {
		assertThat(
				application.post(LIST + "/3", "{\"checksum\": 690027783, \"reason\": \"cleanup\", \"comment\": \"x\"}")
					.status())
			.isEqualTo(202);
		reset();
		assertRefused(application.post(LIST + "/3", "{\"cheksum\": 690027783, \"reason\": \"cleanup\"}"), 400,
				"BAD_REQUEST");
		assertRefused(application.post(LIST, "{\"plan\": \"9f2c\", \"upto\": \"3\", \"reason\": \"cleanup\"}"), 400,
				"BAD_REQUEST");
		assertThat(this.service.calls()).isZero();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			{}                                               | 'reason'
			{"checksum": 690027783}                          | 'reason'
			{"checksum": 690027783, "reason": ""}            | 'reason'
			{"checksum": 690027783, "reason": " "}           | 'reason'
			{"checksum": 690027783, "reason": null}          | 'reason'
			{"reason": "cleanup"}                            | 'checksum'
			{"checksum": null, "reason": "cleanup"}          | 'checksum'
			{"checksum": "", "reason": "cleanup"}            | 'checksum'
			{"checksum": "abc", "reason": "cleanup"}         | 'checksum'
			{"checksum": 1.5, "reason": "cleanup"}           | 'checksum'
			{"checksum": 69002778300, "reason": "cleanup"}   | 'checksum'
			{"checksum": true, "reason": "cleanup"}          | 'checksum'
			{"checksum": 690027783, "reason": "x", "force": "true"}    | 'force'
			{"checksum": 690027783, "reason": "x", "force": ""}        | 'force'
			{"checksum": 690027783, "reason": "x", "flyway": "other"}  | flyway
			""", quoteCharacter = '`')
	void badArgumentOfApplyIsNamed(String body, String named) {
		Response response = application.post(LIST + "/3", body);
		assertRefused(response, 400, "BAD_REQUEST");
		assertThat(response.text("/message")).contains(named);
		assertThat(this.service.calls()).isZero();
		assertThat(application.auditEvents()).singleElement().satisfies((event) -> {
			assertThat(event.getType()).isEqualTo("MIGRATION_REFUSED");
			assertThat(event.getData()).containsEntry("code", "BAD_REQUEST").containsEntry("version", "3");
		});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			{"upTo": "5", "reason": "cleanup"}                                  | 'plan'
			{"plan": "9f2c", "reason": "cleanup"}                               | 'upTo'
			{"plan": "9f2c", "upTo": "5"}                                       | 'reason'
			{"plan": " ", "upTo": "5", "reason": "cleanup"}                     | 'plan'
			{"plan": "9f2c", "upTo": "", "reason": "cleanup"}                   | 'upTo'
			{"plan": "9f2c", "upTo": "5", "reason": "cleanup", "force": "x"}    | 'force'
			""", quoteCharacter = '`')
	void badArgumentOfApplyUpToIsNamed(String body, String named) {
		Response response = application.post(LIST, body);
		assertRefused(response, 400, "BAD_REQUEST");
		assertThat(response.text("/message")).contains(named);
		assertThat(this.service.calls()).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "[]", "{\"checksum\": [1], \"reason\": \"x\"}", "{\"checksum\": {}, \"reason\": \"x\"}",
			"{", "3" })
	void bodyOfAnotherShapeIsBad(String body) {
		assertThat(application.post(LIST + "/3", body).status()).isEqualTo(400);
		assertThat(this.service.calls()).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "text/plain", "application/x-www-form-urlencoded", "multipart/form-data;boundary=x" })
	void whatAFormOfAnotherSiteCouldSendIsNotAccepted(String contentType) {
		assertThat(application.post(LIST + "/3", APPLY, "Content-Type", contentType).status()).isEqualTo(415);
		assertThat(application.post(LIST + "/3", null).status()).isEqualTo(415);
		assertThat(application.post(RUNS + "/1", null).status()).isEqualTo(415);
		assertThat(this.service.calls()).isZero();
	}

	@Test
	void otherChecksumConflicts() {
		assertRefused(application.post(LIST + "/3", "{\"checksum\": 1, \"reason\": \"cleanup\"}"), 409,
				"CHECKSUM_MISMATCH");
		assertThat(application.auditEvents()).singleElement()
			.satisfies((event) -> assertThat(event.getData()).containsEntry("code", "CHECKSUM_MISMATCH"));
	}

	@Test
	void activeRunConflictsAndIsShown() {
		String active = application.post(LIST + "/3", APPLY).text("/run/id");
		Response response = application.post(LIST + "/3", APPLY);
		assertRefused(response, 409, "RUN_ACTIVE");
		assertThat(response.text("/activeRun/id")).isEqualTo(active);
	}

	@Test
	void appliedOneConflicts() {
		assertRefused(application.post(LIST + "/1", APPLY), 409, "ALREADY_APPLIED");
	}

	@Test
	void oneThatIsNotReadyIsRefusedWithEveryReason() {
		Response response = application.post(LIST + "/5", APPLY);
		assertRefused(response, 422, "NOT_READY");
		assertThat(response.json().at("/reasons")).hasSize(2);
		assertThat(response.text("/reasons/0/code")).isEqualTo("BLOCKED");
		assertThat(response.text("/reasons/1/code")).isEqualTo("DELAYED");
	}

	@Test
	void planIsAccepted() {
		Response response = application.post(LIST, "{\"plan\": \"9f2c\", \"upTo\": \"5\", \"reason\": \"cleanup\"}");
		assertThat(response.status()).isEqualTo(202);
		assertThat(response.json().at("/run/versions").toString()).isEqualTo("[\"3\",\"5\"]");
		assertThat(application.auditEvents()).singleElement()
			.satisfies(
					(event) -> assertThat(event.getData()).containsEntry("upTo", "5").containsEntry("versions", "3,5"));
	}

	@Test
	void otherPlanConflicts() {
		assertRefused(application.post(LIST, "{\"plan\": \"0000\", \"upTo\": \"5\", \"reason\": \"cleanup\"}"), 409,
				"PLAN_MISMATCH");
	}

	@Test
	void runsAreNewestFirstFilteredAndPaged() {
		MigrationRun first = this.service.add(FakePendingMigrations.run(MigrationRunStatus.SUCCEEDED, "1"));
		MigrationRun second = this.service.add(FakePendingMigrations.run(MigrationRunStatus.FAILED, "3"));
		MigrationRun third = this.service.add(FakePendingMigrations.run(MigrationRunStatus.SUCCEEDED, "3", "5"));
		assertThat(ids(application.get(RUNS))).containsExactly(third.id(), second.id(), first.id());
		assertThat(ids(application.get(RUNS + "?status=succeeded"))).containsExactly(third.id(), first.id());
		assertThat(ids(application.get(RUNS + "?version=03"))).containsExactly(third.id(), second.id());
		assertThat(ids(application.get(RUNS + "?version=9"))).isEmpty();
		Response page = application.get(RUNS + "?page=1&size=1");
		assertThat(ids(page)).containsExactly(second.id());
		assertThat(page.json().at("/more").asBoolean()).isTrue();
		assertThat(application.get(RUNS + "?page=2&size=1").json().at("/more").asBoolean()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "status=OPEN", "status=", "page=-1", "page=x", "size=0", "size=201", "size=",
			"page=99999999999", "page=1&page=2" })
	void badQueryIsRefused(String query) {
		assertRefused(application.get(RUNS + "?" + query), 400, "BAD_REQUEST");
	}

	@Test
	void runHasEventsAndFailure() {
		MigrationRun run = this.service.add(FakePendingMigrations.run(MigrationRunStatus.FAILED, "3"));
		Response response = application.get(RUNS + "/" + run.id());
		assertThat(response.status()).isEqualTo(200);
		assertThat(response.text("/flyway")).isEqualTo("flyway");
		assertThat(response.text("/finishedAt")).isEqualTo("2026-11-22T10:01:00Z");
		assertThat(response.text("/failure/sqlState")).isEqualTo("42P01");
		assertThat(response.json().at("/failure/line").asInt()).isEqualTo(14);
		assertThat(response.text("/events/0/type")).isEqualTo("TRANSITION");
	}

	@ParameterizedTest
	@ValueSource(strings = { "00000000-0000-0000-0000-000000000000", "latest" })
	void unknownRunIsNotFound(String id) {
		assertRefused(application.get(RUNS + "/" + id), 404, "UNKNOWN_RUN");
		assertRefused(application.post(RUNS + "/" + id, action("cancel")), 404, "UNKNOWN_RUN");
	}

	@Test
	void activeRunCanBeCancelled() {
		MigrationRun run = this.service.add(FakePendingMigrations.run(MigrationRunStatus.RUNNING, "3"));
		Response response = application.post(RUNS + "/" + run.id(), action("cancel"));
		assertThat(response.status()).isEqualTo(202);
		assertThat(response.text("/run/status")).isEqualTo("CANCELLING");
		assertAudited("MIGRATION_CANCEL_REQUESTED", run.id());
	}

	@Test
	void failedRunCanBeRetried() {
		MigrationRun run = this.service.add(FakePendingMigrations.run(MigrationRunStatus.FAILED, "3"));
		Response response = application.post(RUNS + "/" + run.id(), action("retry"));
		assertThat(response.status()).isEqualTo(202);
		assertThat(response.text("/run/parent")).isEqualTo(run.id().toString());
		assertThat(response.text("/path")).isEqualTo(RUNS + "/" + response.text("/run/id"));
		assertAudited("MIGRATION_RETRY_REQUESTED", UUID.fromString(response.text("/run/id")));
	}

	@Test
	void failedRunCanBeMarkedAsApplied() {
		MigrationRun run = this.service.add(FakePendingMigrations.run(MigrationRunStatus.FAILED, "3"));
		Response response = application.post(RUNS + "/" + run.id(), action("mark-applied"));
		assertThat(response.status()).isEqualTo(200);
		assertThat(response.text("/run/id")).isEqualTo(run.id().toString());
		assertAudited("MIGRATION_MARKED_APPLIED", run.id());
	}

	@ParameterizedTest
	@CsvSource({ "SUCCEEDED,cancel", "SUCCEEDED,retry", "RUNNING,retry", "RUNNING,mark-applied" })
	void whatTheStatusDoesNotAllowConflicts(MigrationRunStatus status, String action) {
		MigrationRun run = this.service.add(FakePendingMigrations.run(status, "3"));
		assertRefused(application.post(RUNS + "/" + run.id(), action(action)), 409, "ILLEGAL_STATE");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"action\": \"pause\", \"reason\": \"x\"}", "{\"action\": \"\", \"reason\": \"x\"}",
			"{\"reason\": \"x\"}" })
	void unknownActionIsRefusedWithTheAllowedOnes(String body) {
		MigrationRun run = this.service.add(FakePendingMigrations.run(MigrationRunStatus.RUNNING, "3"));
		Response response = application.post(RUNS + "/" + run.id(), body);
		assertRefused(response, 400, "BAD_REQUEST");
		assertThat(response.text("/message")).contains("cancel, hold, resume, retry, skip, mark-applied");
		assertThat(this.service.calls()).isZero();
	}

	@Test
	void withSeveralFlywayBeansOneMustBeNamed() {
		FakePendingMigrations other = application.addFlywayBean("other");
		assertThat(application.get(LIST).json().at("/flywayBeans").propertyNames()).containsExactly("flyway", "other");
		for (Response response : List.of(application.get(LIST + "/3"), application.get(LIST + "/3?flyway=third"),
				application.post(LIST + "/3", APPLY),
				application.post(LIST, "{\"plan\": \"9f2c\", \"upTo\": \"5\", \"reason\": \"cleanup\"}"))) {
			assertRefused(response, 400, "BAD_REQUEST");
			assertThat(response.text("/message")).contains("flyway, other");
		}
		assertThat(application.get(LIST + "/3?flyway=other").status()).isEqualTo(200);
		Response response = application.post(LIST + "/3?flyway=other", APPLY);
		assertThat(response.status()).isEqualTo(202);
		assertThat(response.text("/run/flyway")).isEqualTo("other");
		UUID id = UUID.fromString(response.text("/run/id"));
		assertThat(this.service.run(id)).isEmpty();
		assertThat(other.run(id)).isPresent();
		assertThat(application.get(RUNS + "/" + id).text("/flyway")).isEqualTo("other");
		assertThat(ids(application.get(RUNS))).containsExactly(id);
		assertThat(application.post(RUNS + "/" + id, action("cancel")).status()).isEqualTo(202);
	}

	@Test
	void runIsFoundWhileTheDatabaseOfAnotherFlywayBeanIsDown() {
		FakePendingMigrations other = application.addFlywayBean("other");
		MigrationRun run = other.add(FakePendingMigrations.run(MigrationRunStatus.RUNNING, "3"));
		this.service.failWith(new IllegalStateException("no connection"));
		assertThat(application.get(RUNS + "/" + run.id()).status()).isEqualTo(200);
		assertThat(application.get(RUNS + "/" + UUID.randomUUID()).status()).isEqualTo(500);
	}

	@Test
	void databaseThatCannotBeReachedIsSaidWithoutItsAddress() {
		MigrationRun run = this.service.add(FakePendingMigrations.run(MigrationRunStatus.RUNNING, "3"));
		this.service.failWith(new CannotGetJdbcConnectionException("Failed to obtain JDBC Connection",
				new SQLTransientConnectionException("jdbc:postgresql://db/issues?user=app&password=secret")));
		for (Response response : List.of(application.get(LIST), application.get(LIST + "/3"), application.get(RUNS),
				application.get(RUNS + "/" + run.id()), application.post(LIST + "/3", APPLY),
				application.post(LIST, "{\"plan\": \"9f2c\", \"upTo\": \"5\", \"reason\": \"cleanup\"}"),
				application.post(RUNS + "/" + run.id(), action("cancel")))) {
			assertRefused(response, 503, "DATABASE_UNAVAILABLE");
			assertThat(response.json().propertyNames()).containsExactlyInAnyOrder("error", "message", "reasons");
			assertThat(response.text("/message")).startsWith("The database cannot be reached: ")
				.endsWith("Look whether it runs and try again.");
			assertThat(response.body()).doesNotContain("jdbc:", "secret");
		}
		assertThat(application.auditEvents()).hasSize(3).allSatisfy((event) -> {
			assertThat(event.getType()).isEqualTo("MIGRATION_REFUSED");
			assertThat(event.getData()).containsEntry("code", "DATABASE_UNAVAILABLE");
		});
	}

	@Test
	void pageIsThereWhileTheDatabaseCannotBeReached() {
		this.service.failWith(
				new CannotGetJdbcConnectionException("Failed", new SQLTransientConnectionException("no connection")));
		assertThat(application.get(LIST, "Accept", "text/html").status()).isEqualTo(200);
	}

	@Test
	void otherErrorIsNotTakenForThat() {
		this.service.failWith(new IllegalStateException("a mistake"));
		assertThat(application.get(LIST).status()).isEqualTo(500);
		assertThat(application.post(LIST + "/3", APPLY).status()).isEqualTo(500);
		assertThat(application.auditEvents()).isEmpty();
	}

	@Test
	void auditedTextIsCut() {
		application.post(LIST + "/" + "9".repeat(300), "{\"reason\": \"" + "x".repeat(5000) + "\"}");
		assertThat(application.auditEvents()).singleElement()
			.satisfies((event) -> assertThat(event.getData().values())
				.allSatisfy((value) -> assertThat(value.toString()).hasSizeLessThan(210)));
	}

	private void assertAudited(String type, UUID run) {
		assertThat(application.auditEvents()).singleElement().satisfies((event) -> {
			assertThat(event.getType()).isEqualTo(type);
			assertThat(event.getData()).containsEntry("run", run.toString()).containsEntry("reason", "because");
		});
	}

	private static void assertRefused(Response response, int status, String error) {
		assertThat(response.status()).as(response.body()).isEqualTo(status);
		assertThat(response.contentType()).contains("json");
		assertThat(response.text("/error")).isEqualTo(error);
		assertThat(response.text("/message")).isNotEmpty();
		assertThat(response.json().at("/reasons").isArray()).isTrue();
	}

	private static String action(String action) {
		return "{\"action\": \"" + action + "\", \"reason\": \"because\"}";
	}

	private static List<UUID> ids(Response response) {
		assertThat(response.status()).isEqualTo(200);
		return response.json()
			.at("/runs")
			.valueStream()
			.map((run) -> UUID.fromString(run.at("/id").asString()))
			.toList();
	}

}
