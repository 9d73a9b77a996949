package io.github.pendingmigrations.preflight;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.Notice.Code;
import io.github.pendingmigrations.Preflight.Replica;
import io.github.pendingmigrations.Preflight.Replica.Source;
import io.github.pendingmigrations.StatementLocks.Work;
import io.github.pendingmigrations.test.DatabaseServer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is found on a PostgreSQL that has a hot standby.
 */
@EnabledIf("isSelected")
class PostgresqlReplicaTests {

	@TempDir
	Path directory;

	static boolean isSelected() {
		return DatabaseServer.selected().contains(DatabaseServer.POSTGRESQL);
	}

	@Test
	void replicaTellsItsLagAndItsOldestQuery() throws Exception {
		Path primaryData = this.directory.resolve("primary");
		Path standbyData = this.directory.resolve("standby");
		try (EmbeddedPostgres primary = EmbeddedPostgres.builder().setDataDirectory(primaryData).start()) {
			copy(primary, primaryData, standbyData);
			try (EmbeddedPostgres standby = EmbeddedPostgres.builder()
				.setDataDirectory(standbyData)
				.setCleanDataDirectory(false)
				.start();
					Connection reader = standby.getPostgresDatabase().getConnection();
					Statement statement = reader.createStatement()) {
				Preflight idle = Awaitility.await()
					.until(() -> inspect(primary, standby), (found) -> found.replicas().size() == 2);
				assertThat(idle.replicas()).extracting(Replica::source)
					.containsExactlyInAnyOrder(Source.PRIMARY, Source.CONFIGURED);
				assertThat(configured(idle).lag()).isLessThan(Duration.ofMinutes(1));
				assertThat(configured(idle).oldestQuery()).isNull();
				reader.setAutoCommit(false);
				statement.execute("select 1");
				Preflight busy = Awaitility.await()
					.atMost(Duration.ofSeconds(30))
					.until(() -> inspect(primary, standby), (found) -> !found.notices().isEmpty());
				assertThat(configured(busy).oldestQuery()).isGreaterThanOrEqualTo(Duration.ofSeconds(5));
				assertThat(busy.notices()).singleElement().satisfies((notice) -> {
					assertThat(notice.code()).isEqualTo(Code.REPLICA);
					assertThat(notice.effect()).isEqualTo(Effect.DELAYS);
				});
			}
		}
	}

	private static Replica configured(Preflight preflight) {
		return preflight.replicas()
			.stream()
			.filter((replica) -> replica.source() == Source.CONFIGURED)
			.findFirst()
			.orElseThrow();
	}

	private static Preflight inspect(EmbeddedPostgres primary, EmbeddedPostgres standby) {
		return new Script(DatabaseProduct.POSTGRESQL).locks("pg_class", "ACCESS EXCLUSIVE", Work.NONE)
			.replica("standby", standby.getPostgresDatabase())
			.inspect(primary.getPostgresDatabase(), "pg_catalog");
	}

	/**
	 * Copy a running server as its manual says.
	 */
	private static void copy(EmbeddedPostgres primary, Path from, Path to) throws Exception {
		try (Connection connection = primary.getPostgresDatabase().getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("select pg_backup_start('standby', true)");
			copyFiles(from, to);
			try (ResultSet label = statement.executeQuery("select labelfile from pg_backup_stop(false)")) {
				label.next();
				Files.writeString(to.resolve("backup_label"), label.getString(1));
			}
		}
		Files.createFile(to.resolve("standby.signal"));
		Files.writeString(to.resolve("postgresql.auto.conf"),
				"primary_conninfo = 'host=localhost port=%d user=postgres'%n".formatted(primary.getPort()),
				StandardOpenOption.APPEND);
	}

	private static void copyFiles(Path from, Path to) throws IOException {
		FileSystemUtils.copyRecursively(from, to);
		// A server refuses a directory that others can read
		Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwx------"));
		for (String name : new String[] { "postmaster.pid", "postmaster.opts", "epg-lock" }) {
			Files.deleteIfExists(to.resolve(name));
		}
	}

}
