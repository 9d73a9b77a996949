package io.github.pendingmigrations.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import io.github.pendingmigrations.flyway.JavaMigrationBeans;
import io.github.pendingmigrations.run.RunListener;
import io.github.pendingmigrations.MigrationRunRepository.Retention;
import io.github.pendingmigrations.run.RunSettings;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestDatabase;
import io.github.pendingmigrations.verify.SqlMigrationChecker;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a start costs, beside plain Flyway with the same migrations in the same run. Not a
 * test by its name: {@code ./mvnw -pl autoconfigure test -Dtest=StartUpBenchmark}.
 */
@EveryDatabase
class StartUpBenchmark {

	private static final int MIGRATIONS = Integer.getInteger("benchmark.migrations", 100);

	private static final int REPETITIONS = Integer.getInteger("benchmark.repetitions", 15);

	private static final Duration SECOND = Duration.ofSeconds(1);

	private final DatabaseServer server;

	StartUpBenchmark(DatabaseServer server) {
		this.server = server;
	}

	@Test
	void emptyDatabaseAndUpToDateDatabase() throws IOException {
		Path plain = Files.createTempDirectory("plain");
		Path managed = Files.createTempDirectory("managed");
		for (int i = 1; i <= MIGRATIONS; i++) {
			String sql = "create table t" + i + " (id int primary key);";
			boolean pending = i % 5 == 0;
			Files.writeString(plain.resolve("V" + i + "__m.sql"), sql);
			Files.writeString(managed.resolve((pending ? "P" : "V") + i + "__m.sql"), sql);
		}
		try {
			measure(plain, managed);
		}
		finally {
			FileSystemUtils.deleteRecursively(plain);
			FileSystemUtils.deleteRecursively(managed);
		}
	}

	private void measure(Path plain, Path managed) {
		List<Long> plainEmpty = new ArrayList<>();
		List<Long> managedEmpty = new ArrayList<>();
		List<Long> plainAgain = new ArrayList<>();
		List<Long> managedAgain = new ArrayList<>();
		for (int i = 0; i <= REPETITIONS; i++) {
			try (TestDatabase one = this.server.createDatabase(); TestDatabase two = this.server.createDatabase()) {
				long a = time(flyway(one, plain));
				long b = time(managed(two, managed));
				long c = time(flyway(one, plain));
				long d = time(managed(two, managed));
				if (i > 0) {
					plainEmpty.add(a);
					managedEmpty.add(b);
					plainAgain.add(c);
					managedAgain.add(d);
				}
			}
		}
		report("empty", plainEmpty, managedEmpty);
		report("up to date", plainAgain, managedAgain);
		assertThat(managedAgain).hasSize(REPETITIONS);
	}

	private static Flyway flyway(TestDatabase database, Path location) {
		return Flyway.configure().dataSource(database.dataSource()).locations("filesystem:" + location).load();
	}

	private static Flyway managed(TestDatabase database, Path location) {
		RunSettings settings = new RunSettings("benchmark", null, null, SECOND, SECOND, SECOND, SECOND, SECOND,
				RunSettings.Locks.DEFAULT, new Retention(1000, Duration.ofDays(90)), Set.of(), false);
		DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
		QualifiedDataSources dataSources = new QualifiedDataSources(beans);
		return FlywayNode
			.create("flyway", flyway(database, location), new PendingMigrationsProperties(), settings,
					JavaMigrationBeans.NONE, dataSources, new PreflightInspectors(beans, dataSources),
					() -> new SqlMigrationChecker(
							() -> SqlCheckers.create(new PendingMigrationsProperties.Check(), List.of()), false),
					RunListener.NONE)
			.flyway();
	}

	private static long time(Flyway flyway) {
		long started = System.nanoTime();
		flyway.migrate();
		return System.nanoTime() - started;
	}

	private void report(String what, List<Long> plain, List<Long> managed) {
		double plainMedian = median(plain);
		double managedMedian = median(managed);
		System.out.printf(Locale.ROOT,
				"BENCHMARK %s, %s, %d migrations, median of %d: Flyway %.1f ms, with us %.1f ms, ratio %.2f%n",
				this.server, what, MIGRATIONS, REPETITIONS, plainMedian, managedMedian, managedMedian / plainMedian);
	}

	private static double median(List<Long> nanos) {
		long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
		return Arrays.stream(sorted).skip((sorted.length - 1) / 2).findFirst().orElseThrow() / 1e6;
	}

}
