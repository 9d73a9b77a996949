package io.github.pendingmigrations.sample;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.pendingmigrations.PendingMigrations;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Both releases at work on one database.
 */
class RollingDeploymentTests {

	@ParameterizedTest
	@EnumSource
	void bothReleasesWorkUntilThePendingMigrationIsApplied(Database database) throws Exception {
		try (Database.Server server = database.start();
				Instance release1 = Instance.start("release1", server);
				Instance release2 = Instance.start("release2", server)) {
			release1.create("{\"title\": \"Of release 1\", \"source\": \"phone\"}");
			release2.create("{\"title\": \"Of release 2\", \"origin\": \"chat\"}");
			assertThat(release1.issues()).extracting("source").containsExactly("email", "web", "phone", "chat");
			assertThat(release2.issues()).extracting("origin").containsExactly("email", "web", "phone", "chat");
			release2.apply("2");
			assertThat(release1.tryIssues()).isEqualTo(HttpStatus.INTERNAL_SERVER_ERROR);
			release2.create("{\"title\": \"Without source\", \"origin\": \"email\"}");
			assertThat(release2.issues()).extracting("origin")
				.containsExactly("email", "web", "phone", "chat", "email");
		}
	}

	@ParameterizedTest
	@EnumSource(names = "H2")
	void release2StartsAgainWithoutTheColumn(Database database) throws Exception {
		try (Database.Server server = database.start()) {
			// Everything runs at once, since the database is empty
			Instance.start("release2", server).close();
			try (Instance release2 = Instance.start("release2", server)) {
				release2.create("{\"title\": \"First\", \"origin\": \"web\"}");
				assertThat(release2.issues()).extracting("origin").containsExactly("email", "web", "web");
				assertThat(release2.pending()).isZero();
			}
		}
	}

	/**
	 * A running instance.
	 *
	 * @param context its application context
	 * @param client a client of a person who may do everything
	 */
	private record Instance(ConfigurableApplicationContext context, RestTestClient client) implements AutoCloseable {

		private static final ParameterizedTypeReference<List<Map<String, Object>>> ISSUES = new ParameterizedTypeReference<>() {
		};

		private static final ParameterizedTypeReference<Map<String, Object>> OBJECT = new ParameterizedTypeReference<>() {
		};

		static Instance start(String release, Database.Server server) {
			ConfigurableApplicationContext context = new SpringApplicationBuilder(IssueTrackerApplication.class)
				.profiles(release, server.profile())
				.registerShutdownHook(false)
				.run("--server.port=0", "--spring.datasource.url=" + server.url(),
						"--spring.datasource.username=" + server.username(),
						"--spring.datasource.password=" + server.password());
			String port = context.getEnvironment().getRequiredProperty("local.server.port");
			return new Instance(context,
					RestTestClient.bindToServer()
						.baseUrl("http://localhost:" + port)
						.defaultHeaders((headers) -> headers.setBasicAuth("ops", "ops"))
						.build());
		}

		void create(String issue) {
			post("/issues", issue).expectStatus().isCreated();
		}

		List<Map<String, Object>> issues() {
			List<Map<String, Object>> issues = this.client.get()
				.uri("/issues")
				.exchange()
				.expectStatus()
				.isOk()
				.expectBody(ISSUES)
				.returnResult()
				.getResponseBody();
			return (issues != null) ? issues : List.of();
		}

		HttpStatusCode tryIssues() {
			return this.client.get().uri("/issues").exchange().expectBody().returnResult().getStatus();
		}

		int pending() {
			return this.context.getBean(PendingMigrations.class).overview().outstanding().size();
		}

		void apply(String version) {
			String path = "/actuator/pendingmigrations/" + version;
			post(path, "{\"checksum\": %s, \"reason\": \"Test\"}".formatted(get(path).get("checksum"))).expectStatus()
				.isAccepted();
			Awaitility.await()
				.atMost(Duration.ofSeconds(30))
				.untilAsserted(() -> assertThat(get(path)).containsEntry("state", "APPLIED"));
		}

		private Map<String, Object> get(String path) {
			Map<String, Object> body = this.client.get()
				.uri(path)
				.exchange()
				.expectStatus()
				.isOk()
				.expectBody(OBJECT)
				.returnResult()
				.getResponseBody();
			return (body != null) ? body : Map.of();
		}

		private RestTestClient.ResponseSpec post(String path, String body) {
			return this.client.post().uri(path).contentType(MediaType.APPLICATION_JSON).body(body).exchange();
		}

		@Override
		public void close() {
			this.context.close();
		}

	}

}
