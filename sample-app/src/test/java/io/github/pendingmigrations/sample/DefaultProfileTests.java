package io.github.pendingmigrations.sample;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The application as it starts without any profile.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class DefaultProfileTests {

	private static final String PATH = "/actuator/pendingmigrations";

	@LocalServerPort
	private int port;

	private RestTestClient anonymous;

	private RestTestClient viewer;

	private RestTestClient ops;

	@BeforeEach
	void createClients() {
		this.anonymous = RestTestClient.bindToServer().baseUrl("http://localhost:" + this.port).build();
		this.viewer = as("viewer");
		this.ops = as("ops");
	}

	private RestTestClient as(String user) {
		return this.anonymous.mutate().defaultHeaders((headers) -> headers.setBasicAuth(user, user)).build();
	}

	@Test
	void databaseIsInUseSoThatMigrationsWait() {
		this.viewer.get()
			.uri(PATH)
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.flywayBeans.flyway.migrations[0].version")
			.isEqualTo("2")
			.jsonPath("$.flywayBeans.flyway.migrations[0].state")
			.isEqualTo("READY")
			.jsonPath("$.flywayBeans.flyway.migrations[1].version")
			.isEqualTo("3")
			.jsonPath("$.flywayBeans.flyway.migrations[1].state")
			.isEqualTo("PENDING")
			.jsonPath("$.flywayBeans.flyway.migrations[1].reasons[*].code")
			.value((codes) -> assertThat(codes).hasToString("[\"BLOCKED\",\"DELAYED\"]"));
	}

	@Test
	void issuesOfRelease1AreThere() {
		this.anonymous.get()
			.uri("/issues")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$[0].origin")
			.isEqualTo("email")
			.jsonPath("$[1].origin")
			.isEqualTo("web");
	}

	@Test
	void browserGetsPage() {
		this.viewer.get()
			.uri(PATH)
			.header(HttpHeaders.ACCEPT, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
			.exchange()
			.expectStatus()
			.isOk()
			.expectHeader()
			.contentTypeCompatibleWith(MediaType.TEXT_HTML);
	}

	@Test
	void browserIsAskedWhoItIs() {
		this.anonymous.get()
			.uri(PATH)
			.exchange()
			.expectStatus()
			.isUnauthorized()
			.expectHeader()
			.valueMatches(HttpHeaders.WWW_AUTHENTICATE, "Basic .*");
	}

	@Test
	void healthIsOpenAndItsDetailsAreNot() {
		this.anonymous.get()
			.uri("/actuator/health")
			.exchange()
			.expectBody()
			.jsonPath("$.status")
			.isEqualTo("UP")
			.jsonPath("$.components")
			.doesNotExist();
		this.viewer.get()
			.uri("/actuator/health")
			.exchange()
			.expectBody()
			.jsonPath("$.components.pendingMigrations.details.flyway.pending")
			.isEqualTo(2);
	}

	@Test
	void viewerMayNotApply() {
		request(this.viewer).exchange()
			.expectStatus()
			.isForbidden()
			.expectBody()
			.jsonPath("$.error")
			.isEqualTo("FORBIDDEN");
	}

	@Test
	void browserNeedsCsrfToken() {
		String origin = "http://localhost:" + this.port;
		request(this.ops).header(HttpHeaders.ORIGIN, origin).exchange().expectStatus().isForbidden();
		// Past the security filters, where the wrong checksum is noticed
		request(this.ops).header(HttpHeaders.ORIGIN, origin)
			.header(HttpHeaders.COOKIE, "XSRF-TOKEN=token")
			.header("X-XSRF-TOKEN", "token")
			.exchange()
			.expectStatus()
			.isEqualTo(HttpStatus.CONFLICT);
	}

	private static RestTestClient.RequestHeadersSpec<?> request(RestTestClient client) {
		return client.post().uri(PATH + "/2").contentType(MediaType.APPLICATION_JSON).body("""
				{"checksum": 0, "reason": "Test"}""");
	}

}
