package io.github.pendingmigrations.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * A database that runs in this JVM, and is not among the {@link DatabaseServer kinds}
 * that all tests run against.
 */
public enum OtherDatabase implements DatabaseServer.Server {

	/** HyperSQL in memory. */
	HSQLDB("sa") {

		@Override
		public String jdbcUrl(String database) {
			return "jdbc:hsqldb:mem:" + database;
		}

		@Override
		public String dropSql(String database) {
			return "SHUTDOWN";
		}

	},

	/** Apache Derby in memory, which has no statement that drops a database. */
	DERBY("app") {

		@Override
		public String jdbcUrl(String database) {
			return "jdbc:derby:memory:" + database + ";create=true";
		}

		@Override
		public String dropSql(String database) {
			return "CALL SYSCS_UTIL.SYSCS_EMPTY_STATEMENT_CACHE()";
		}

	},

	/** SQLite in a file. */
	SQLITE("") {

		private final Path directory = temporaryDirectory();

		@Override
		public String jdbcUrl(String database) {
			return "jdbc:sqlite:" + this.directory.resolve(database + ".db");
		}

		@Override
		public String dropSql(String database) {
			return "VACUUM";
		}

	};

	private final String username;

	OtherDatabase(String username) {
		this.username = username;
	}

	/**
	 * Create an empty database that nobody else uses.
	 * @return the database
	 */
	public TestDatabase createDatabase() {
		return new TestDatabase(null, this, "test_" + UUID.randomUUID().toString().replace("-", "").substring(0, 16));
	}

	@Override
	public String username() {
		return this.username;
	}

	@Override
	public String password() {
		return "";
	}

	@Override
	public Optional<String> adminUrl() {
		return Optional.empty();
	}

	@Override
	public void close() {
	}

	private static Path temporaryDirectory() {
		try {
			Path directory = Files.createTempDirectory("sqlite");
			Runtime.getRuntime()
				.addShutdownHook(new Thread(
						() -> org.springframework.util.FileSystemUtils.deleteRecursively(directory.toFile())));
			return directory;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
