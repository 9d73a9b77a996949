package io.github.pendingmigrations.test;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import org.springframework.util.StringUtils;

/**
 * A kind of database that tests run against. The server behind it starts with the first
 * {@link #createDatabase() database} that is asked of it, once per JVM, and stops when
 * the JVM does. Where Docker is available the servers are containers, elsewhere embedded
 * ones.
 * <p>
 * The system property {@value #PROPERTY} narrows the kinds that tests run against, for
 * example to {@code h2,mariadb}. A kind named there must be available: it is then an
 * error and not a reason to skip that it is not.
 */
public enum DatabaseServer {

	/**
	 * H2 in memory.
	 */
	H2("\"") {

		@Override
		Server start() {
			return new H2Server();
		}

	},

	/**
	 * PostgreSQL 17.
	 */
	POSTGRESQL("\"") {

		@Override
		Server start() throws Exception {
			return ContainerServers.isDockerAvailable() ? ContainerServers.postgresql() : new EmbeddedPostgresServer();
		}

	},

	/**
	 * MariaDB 11.4.
	 */
	MARIADB("`") {

		@Override
		Optional<String> findReasonNotToRun() {
			return ContainerServers.isDockerAvailable() ? Optional.empty() : EmbeddedMariaDbServer.findReasonNotToRun();
		}

		@Override
		Server start() throws Exception {
			return ContainerServers.isDockerAvailable() ? ContainerServers.mariadb() : new EmbeddedMariaDbServer();
		}

	},

	/**
	 * MySQL 8.4, in a container only.
	 */
	MYSQL("`") {

		@Override
		Optional<String> findReasonNotToRun() {
			return ContainerServers.isDockerAvailable() ? Optional.empty() : Optional.of("Docker is not available");
		}

		@Override
		Server start() {
			return ContainerServers.mysql();
		}

	};

	static final String PROPERTY = "pendingmigrations.test.databases";

	private static final Map<DatabaseServer, Server> servers = new EnumMap<>(DatabaseServer.class);

	private final String identifierQuote;

	DatabaseServer(String identifierQuote) {
		this.identifierQuote = identifierQuote;
	}

	/**
	 * Create an empty database that nobody else uses, starting the server first if need
	 * be.
	 * @return the database, which {@link TestDatabase#close()} drops
	 */
	public TestDatabase createDatabase() {
		return createDatabase(server());
	}

	TestDatabase createDatabase(Server server) {
		String name = "test_" + UUID.randomUUID().toString().replace("-", "").substring(0, 16);
		return new TestDatabase(this, server, name);
	}

	/**
	 * Return why tests cannot run against this kind of database on this machine.
	 * @return the reason, or empty if tests can
	 */
	public Optional<String> reasonNotToRun() {
		return findReasonNotToRun();
	}

	/**
	 * Quote an identifier, so that its case is kept and reserved words may be used.
	 * @param identifier the identifier
	 * @return the quoted identifier
	 */
	public String quote(String identifier) {
		return this.identifierQuote + identifier + this.identifierQuote;
	}

	/**
	 * Return the kinds of database that tests are to run against.
	 * @return the kinds, whether available or not
	 */
	public static List<DatabaseServer> selected() {
		String property = System.getProperty(PROPERTY);
		if (!StringUtils.hasText(property)) {
			return List.of(values());
		}
		return Arrays.stream(StringUtils.commaDelimitedListToStringArray(property))
			.map((name) -> valueOf(name.trim().toUpperCase(Locale.ROOT)))
			.toList();
	}

	static boolean isSelectionExplicit() {
		return StringUtils.hasText(System.getProperty(PROPERTY));
	}

	Optional<String> findReasonNotToRun() {
		return Optional.empty();
	}

	abstract Server start() throws Exception;

	private Server server() {
		synchronized (servers) {
			Server server = servers.get(this);
			if (server == null) {
				server = startServer();
				servers.put(this, server);
			}
			return server;
		}
	}

	private Server startServer() {
		Optional<String> reasonNotToRun = reasonNotToRun();
		if (reasonNotToRun.isPresent()) {
			throw new IllegalStateException("%s cannot be started: %s".formatted(this, reasonNotToRun.get()));
		}
		long started = System.nanoTime();
		try {
			Server server = start();
			Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop-" + this));
			System.out.printf("%s started in %d ms%n", server,
					Duration.ofNanos(System.nanoTime() - started).toMillis());
			return server;
		}
		catch (Exception ex) {
			throw new IllegalStateException("%s did not start".formatted(this), ex);
		}
	}

	private static void stop(Server server) {
		try {
			server.close();
		}
		catch (Exception ex) {
			System.err.printf("%s did not stop: %s%n", server, ex);
		}
	}

	/**
	 * A running server.
	 */
	interface Server extends AutoCloseable {

		String username();

		String password();

		/**
		 * Return the URL of a database that need not exist yet.
		 * @param database the name of the database
		 * @return the URL
		 */
		String jdbcUrl(String database);

		/**
		 * Return a URL to create and drop databases from.
		 * @return the URL, or empty if databases are created by connecting to them
		 */
		Optional<String> adminUrl();

		/**
		 * Return what to execute first in each session of the fixture itself.
		 * @return the statement, or empty if the server's default does
		 */
		default Optional<String> sessionSql() {
			return Optional.empty();
		}

		default String dropSql(String database) {
			return "DROP DATABASE " + database;
		}

	}

}
