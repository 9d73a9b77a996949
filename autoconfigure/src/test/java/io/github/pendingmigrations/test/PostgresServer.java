package io.github.pendingmigrations.test;

import java.util.Map;
import java.util.Optional;

/**
 * What embedded PostgreSQL and PostgreSQL in a container have in common.
 */
abstract class PostgresServer implements DatabaseServer.Server {

	static final String TIME_ZONE = "America/Los_Angeles";

	static final Map<String, String> SETTINGS = Map.of("timezone", TIME_ZONE, "max_connections", "300", "fsync", "off",
			"full_page_writes", "off", "synchronous_commit", "off", "max_prepared_transactions", "10");

	abstract String host();

	abstract int port();

	@Override
	public String jdbcUrl(String database) {
		return "jdbc:postgresql://%s:%d/%s".formatted(host(), port(), database);
	}

	@Override
	public Optional<String> adminUrl() {
		return Optional.of(jdbcUrl("postgres"));
	}

	/**
	 * The driver sets the time zone of each session to that of the JVM.
	 */
	@Override
	public Optional<String> sessionSql() {
		return Optional.of("SET TIME ZONE '" + TIME_ZONE + "'");
	}

	@Override
	public String dropSql(String database) {
		return "DROP DATABASE " + database + " WITH (FORCE)";
	}

}
