package io.github.pendingmigrations.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication.Instance;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Kills the process that applies migrations at every step of the run, with a signal that
 * it cannot handle.
 */
@Isolated("What is killed inside of a statement has to be met there")
@EveryDatabase
class KilledOwnerTests {

	/** None of them is that of the survivor, or of the database. */
	private static final List<String> TIME_ZONES = List.of("Pacific/Kiritimati", "America/St_Johns", "UTC");

	private static final int CORES = 2;

	/** The kinds of step at which the short form kills. */
	private static final List<String> FEW = List.of("inside DDL of a migration", "before checkpoint", "before commit");

	private final DatabaseServer server;

	private final Faults faults;

	KilledOwnerTests(DatabaseServer server) {
		this.server = server;
		this.faults = new Faults("Killed processes on " + server);
	}

	@Test // A29, A30
	void whateverStepAProcessIsKilledAtEachStatementTakesEffectOnce() throws Exception {
		Assumptions.assumeTrue(this.server != DatabaseServer.H2, "Another process cannot reach H2 in memory");
		ExecutorService executor = Executors.newFixedThreadPool(CORES);
		try {
			List<Step> steps = steps();
			List<Kill> kills = kills(steps, ChaosForm.selected().kills());
			AtomicInteger decisions = new AtomicInteger();
			List<Future<?>> done = new ArrayList<>();
			for (Kill kill : kills) {
				done.add(executor
					.submit(() -> this.faults.untilHit(kill.kind(), () -> decisions.addAndGet(kill(kill)))));
			}
			for (Future<?> one : done) {
				one.get();
			}
			System.out.printf("%nA run makes %d calls; %d processes killed; %d statements in doubt%n", steps.size(),
					kills.size(), decisions.get());
		}
		finally {
			executor.shutdownNow();
		}
		this.faults.report();
	}

	private List<Step> steps() {
		try (Scenario scenario = Scenario.on(this.server)) {
			return scenario.applyUndisturbed();
		}
	}

	/**
	 * Every step if there is time for that, and one of each kind otherwise.
	 */
	private static List<Kill> kills(List<Step> steps, int wanted) {
		List<Kill> all = new ArrayList<>();
		steps.forEach((step) -> all.add(new Kill(step, false)));
		steps.stream().filter(Step::isSlow).forEach((step) -> all.add(new Kill(step, true)));
		if (wanted <= FEW.size()) {
			return FEW.stream().limit(wanted).map((kind) -> middle(all, kind)).toList();
		}
		List<Kill> every = new ArrayList<>(all);
		while (every.size() < wanted) {
			every.addAll(all);
		}
		return ChaosForm.selected().some(every, every.size());
	}

	/** From the middle, since one run makes a few calls more than another. */
	private static Kill middle(List<Kill> kills, String kind) {
		List<Kill> candidates = kills.stream().filter((kill) -> kill.kind().equals(kind)).toList();
		if (candidates.isEmpty()) {
			throw new IllegalStateException("There is no step " + kind);
		}
		return candidates.get(candidates.size() / 2);
	}

	private int kill(Kill kill) {
		try (Scenario scenario = Scenario.on(this.server);
				VictimProcess victim = VictimProcess.start(scenario.properties(),
						TIME_ZONES.get(kill.step().number() % TIME_ZONES.size()))) {
			boolean reached = victim.apply(Scenario.LAST, kill.inside(), kill.step().number()).isPresent();
			this.faults.injected(kill.kind(), victim.kill() && reached);
			int decisions;
			try (Instance survivor = scenario.start()) {
				decisions = scenario.bringToAnEnd(survivor);
				scenario.assertExactlyOnce();
			}
			scenario.assertNothingIsLeft();
			return decisions;
		}
		catch (RuntimeException | AssertionError ex) {
			throw new AssertionError("Killed " + kill, ex);
		}
	}

	/**
	 * Where to kill.
	 *
	 * @param step the call to the database
	 * @param inside whether while the call is under way, or before it
	 */
	record Kill(Step step, boolean inside) {

		String kind() {
			return (this.inside ? "inside " : "before ") + this.step.kind();
		}

	}

}
