package io.github.pendingmigrations.sample;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.awaitility.Awaitility;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

/**
 * A release of the application as a process of its own, with the client of a person who
 * may do everything.
 */
final class ReleaseProcess implements AutoCloseable {

	private static final ParameterizedTypeReference<List<Map<String, Object>>> ISSUES = new ParameterizedTypeReference<>() {
	};

	private static final ParameterizedTypeReference<Map<String, Object>> OBJECT = new ParameterizedTypeReference<>() {
	};

	private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

	private final Process process;

	private final Path log;

	private final RestTestClient client;

	private ReleaseProcess(Process process, Path log, RestTestClient client) {
		this.process = process;
		this.log = log;
		this.client = client;
	}

	static ReleaseProcess start(String release, Database.Server server) throws IOException {
		int port = freePort();
		Path log = Files.createTempFile(release + "-", ".log");
		ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", classPath(), IssueTrackerApplication.class.getName(),
				"--spring.profiles.active=" + release + "," + server.profile(), "--server.port=" + port,
				"--spring.datasource.url=" + server.url(), "--spring.datasource.username=" + server.username(),
				"--spring.datasource.password=" + server.password())
			.redirectErrorStream(true)
			.redirectOutput(log.toFile());
		ReleaseProcess started = new ReleaseProcess(builder.start(), log,
				RestTestClient.bindToServer()
					.baseUrl("http://localhost:" + port)
					.defaultHeaders((headers) -> headers.setBasicAuth("ops", "ops"))
					.build());
		started.awaitStart();
		return started;
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	/**
	 * Return the class path of the application, which is that of the tests without their
	 * own classes.
	 */
	static String classPath() {
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> !entry.endsWith("test-classes") && !entry.endsWith("test-classes" + File.separator))
			.collect(Collectors.joining(File.pathSeparator));
	}

	private void awaitStart() throws IOException {
		try {
			Awaitility.await()
				.atMost(START_TIMEOUT)
				.ignoreExceptions()
				.until(() -> !this.process.isAlive() || tryIssues() == HttpStatus.OK);
		}
		finally {
			if (!this.process.isAlive()) {
				System.err.println(Files.readString(this.log));
			}
		}
		if (!this.process.isAlive()) {
			throw new IllegalStateException("The application did not start, see " + this.log);
		}
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

	Map<String, Object> migration(String version) {
		return object(this.client.get().uri(path(version)).exchange().expectStatus().isOk());
	}

	Map<String, Object> overview() {
		return object(this.client.get().uri("/actuator/pendingmigrations").exchange().expectStatus().isOk());
	}

	RestTestClient.ResponseSpec request(String version, String more) {
		return post(path(version),
				"{\"checksum\": %s, \"reason\": \"Test\"%s}".formatted(migration(version).get("checksum"), more));
	}

	void awaitState(String version, String state) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.pollInterval(Duration.ofMillis(200))
			.ignoreExceptions()
			.until(() -> migration(version).get("state").equals(state));
	}

	private static String path(String version) {
		return "/actuator/pendingmigrations/" + version;
	}

	private static Map<String, Object> object(RestTestClient.ResponseSpec response) {
		Map<String, Object> body = response.expectBody(OBJECT).returnResult().getResponseBody();
		return (body != null) ? body : Map.of();
	}

	private RestTestClient.ResponseSpec post(String path, String body) {
		return this.client.post().uri(path).contentType(MediaType.APPLICATION_JSON).body(body).exchange();
	}

	/**
	 * Stop it as an orchestrator does.
	 */
	void stop() throws InterruptedException {
		this.process.destroy();
		if (!this.process.waitFor(60, TimeUnit.SECONDS)) {
			throw new IllegalStateException("The application does not stop, see " + this.log);
		}
	}

	/**
	 * Kill it, so that it cannot say goodbye.
	 */
	void kill() {
		this.process.destroyForcibly().onExit().join();
	}

	@Override
	public void close() {
		kill();
	}

}
