package io.github.pendingmigrations.test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.mariadb.MariaDBContainer;
import org.testcontainers.mysql.MySQLContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * Servers in containers.
 */
final class ContainerServers {

	private static final String PASSWORD = "test";

	private ContainerServers() {
	}

	static boolean isDockerAvailable() {
		return Docker.AVAILABLE;
	}

	@SuppressWarnings("resource")
	static DatabaseServer.Server postgresql() {
		List<String> command = new ArrayList<>(List.of("postgres"));
		PostgresServer.SETTINGS.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
		PostgreSQLContainer container = new PostgreSQLContainer("postgres:17.6").withPassword(PASSWORD)
			.withCommand(command.toArray(String[]::new));
		container.start();
		return new PostgresContainerServer(container);
	}

	@SuppressWarnings("resource")
	static DatabaseServer.Server mariadb() {
		MariaDBContainer container = new MariaDBContainer("mariadb:11.4").withUsername("root")
			.withPassword(PASSWORD)
			.withCommand(EmbeddedMariaDbServer.ARGUMENTS.toArray(String[]::new));
		container.start();
		return new MySqlContainerServer(container, 3306, "jdbc:mariadb://%s:%d/%s");
	}

	@SuppressWarnings("resource")
	static DatabaseServer.Server mysql() {
		MySQLContainer container = new MySQLContainer("mysql:8.4").withUsername("root")
			.withPassword(PASSWORD)
			.withCommand(EmbeddedMariaDbServer.ARGUMENTS.toArray(String[]::new));
		container.start();
		return new MySqlContainerServer(container, 3306,
				"jdbc:mysql://%s:%d/%s?allowPublicKeyRetrieval=true&useSSL=false");
	}

	/**
	 * Looks for Docker once, and asks Testcontainers only if there is a trace of it: its
	 * search logs an error where there is none.
	 */
	private static final class Docker {

		static final boolean AVAILABLE = hasTrace() && DockerClientFactory.instance().isDockerAvailable();

		private static boolean hasTrace() {
			String home = System.getProperty("user.home");
			return System.getenv("DOCKER_HOST") != null || Stream
				.of("/var/run/docker.sock", home + "/.docker/run/docker.sock", home + "/.docker/desktop/docker.sock",
						home + "/.testcontainers.properties",
						"/run/user/%s/docker.sock".formatted(System.getenv("UID")))
				.map(Path::of)
				.anyMatch(Files::exists);
		}

	}

	private static final class PostgresContainerServer extends PostgresServer {

		private final PostgreSQLContainer container;

		PostgresContainerServer(PostgreSQLContainer container) {
			this.container = container;
		}

		@Override
		String host() {
			return this.container.getHost();
		}

		@Override
		int port() {
			return this.container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT);
		}

		@Override
		public String username() {
			return this.container.getUsername();
		}

		@Override
		public String password() {
			return this.container.getPassword();
		}

		@Override
		public void close() {
			this.container.stop();
		}

		@Override
		public String toString() {
			return this.container.getDockerImageName();
		}

	}

	private record MySqlContainerServer(GenericContainer<?> container, int port,
			String urlFormat) implements DatabaseServer.Server {

		@Override
		public String username() {
			return "root";
		}

		@Override
		public String password() {
			return PASSWORD;
		}

		@Override
		public String jdbcUrl(String database) {
			return this.urlFormat.formatted(this.container.getHost(), this.container.getMappedPort(this.port),
					database);
		}

		@Override
		public Optional<String> adminUrl() {
			return Optional.of(jdbcUrl(""));
		}

		@Override
		public void close() {
			this.container.stop();
		}

		@Override
		public String toString() {
			return this.container.getDockerImageName();
		}

	}

}
