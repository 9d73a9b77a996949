package io.github.pendingmigrations.chaos;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication.Instance;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The clock of a process is hours ahead, or behind. It is faked by libfaketime, which
 * Debian has in the package {@code faketime}.
 */
@ResourceLock(ChaosForm.ONE_AT_A_TIME)
@EveryDatabase
class ShiftedClockTests {

	private static final Path LIBRARIES = Path.of("/usr/lib");

	private static final String LIBRARY = "faketime/libfaketimeMT.so.1";

	private final DatabaseServer server;

	private String library = "";

	ShiftedClockTests(DatabaseServer server) {
		this.server = server;
	}

	@BeforeEach
	void findLibrary() throws IOException {
		Assumptions.assumeTrue(this.server != DatabaseServer.H2, "Another process cannot reach H2 in memory");
		this.library = library()
			.orElseGet(() -> Skipped.because("shifted clocks, because there is no " + LIBRARY + " (package faketime)"))
			.toString();
	}

	private static Optional<Path> library() throws IOException {
		if (Files.isDirectory(LIBRARIES)) {
			try (DirectoryStream<Path> folders = Files.newDirectoryStream(LIBRARIES, Files::isDirectory)) {
				for (Path folder : folders) {
					if (Files.isRegularFile(folder.resolve(LIBRARY))) {
						return Optional.of(folder.resolve(LIBRARY));
					}
				}
			}
		}
		return Optional.empty();
	}

	@ParameterizedTest
	@MethodSource("shifts")
	void leaseIsThatOfTheDatabase(String shift) {
		try (Scenario scenario = Scenario.on(this.server)) {
			int statement = scenario.applyUndisturbed()
				.stream()
				.filter((step) -> step.kind().equals("DML of a migration"))
				.findFirst()
				.orElseThrow()
				.number();
			try (Scenario shifted = Scenario.on(this.server);
					VictimProcess victim = VictimProcess.start(shifted.properties(), "UTC",
							Map.of("LD_PRELOAD", this.library, "FAKETIME", shift, "FAKETIME_DONT_FAKE_MONOTONIC", "1",
									// Without it, waits until a point in monotonic time
									// do not wait
									"FAKETIME_FORCE_MONOTONIC_FIX", "0"))) {
				assertThat(victim.apply(Scenario.LAST, false, statement)).isPresent();
				// Not before, since it would take the run as well
				try (Instance survivor = shifted.start()) {
					assertLeaseIsKept(survivor);
					long killed = System.nanoTime();
					victim.kill();
					shifted.bringToAnEnd(survivor);
					assertThat(Duration.ofNanos(System.nanoTime() - killed)).isBetween(Scenario.LEASE.dividedBy(2),
							Duration.ofSeconds(30));
					shifted.assertExactlyOnce();
					assertThat(victimsRunWasInterrupted(survivor)).isTrue();
				}
			}
		}
	}

	static List<String> shifts() {
		return ChaosForm.selected().isLong() ? List.of("+3h", "-3h") : List.of("+3h");
	}

	private static void assertLeaseIsKept(Instance survivor) {
		Awaitility.await()
			.during(Scenario.LEASE.multipliedBy(2))
			.atMost(Scenario.LEASE.multipliedBy(4))
			.until(() -> newest(survivor).status(), (status) -> status == MigrationRunStatus.RUNNING);
		assertThat(survivor.pendingMigrations().overview().members()).as("instances that are alive").hasSize(2);
	}

	private static MigrationRun newest(Instance instance) {
		return instance.pendingMigrations().runs(new RunQuery(null, null, 0, 1)).get(0);
	}

	private static boolean victimsRunWasInterrupted(Instance instance) {
		List<MigrationRun> runs = instance.pendingMigrations().runs(new RunQuery(null, null, 0, 10));
		return instance.pendingMigrations()
			.events(runs.get(runs.size() - 1).id())
			.stream()
			.anyMatch((event) -> event.detail().startsWith("INTERRUPTED"));
	}

}
