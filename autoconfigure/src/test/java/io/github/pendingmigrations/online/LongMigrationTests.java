package io.github.pendingmigrations.online;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.List;

import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.web.SecurityFilterChain;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A migration of hours in miniature, with many batches and a long statement: no request
 * ever waits for it.
 */
@Isolated
@EveryDatabase
class LongMigrationTests {

	private static final Duration LIMIT = Duration.ofMillis(50);

	private static final int PER_SECOND = 20;

	private static final int CLIENTS = 4;

	private static final Duration WARM_UP = Duration.ofSeconds(2);

	private static final Duration SETTLE = Duration.ofMillis(500);

	private static final String LIST = "/actuator/pendingmigrations";

	private final OnlineForm form = OnlineForm.selected();

	private final DatabaseServer server;

	LongMigrationTests(DatabaseServer server) {
		this.server = server;
	}

	@Test
	void requestsAreAnsweredAtOnceAllTheWhile() throws SQLException {
		Assumptions.assumeTrue(this.server != DatabaseServer.H2, "H2 runs inside the application");
		// Who waits for a migration does so each time, who waits for a busy machine does
		// not
		Result result = Noise.quiet(this::measure,
				(measured) -> measured.noise().drowns(LIMIT) || measured.worst().compareTo(LIMIT) > 0);
		result.noise().require("worst answer", result.worst(), LIMIT);
	}

	private Result measure() {
		try (Stage stage = Stage.on(this.server)) {
			stage.release()
				.script("P2__small.sql", "update item set hits = 0 where id = 1;")
				.script("P3__batches.sql", script());
			try (ConfigurableApplicationContext application = start(stage)) {
				return measure(new Http(application));
			}
		}
	}

	private Result measure(Http http) {
		warmUp(http);
		try (OpenLoopLoad list = load(http, "list", LIST);
				OpenLoopLoad health = load(http, "health", "/actuator/health");
				OpenLoopLoad witness = load(http, "witness", "/actuator/info")) {
			Pause.of(SETTLE);
			String apply = apply(http, "3");
			long calm = System.nanoTime();
			Pause.of(this.form.calibration());
			long since = System.nanoTime();
			Answer accepted = http.post(LIST + "/3", apply);
			Answer refused = http.post(LIST + "/3", apply);
			assertThat(accepted.status()).as(accepted.body()).isEqualTo(202);
			assertThat(refused.status()).as(refused.body()).isEqualTo(409);
			String path = accepted.json().at("/path").asString();
			try (OpenLoopLoad run = load(http, "run", path)) {
				awaitSuccess(http, path);
				long until = System.nanoTime();
				return report(new Window(calm, since, until), accepted.took(), refused.took(),
						List.of(new Reading("GET of the run", run.stop()), new Reading("GET of the list", list.stop()),
								new Reading("GET of health", health.stop())),
						new Reading("GET of info, which needs no database", witness.stop()));
			}
		}
	}

	private Result report(Window window, Duration accepted, Duration refused, List<Reading> readings, Reading witness) {
		Duration worst = Noise.longer(accepted, refused);
		Duration noise = Noise.longer(window.before(witness).worst(), window.during(witness).worst());
		try (FigureTable table = new FigureTable(
				"6: HTTP during a migration of %d ms, %s".formatted(window.length().toMillis(), this.server), "request",
				"answers", "errors", "worst", "worst before")) {
			table.row("POST that is accepted", 1, 0, accepted, "");
			table.row("POST during the run", 1, 0, refused, "");
			for (Reading reading : readings) {
				row(table, window, reading);
				worst = Noise.longer(worst, window.during(reading).worst());
				noise = Noise.longer(noise, window.before(reading).worst());
			}
			row(table, window, witness);
		}
		assertThat(readings).allSatisfy((reading) -> assertThat(window.during(reading).errors()).isEmpty());
		return new Result(worst, new Noise(noise));
	}

	private static void row(FigureTable table, Window window, Reading reading) {
		Observations during = window.during(reading);
		table.row(reading.name(), during.count(), during.errors().size(), during.worst(),
				window.before(reading).worst());
	}

	/**
	 * Apply another migration first: the classes of a fresh JVM are not what is measured.
	 */
	private void warmUp(Http http) {
		String wrong = "{\"checksum\": 1, \"reason\": \"to warm up\"}";
		long until = System.nanoTime() + (this.form.hasAllControls() ? 4 : 1) * WARM_UP.toNanos();
		while (System.nanoTime() - until < 0) {
			assertThat(http.post(LIST + "/2", wrong).status()).isEqualTo(409);
			for (String path : List.of(LIST, "/actuator/health", "/actuator/info", "/actuator/migrationruns")) {
				assertThat(http.get(path).status()).as(path).isEqualTo(200);
			}
		}
		Answer accepted = http.post(LIST + "/2", apply(http, "2"));
		assertThat(accepted.status()).as(accepted.body()).isEqualTo(202);
		awaitSuccess(http, accepted.json().at("/path").asString());
	}

	private static String apply(Http http, String version) {
		return "{\"checksum\": %d, \"reason\": \"measured\"}"
			.formatted(http.get(LIST + "/" + version).json().at("/checksum").asInt());
	}

	private static void awaitSuccess(Http http, String path) {
		JsonNode run = Awaitility.await()
			.atMost(Duration.ofSeconds(120))
			.pollInterval(Duration.ofMillis(200))
			.until(() -> http.get(path).json(), (json) -> json.at("/finishedAt").isString());
		assertThat(run.at("/status").asString()).as("%s", run).isEqualTo("SUCCEEDED");
	}

	private String script() {
		String sleep = (this.server == DatabaseServer.POSTGRESQL) ? "do 'begin perform pg_sleep(%s); end';\n"
				: "do sleep(%s);\n";
		StringBuilder script = new StringBuilder("-- pending: transaction=false\n-- pending: hold-budget=60s\n");
		int rows = Stage.ROWS / this.form.batches();
		for (int i = 0; i < this.form.batches(); i++) {
			script.append("update item set hits = hits + 1 where id > %d and id <= %d;\n".formatted(i * rows,
					(i + 1) * rows));
			script.append(sleep.formatted("0.1"));
		}
		return script.append(sleep.formatted("1")).toString();
	}

	private static OpenLoopLoad load(Http http, String name, String path) {
		// Not all of them at the same moment
		Pause.of(Duration.ofMillis(1000 / PER_SECOND / 4));
		return OpenLoopLoad.start(name, PER_SECOND, Collections.nCopies(CLIENTS, (number) -> {
			Answer answer = http.get(path);
			if (answer.status() != 200) {
				throw new IllegalStateException(answer.status() + ": " + answer.body());
			}
		}));
	}

	private static ConfigurableApplicationContext start(Stage stage) {
		return new SpringApplicationBuilder(HttpApplication.class)
			.properties("server.port=0", "pending-migrations.rollout.soak=0s", "spring.main.banner-mode=off",
					"spring.application.admin.enabled=false",
					"spring.flyway.locations=filesystem:" + stage.release().scripts(),
					"management.endpoints.web.exposure.include=health,info,pendingmigrations,migrationruns",
					"management.endpoint.pendingmigrations.access=unrestricted",
					"management.endpoint.migrationruns.access=unrestricted")
			.properties(stage.database().springProperties())
			.run();
	}

	/**
	 * An application with the endpoints, as a user has them.
	 */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class HttpApplication {

		@Bean
		SecurityFilterChain securityFilterChain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.httpBasic(Customizer.withDefaults())
				.csrf(AbstractHttpConfigurer::disable)
				.build();
		}

		/**
		 * Boot's own would hash the password again and measure that with each request.
		 */
		@Bean
		UserDetailsService userDetailsService() {
			return (name) -> User.withUsername(name).password("{noop}secret").roles("PENDING_MIGRATIONS").build();
		}

	}

	/**
	 * Sends requests to an application.
	 */
	private static final class Http {

		private static final JsonMapper jsonMapper = new JsonMapper();

		private final HttpClient client = HttpClient.newHttpClient();

		private final String base;

		Http(ConfigurableApplicationContext application) {
			this.base = "http://localhost:" + application.getEnvironment().getRequiredProperty("local.server.port");
		}

		Answer get(String path) {
			return send(request(path).GET());
		}

		Answer post(String path, String json) {
			return send(request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
		}

		private HttpRequest.Builder request(String path) {
			return HttpRequest.newBuilder(URI.create(this.base + path))
				.header("Authorization",
						"Basic " + Base64.getEncoder().encodeToString("ops:secret".getBytes(StandardCharsets.UTF_8)));
		}

		private Answer send(HttpRequest.Builder request) {
			long started = System.nanoTime();
			try {
				HttpResponse<String> response = this.client.send(request.build(), BodyHandlers.ofString());
				return new Answer(response.statusCode(), response.body(),
						Duration.ofNanos(System.nanoTime() - started));
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IllegalStateException(ex);
			}
		}

	}

	private record Result(Duration worst, Noise noise) {
	}

	/**
	 * The calibration and the migration, in the nanoseconds of the JVM.
	 */
	private record Window(long calm, long since, long until) {

		Observations before(Reading reading) {
			return reading.observations().between(this.calm, this.since);
		}

		Observations during(Reading reading) {
			return reading.observations().between(this.since, this.until);
		}

		Duration length() {
			return Duration.ofNanos(this.until - this.since);
		}

	}

	private record Reading(String name, Observations observations) {
	}

	private record Answer(int status, String body, Duration took) {

		JsonNode json() {
			return Http.jsonMapper.readTree(this.body);
		}

	}

}
