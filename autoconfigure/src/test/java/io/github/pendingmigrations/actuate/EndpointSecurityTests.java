package io.github.pendingmigrations.actuate;

import java.util.List;
import java.util.stream.Stream;

import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.actuate.EndpointApplication.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.jmx.JmxEndpointsSupplier;
import org.springframework.boot.actuate.endpoint.jmx.JmxOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointsSupplier;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for who may do what with the endpoints, and how they are exposed.
 */
class EndpointSecurityTests {

	private static final String LIST = "/actuator/pendingmigrations";

	private static final String RUNS = "/actuator/migrationruns";

	private static final String APPLY = "{\"checksum\": " + FakePendingMigrations.CHECKSUM
			+ ", \"reason\": \"cleanup\"}";

	/**
	 * An application that is started once for the tests of a class.
	 */
	abstract static class InApplication {

		static EndpointApplication application;

		@AfterAll
		static void stop() {
			application.close();
		}

		@BeforeEach
		void reset() {
			application.reset();
		}

	}

	/**
	 * Without Spring Security, and with a management port and base path of its own.
	 */
	@Nested
	class WithoutSpringSecurity extends InApplication {

		@BeforeAll
		static void start() {
			application = EndpointApplication.start(Object.class, EndpointApplication.WITHOUT_SECURITY,
					EndpointApplication.UNRESTRICTED, EndpointApplication.RUNS_UNRESTRICTED, "management.server.port=0",
					"management.endpoints.web.base-path=/manage", "test.show-sql=never");
		}

		@ParameterizedTest
		@ValueSource(strings = { "/manage/pendingmigrations", "/manage/pendingmigrations/3",
				"/manage/pendingmigrations/unknown", "/manage/migrationruns/unknown" })
		void everyWriteIsForbiddenWithATextThatSaysWhatToAdd(String path) {
			Response response = exchange("POST", path, "{}");
			assertThat(response.status()).isEqualTo(403);
			assertThat(response.text("/error")).isEqualTo("FORBIDDEN");
			assertThat(response.text("/message")).contains("spring-boot-starter-security", "ROLE_PENDING_MIGRATIONS",
					"pending-migrations.security.allow-unauthenticated-writes");
			assertThat(application.service().calls()).isZero();
			assertThat(application.auditEvents()).singleElement()
				.satisfies((event) -> assertThat(event.getData()).containsEntry("code", "FORBIDDEN"));
		}

		@Test
		void readingWorksOnTheManagementPortOnly() {
			assertThat(exchange("GET", "/manage/pendingmigrations", null).status()).isEqualTo(200);
			assertThat(application.get("/manage/pendingmigrations").status()).isEqualTo(404);
			assertThat(application.get(LIST).status()).isEqualTo(404);
		}

		@Test
		void pageFollowsTheManagementPortAndTheBasePath() {
			Response response = application.exchange("local.management.port", "GET", "/manage/pendingmigrations", null,
					"Accept", "text/html");
			assertThat(response.status()).isEqualTo(200);
			assertThat(response.contentType()).startsWith("text/html");
			assertThat(response.body()).contains("data-apply=\"false\" data-control=\"false\"",
					"Spring Security is not on the class path");
		}

		@Test
		void sqlIsNeverShown() {
			Response response = exchange("GET", "/manage/pendingmigrations/3", null);
			assertThat(response.json().at("/statements/0").has("sql")).isFalse();
			assertThat(response.json().at("/preflight/blockers/0/session").asInt()).isEqualTo(4711);
			assertThat(response.body()).doesNotContain("drop column", "select secret");
		}

		private Response exchange(String method, String path, String json) {
			return application.exchange("local.management.port", method, path, json);
		}

	}

	/**
	 * With the filter chain that Spring Boot adds by itself.
	 */
	@Nested
	class DefaultChain extends InApplication {

		@BeforeAll
		static void start() {
			application = EndpointApplication.start(Object.class, EndpointApplication.UNRESTRICTED,
					EndpointApplication.RUNS_UNRESTRICTED);
		}

		@Test
		void anonymousIsNotLetIn() {
			assertThat(application.get(LIST).status()).isEqualTo(401);
			assertThat(application.post(LIST + "/3", APPLY).status()).isEqualTo(401);
			assertThat(application.service().calls()).isZero();
		}

		@Test
		void userCanRead() {
			assertThat(application.get(LIST, "Authorization", EndpointApplication.basic("ops")).status())
				.isEqualTo(200);
		}

		@Test // A38
		void writeWithoutCsrfTokenIsRefused() {
			Response response = application.post(LIST + "/3", APPLY, "Authorization", EndpointApplication.basic("ops"));
			// Not 403, because the error page of the default chain needs a user as well
			assertThat(response.status()).isEqualTo(401);
			assertThat(application.service().calls()).isZero();
		}

	}

	/**
	 * With a chain as an application would write it: CSRF tokens in a cookie, roles.
	 */
	@Nested
	class UserChain extends InApplication {

		@BeforeAll
		static void start() {
			application = EndpointApplication.start(UserChainConfiguration.class, EndpointApplication.UNRESTRICTED,
					EndpointApplication.RUNS_UNRESTRICTED, "test.allow-unauthenticated-writes=true");
		}

		@Test // A38
		void writeWithoutCsrfTokenIsRefused() {
			Response response = application.post(LIST + "/3", APPLY, "Authorization", EndpointApplication.basic("ops"));
			assertThat(response.status()).isEqualTo(403);
			assertThat(application.service().calls()).isZero();
		}

		@Test
		void writeWithTheCsrfTokenThatThePageGotIsAccepted() {
			Response page = application.get(LIST, "Accept", "text/html", "Authorization",
					EndpointApplication.basic("ops"));
			assertThat(page.body()).contains("data-apply=\"true\" data-control=\"true\" data-note=\"\"");
			String token = page.cookie("XSRF-TOKEN");
			assertThat(token).isNotEmpty();
			Response response = application.post(LIST + "/3", APPLY, "Authorization", EndpointApplication.basic("ops"),
					"Cookie", "XSRF-TOKEN=" + token, "X-XSRF-TOKEN", token);
			assertThat(response.status()).isEqualTo(202);
			assertThat(response.text("/run/requestedBy")).isEqualTo("ops");
			assertThat(application.auditEvents()).singleElement()
				.satisfies((event) -> assertThat(event.getPrincipal()).isEqualTo("ops"));
		}

		@Test
		void userWithAnotherRoleIsRefusedByTheChain() {
			assertThat(application.get(LIST, "Authorization", EndpointApplication.basic("reader")).status())
				.isEqualTo(403);
		}

	}

	/**
	 * With a chain that permits everything, so that only the endpoints themselves are
	 * left to say no.
	 */
	@Nested
	class PermissiveChain extends InApplication {

		@BeforeAll
		static void start() {
			application = EndpointApplication.start(PermissiveChainConfiguration.class,
					EndpointApplication.UNRESTRICTED, EndpointApplication.RUNS_UNRESTRICTED,
					"test.allow-unauthenticated-writes=true", "spring.jmx.enabled=true",
					"management.endpoints.jmx.exposure.include=*");
		}

		@ParameterizedTest // A38
		@ValueSource(strings = { LIST, LIST + "/3", LIST + "/unknown", RUNS + "/unknown" })
		void anonymousIsForbiddenAndLearnsNothing(String path) {
			Response response = application.post(path, "{}");
			assertThat(response.status()).isEqualTo(403);
			assertThat(response.text("/error")).isEqualTo("FORBIDDEN");
			assertThat(response.text("/message")).contains("ROLE_PENDING_MIGRATIONS");
			assertThat(application.service().calls()).isZero();
			assertThat(application.auditEvents()).singleElement().satisfies((event) -> {
				assertThat(event.getType()).isEqualTo("MIGRATION_REFUSED");
				assertThat(event.getPrincipal()).isEqualTo("anonymous");
			});
		}

		@Test // A38
		void wrongRoleIsForbidden() {
			Response response = application.post(LIST + "/3", APPLY, "Authorization",
					EndpointApplication.basic("reader"));
			assertThat(response.status()).isEqualTo(403);
			assertThat(response.text("/error")).isEqualTo("FORBIDDEN");
			assertThat(response.text("/message")).contains("ROLE_PENDING_MIGRATIONS").doesNotContain("READER");
			assertThat(application.auditEvents()).singleElement()
				.satisfies((event) -> assertThat(event.getPrincipal()).isEqualTo("reader"));
		}

		@Test // A38
		void rightRoleIsAccepted() {
			Response response = application.post(LIST + "/3", APPLY, "Authorization", EndpointApplication.basic("ops"));
			assertThat(response.status()).isEqualTo(202);
			assertThat(response.text("/run/requestedBy")).isEqualTo("ops");
			assertThat(application
				.post(response.text("/path"), "{\"action\": \"cancel\", \"reason\": \"oops\"}", "Authorization",
						EndpointApplication.basic("ops"))
				.status()).isEqualTo(202);
		}

		@Test
		void sqlIsShownToThoseWhoMayWrite() {
			assertThat(sql("Authorization", EndpointApplication.basic("ops"))).isNotEmpty();
			assertThat(sql("Authorization", EndpointApplication.basic("reader"))).isEmpty();
			assertThat(sql()).isEmpty();
		}

		@Test
		void jmxCanOnlyRead() throws Exception {
			assertThat(jmxOperations("pendingmigrations")).extracting(JmxOperation::getName)
				.containsExactlyInAnyOrder("pendingMigrations", "pendingMigration");
			assertThat(jmxOperations("migrationruns")).extracting(JmxOperation::getName)
				.containsExactlyInAnyOrder("migrationRuns", "migrationRun");
			assertThat(Stream.of("pendingmigrations", "migrationruns")
				.flatMap((id) -> jmxOperations(id).stream())
				.map(JmxOperation::getType)).containsOnly(OperationType.READ);
			MBeanServer server = application.context().getBean(MBeanServer.class);
			ObjectName name = new ObjectName("org.springframework.boot:type=Endpoint,name=Pendingmigrations");
			assertThat(server.getMBeanInfo(name).getOperations()).extracting(MBeanOperationInfo::getName)
				.containsExactlyInAnyOrder("pendingMigrations", "pendingMigration");
			assertThat(invoke(server, name, "pendingMigration", "3", null).toString()).contains("version=3", "line=4",
					"sql=null");
			assertThat(invoke(server, name, "pendingMigration", "4", null)).isNull();
			application.service().add(FakePendingMigrations.run(MigrationRunStatus.FAILED, "3"));
			assertThat(invoke(server, new ObjectName("org.springframework.boot:type=Endpoint,name=Migrationruns"),
					"migrationRuns", "FAILED", null, null, null)
				.toString()).contains("status=FAILED");
		}

		@Test
		void overHttpBothWriteOperationsAreThere() {
			assertThat(application.context()
				.getBean(WebEndpointsSupplier.class)
				.getEndpoints()
				.stream()
				.filter((endpoint) -> endpoint.getEndpointId().toLowerCaseString().equals("pendingmigrations"))
				.flatMap((endpoint) -> endpoint.getOperations().stream())
				.filter((operation) -> operation.getType() == OperationType.WRITE)).hasSize(2);
		}

		private List<JmxOperation> jmxOperations(String id) {
			return application.context()
				.getBean(JmxEndpointsSupplier.class)
				.getEndpoints()
				.stream()
				.filter((endpoint) -> endpoint.getEndpointId().toLowerCaseString().equals(id))
				.flatMap((endpoint) -> endpoint.getOperations().stream())
				.toList();
		}

		private Object invoke(MBeanServer server, ObjectName name, String operation, Object... arguments)
				throws Exception {
			String[] signature = Stream.of(arguments).map((argument) -> String.class.getName()).toArray(String[]::new);
			return server.invoke(name, operation, arguments, signature);
		}

		private String sql(String... headers) {
			Response response = application.get(LIST + "/3", headers);
			assertThat(response.json().at("/statements")).hasSize(2);
			return response.text("/statements/0/sql");
		}

	}

	/**
	 * With the access that the endpoints have unless configured.
	 */
	@Nested
	class DefaultAccess extends InApplication {

		@BeforeAll
		static void start() {
			application = EndpointApplication.start(Object.class, EndpointApplication.WITHOUT_SECURITY,
					"test.allow-unauthenticated-writes=true", "test.show-sql=always");
		}

		@Test // A38
		void readingIsAllowedAndWritingIsNot() {
			assertThat(application.get(LIST).status()).isEqualTo(200);
			assertThat(application.get(RUNS).status()).isEqualTo(200);
			assertThat(application.get(LIST + "/3").text("/statements/0/sql")).isNotEmpty();
			assertThat(application.post(LIST, "{}").status()).isEqualTo(405);
			assertThat(application.post(LIST + "/3", APPLY).status()).isEqualTo(405);
			assertThat(application.post(RUNS + "/x", "{}").status()).isEqualTo(405);
		}

	}

	/**
	 * With access that is configured.
	 */
	@Nested
	class ConfiguredAccess extends InApplication {

		@BeforeAll
		static void start() {
			application = EndpointApplication.start(Object.class, EndpointApplication.WITHOUT_SECURITY,
					"test.allow-unauthenticated-writes=true", "management.endpoint.pendingmigrations.access=none",
					EndpointApplication.RUNS_UNRESTRICTED, "management.endpoints.access.max-permitted=read-only");
		}

		@Test
		void noneIsNothing() {
			assertThat(application.get(LIST).status()).isEqualTo(404);
			assertThat(application.get(LIST, "Accept", "text/html").status()).isEqualTo(404);
			assertThat(application.post(LIST + "/3", APPLY).status()).isEqualTo(404);
		}

		@Test
		void maximumBeatsUnrestricted() {
			assertThat(application.get(RUNS).status()).isEqualTo(200);
			assertThat(application.post(RUNS + "/x", "{}").status()).isEqualTo(405);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UserChainConfiguration {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			http.authorizeHttpRequests((requests) -> requests.requestMatchers("/error")
				.permitAll()
				.requestMatchers(EndpointRequest.to("pendingmigrations", "migrationruns"))
				.hasRole("PENDING_MIGRATIONS")
				.anyRequest()
				.authenticated());
			http.httpBasic(Customizer.withDefaults());
			http.csrf((csrf) -> csrf.spa());
			return http.build();
		}

		@Bean
		UserDetailsService users() {
			return EndpointSecurityTests.users();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PermissiveChainConfiguration {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll());
			http.httpBasic(Customizer.withDefaults());
			http.csrf(AbstractHttpConfigurer::disable);
			return http.build();
		}

		@Bean
		UserDetailsService users() {
			return EndpointSecurityTests.users();
		}

	}

	private static UserDetailsService users() {
		return new InMemoryUserDetailsManager(user("ops", "PENDING_MIGRATIONS"), user("reader", "READER"));
	}

	private static UserDetails user(String name, String role) {
		return User.withUsername(name).password("{noop}secret").roles(role).build();
	}

}
