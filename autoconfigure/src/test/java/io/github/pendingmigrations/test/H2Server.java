package io.github.pendingmigrations.test;

import java.util.Optional;

/**
 * H2 in the memory of this JVM.
 */
class H2Server implements DatabaseServer.Server {

	@Override
	public String username() {
		return "sa";
	}

	@Override
	public String password() {
		return "";
	}

	@Override
	public String jdbcUrl(String database) {
		return "jdbc:h2:mem:" + database + ";DB_CLOSE_DELAY=-1;TIME ZONE=America/Los_Angeles";
	}

	@Override
	public Optional<String> adminUrl() {
		return Optional.empty();
	}

	@Override
	public String dropSql(String database) {
		return "SHUTDOWN";
	}

	@Override
	public void close() {
	}

	@Override
	public String toString() {
		return "H2 in memory";
	}

}
