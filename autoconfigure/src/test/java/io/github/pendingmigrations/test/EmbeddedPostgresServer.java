package io.github.pendingmigrations.test;

import java.io.IOException;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * PostgreSQL from binaries on the class path.
 */
class EmbeddedPostgresServer extends PostgresServer {

	private final EmbeddedPostgres postgres;

	EmbeddedPostgresServer() throws IOException {
		EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder();
		SETTINGS.forEach(builder::setServerConfig);
		this.postgres = builder.start();
	}

	@Override
	String host() {
		return "localhost";
	}

	@Override
	int port() {
		return this.postgres.getPort();
	}

	@Override
	public String username() {
		return "postgres";
	}

	@Override
	public String password() {
		return "postgres";
	}

	@Override
	public void close() throws IOException {
		this.postgres.close();
	}

	@Override
	public String toString() {
		return "Embedded PostgreSQL on port " + port();
	}

}
