package io.github.pendingmigrations.sample;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.http.HttpStatus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * A rolling deployment: both releases at work on one database, as processes.
 */
class RollingDeploymentTests {

	@ParameterizedTest
	@EnumSource
	void pendingMigrationWaitsUntilTheOldReleaseIsGone(Database database) throws Exception {
		try (Database.Server server = database.start();
				ReleaseProcess release1 = ReleaseProcess.start("release1", server);
				ReleaseProcess release2 = ReleaseProcess.start("release2", server)) {
			release1.create("{\"title\": \"Of release 1\", \"source\": \"phone\"}");
			release2.create("{\"title\": \"Of release 2\", \"origin\": \"chat\"}");
			assertThat(release1.issues()).extracting("source").containsExactly("email", "web", "phone", "chat");
			assertThat(release2.issues()).extracting("origin").containsExactly("email", "web", "phone", "chat");
			assertThat(release2.migration("2")).containsEntry("state", "PENDING");
			release2.request("2", "")
				.expectStatus()
				.isEqualTo(HttpStatus.UNPROCESSABLE_CONTENT)
				.expectBody()
				.jsonPath("$.error")
				.isEqualTo("ROLLOUT_INCOMPLETE")
				.jsonPath("$.reasons[0].by[0]")
				.isEqualTo(instances(release2).get(0).get("id"));
			assertThat(instances(release2)).extracting("applicationVersion", "knowsAll")
				.containsExactly(tuple("1.0.0", false), tuple("2.0.0", true));
			release1.stop();
			release2.awaitState("2", "READY");
			assertThat(instances(release2)).extracting("applicationVersion").containsExactly("2.0.0");
			release2.request("2", "").expectStatus().isAccepted();
			release2.awaitState("2", "APPLIED");
			release2.create("{\"title\": \"Without source\", \"origin\": \"email\"}");
			assertThat(release2.issues()).extracting("origin")
				.containsExactly("email", "web", "phone", "chat", "email");
		}
	}

	@ParameterizedTest
	@EnumSource(names = "POSTGRESQL")
	void oldReleaseThatCrashedIsGoneAfterItsTimeout(Database database) throws Exception {
		try (Database.Server server = database.start();
				ReleaseProcess release1 = ReleaseProcess.start("release1", server);
				ReleaseProcess release2 = ReleaseProcess.start("release2", server)) {
			release1.kill();
			assertThat(release2.migration("2")).containsEntry("state", "PENDING");
			release2.awaitState("2", "READY");
			// One that comes back is in the way again
			try (ReleaseProcess again = ReleaseProcess.start("release1", server)) {
				release2.request("2", "").expectStatus().isEqualTo(HttpStatus.UNPROCESSABLE_CONTENT);
				release2.request("2", ", \"force\": \"rollout\"").expectStatus().isAccepted();
				release2.awaitState("2", "APPLIED");
				assertThat(again.tryIssues()).isEqualTo(HttpStatus.INTERNAL_SERVER_ERROR);
			}
		}
	}

	@ParameterizedTest
	@EnumSource(names = "H2")
	void release2StartsAgainWithoutTheColumn(Database database) throws Exception {
		try (Database.Server server = database.start()) {
			// Everything runs at once, since the database is empty
			try (ReleaseProcess release2 = ReleaseProcess.start("release2", server)) {
				release2.stop();
			}
			try (ReleaseProcess release2 = ReleaseProcess.start("release2", server)) {
				release2.create("{\"title\": \"First\", \"origin\": \"web\"}");
				assertThat(release2.issues()).extracting("origin").containsExactly("email", "web", "web");
				assertThat(release2.migration("2")).containsEntry("state", "APPLIED");
			}
		}
	}

	@SuppressWarnings("unchecked")
	private static List<Map<String, Object>> instances(ReleaseProcess release) {
		Map<String, Map<String, Object>> beans = (Map<String, Map<String, Object>>) release.overview()
			.get("flywayBeans");
		return (List<Map<String, Object>>) beans.get("flyway").get("instances");
	}

}
