package io.github.pendingmigrations.actuate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrationsRegistry;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * A small application with the endpoints over a {@link FakePendingMigrations}, on a
 * random port.
 */
final class EndpointApplication implements AutoCloseable {

	/**
	 * Excludes what makes Spring Security secure anything.
	 */
	static final String WITHOUT_SECURITY = "test.without-security=true";

	static final String UNRESTRICTED = "management.endpoint.pendingmigrations.access=unrestricted";

	static final String RUNS_UNRESTRICTED = "management.endpoint.migrationruns.access=unrestricted";

	private static final HttpClient client = HttpClient.newHttpClient();

	private static final JsonMapper jsonMapper = new JsonMapper();

	private final ConfigurableApplicationContext context;

	private EndpointApplication(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static EndpointApplication start(Class<?> configuration, String... properties) {
		List<String> all = new ArrayList<>(List.of("server.port=0", "spring.main.banner-mode=off",
				"spring.main.log-startup-info=false", "logging.level.org.springframework=error",
				"logging.level.org.apache=off", "management.endpoints.web.exposure.include=*",
				"spring.security.user.name=ops", "spring.security.user.password=secret",
				"spring.security.user.roles=PENDING_MIGRATIONS", "spring.application.admin.enabled=false"));
		all.addAll(List.of(properties));
		if (all.contains(WITHOUT_SECURITY)) {
			String security = "org.springframework.boot.security.autoconfigure.";
			all.add("spring.autoconfigure.exclude=" + security + "SecurityAutoConfiguration," + security
					+ "UserDetailsServiceAutoConfiguration," + security
					+ "web.servlet.ServletWebSecurityAutoConfiguration," + security
					+ "web.servlet.SecurityFilterAutoConfiguration," + security
					+ "actuate.web.servlet.ManagementWebSecurityAutoConfiguration");
		}
		return new EndpointApplication(new SpringApplicationBuilder(EndpointConfiguration.class, configuration)
			.properties(all.toArray(String[]::new))
			.run());
	}

	ConfigurableApplicationContext context() {
		return this.context;
	}

	FakePendingMigrations service() {
		return this.context.getBean(Services.class).flyway();
	}

	/**
	 * Bring everything back to how it was at the start.
	 */
	EndpointApplication reset() {
		Services services = this.context.getBean(Services.class);
		services.all().keySet().removeIf((name) -> !name.equals("flyway"));
		services.flyway().reset();
		auditEvents().clear();
		return this;
	}

	FakePendingMigrations addFlywayBean(String name) {
		FakePendingMigrations service = new FakePendingMigrations(name).reset();
		this.context.getBean(Services.class).all().put(name, service);
		return service;
	}

	List<AuditEvent> auditEvents() {
		return this.context.getBean(AuditEvents.class).events();
	}

	Response get(String path, String... headers) {
		return exchange("local.server.port", "GET", path, null, headers);
	}

	Response post(String path, @Nullable String json, String... headers) {
		return exchange("local.server.port", "POST", path, json, headers);
	}

	Response exchange(String portProperty, String method, String path, @Nullable String json, String... headers) {
		String port = this.context.getEnvironment().getRequiredProperty(portProperty);
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
			.method(method, (json != null) ? BodyPublishers.ofString(json) : BodyPublishers.noBody());
		if (json != null) {
			request.header("Content-Type", "application/json");
		}
		for (int i = 0; i < headers.length; i += 2) {
			request.setHeader(headers[i], headers[i + 1]);
		}
		try {
			return new Response(client.send(request.build(), BodyHandlers.ofString()));
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static String basic(String user) {
		return "Basic " + Base64.getEncoder().encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8));
	}

	@Override
	public void close() {
		this.context.close();
	}

	/**
	 * What the application answered.
	 *
	 * @param response the response
	 */
	record Response(HttpResponse<String> response) {

		int status() {
			return this.response.statusCode();
		}

		String body() {
			return this.response.body();
		}

		String contentType() {
			return this.response.headers().firstValue("Content-Type").orElse("");
		}

		@Nullable String cookie(String name) {
			return this.response.headers()
				.allValues("Set-Cookie")
				.stream()
				.filter((cookie) -> cookie.startsWith(name + "="))
				.map((cookie) -> cookie.substring(name.length() + 1, cookie.indexOf(';')))
				.findFirst()
				.orElse(null);
		}

		JsonNode json() {
			return jsonMapper.readTree(this.response.body());
		}

		/**
		 * Return the text at a JSON pointer.
		 */
		String text(String pointer) {
			return json().at(pointer).asString("");
		}

	}

	/**
	 * The services by the name of their Flyway bean.
	 *
	 * @param all the services
	 */
	record Services(Map<String, PendingMigrations> all) implements PendingMigrationsRegistry {

		FakePendingMigrations flyway() {
			return (FakePendingMigrations) this.all.get("flyway");
		}

		@Override
		public Map<String, PendingMigrations> byFlywayBean() {
			return this.all;
		}

	}

	/**
	 * Collects audit events.
	 *
	 * @param events the events
	 */
	record AuditEvents(List<AuditEvent> events) implements ApplicationListener<AuditApplicationEvent> {

		@Override
		public void onApplicationEvent(AuditApplicationEvent event) {
			if (event.getAuditEvent().getType().startsWith("MIGRATION_")) {
				this.events.add(event.getAuditEvent());
			}
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = { DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class })
	static class EndpointConfiguration {

		@Bean
		Services services() {
			Map<String, PendingMigrations> services = new LinkedHashMap<>();
			services.put("flyway", new FakePendingMigrations("flyway").reset());
			return new Services(services);
		}

		@Bean
		AuditEvents auditEvents() {
			return new AuditEvents(new CopyOnWriteArrayList<>());
		}

		@Bean
		WriteAuthorization writeAuthorization(Environment environment) {
			return new WriteAuthorization("ROLE_PENDING_MIGRATIONS",
					environment.getProperty("test.allow-unauthenticated-writes", Boolean.class, false),
					!environment.getProperty("test.without-security", Boolean.class, false));
		}

		@Bean
		PendingMigrationsEndpoint pendingMigrationsEndpoint(Services services, Environment environment) {
			return new PendingMigrationsEndpoint(services,
					environment.getProperty("test.show-sql", ShowSql.class, ShowSql.WHEN_AUTHORIZED));
		}

		@Bean
		PendingMigrationsEndpointWebExtension pendingMigrationsEndpointWebExtension(PendingMigrationsEndpoint endpoint,
				WriteAuthorization authorization, ApplicationEventPublisher eventPublisher, Environment environment) {
			return new PendingMigrationsEndpointWebExtension(endpoint, authorization, eventPublisher,
					runsPath(environment), new OperatorPageLinks("migrationruns", true, true));
		}

		@Bean
		MigrationRunsEndpoint migrationRunsEndpoint(Services services) {
			return new MigrationRunsEndpoint(services, ShowSql.WHEN_AUTHORIZED);
		}

		@Bean
		MigrationRunsEndpointWebExtension migrationRunsEndpointWebExtension(MigrationRunsEndpoint endpoint,
				WriteAuthorization authorization, ApplicationEventPublisher eventPublisher, Environment environment) {
			return new MigrationRunsEndpointWebExtension(endpoint, authorization, eventPublisher,
					runsPath(environment));
		}

		private static String runsPath(Environment environment) {
			return environment.getProperty("management.endpoints.web.base-path", "/actuator") + "/migrationruns";
		}

	}

}
