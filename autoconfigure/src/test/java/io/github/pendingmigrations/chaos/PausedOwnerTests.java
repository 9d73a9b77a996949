package io.github.pendingmigrations.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication.Instance;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Stops the process that applies migrations for longer than its lease, as a collection of
 * garbage or the suspension of a virtual machine does, and lets it go on when somebody
 * else has taken its run.
 */
@ResourceLock(ChaosForm.ONE_AT_A_TIME)
@EveryDatabase
class PausedOwnerTests {

	private static final int CORES = 2;

	/** What a process may have been about to do when it was stopped. */
	private static final List<String> KINDS = List.of("DDL of a migration", "commit", "checkpoint",
			"DML of a migration", "entry of the ledger", "end of the run", "own query", "statement for the session");

	private final DatabaseServer server;

	private final Faults faults;

	PausedOwnerTests(DatabaseServer server) {
		this.server = server;
		this.faults = new Faults("Processes stopped for longer than their lease on " + server);
	}

	@Test
	void processThatGoesOnAfterItHasLostItsLeaseDoesNoHarm() throws Exception {
		Assumptions.assumeTrue(this.server != DatabaseServer.H2, "Another process cannot reach H2 in memory");
		ExecutorService executor = Executors.newFixedThreadPool(CORES);
		try {
			List<Future<?>> done = new ArrayList<>();
			for (Step step : steps()) {
				done.add(executor.submit(() -> this.faults.untilHit(fault(step), () -> pause(step))));
			}
			for (Future<?> one : done) {
				one.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
		this.faults.report();
	}

	private List<Step> steps() {
		List<Step> steps;
		try (Scenario scenario = Scenario.on(this.server)) {
			steps = scenario.applyUndisturbed();
		}
		List<Step> ordered = new ArrayList<>();
		KINDS.forEach((kind) -> steps.stream().filter((step) -> step.kind().equals(kind)).forEach(ordered::add));
		int wanted = ChaosForm.selected().pauses();
		if (wanted < KINDS.size()) {
			return KINDS.stream()
				.limit(wanted)
				.map((kind) -> ordered.stream()
					.filter((step) -> step.kind().equals(kind))
					.reduce((first, second) -> second)
					.orElseThrow())
				.toList();
		}
		return ChaosForm.selected().some(ordered, wanted);
	}

	private void pause(Step step) {
		try (Scenario scenario = Scenario.on(this.server);
				VictimProcess victim = VictimProcess.start(scenario.properties(), "Pacific/Kiritimati")) {
			Optional<Step> reached = victim.apply(Scenario.LAST, false, step.number());
			victim.signal("STOP");
			try (Instance survivor = scenario.start()) {
				boolean taken = awaitTakeover(scenario, reached.orElse(step), survivor);
				victim.signal("CONT");
				victim.goOn();
				scenario.bringToAnEnd(survivor);
				scenario.assertExactlyOnce();
				this.faults.injected(fault(step), reached.isPresent() && taken);
			}
			victim.kill();
			scenario.assertNothingIsLeft();
		}
		catch (RuntimeException | AssertionError ex) {
			throw new AssertionError("Stopped before " + step, ex);
		}
	}

	private static String fault(Step step) {
		return "before " + step.kind();
	}

	private static boolean wasInterrupted(Instance survivor, MigrationRun run) {
		return survivor.pendingMigrations()
			.events(run.id())
			.stream()
			.anyMatch((event) -> event.detail().startsWith("INTERRUPTED"));
	}

	private static boolean awaitTakeover(Scenario scenario, Step step, Instance survivor) {
		RunQuery newest = new RunQuery(null, null, 0, 1);
		MigrationRun run = survivor.pendingMigrations().runs(newest).get(0);
		if (run.status() == MigrationRunStatus.SUCCEEDED) {
			return false;
		}
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.until(() -> wasInterrupted(survivor, run)
					// If the claim itself was taken back
					|| survivor.pendingMigrations()
						.run(run.id())
						.orElseThrow()
						.status() == MigrationRunStatus.SUCCEEDED);
		MigrationRun taken = survivor.pendingMigrations().run(run.id()).orElseThrow();
		if (taken.status() == MigrationRunStatus.INTERRUPTED) {
			scenario.assertStatementInDoubt(taken, step, survivor);
			RequestRefusedException refusal = catchThrowableOfType(RequestRefusedException.class,
					() -> survivor.pendingMigrations().retry(run.id(), Scenario.OPERATOR));
			// Unless the database has ended it by then, because nothing happened in its
			// transaction
			if (refusal != null) {
				assertThat(refusal.getMessage()).contains("Session ", "still executes");
			}
		}
		return true;
	}

}
