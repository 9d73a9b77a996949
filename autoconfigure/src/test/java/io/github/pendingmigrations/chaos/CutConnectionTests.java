package io.github.pendingmigrations.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Cuts all connections between an application and its database at the steps of a run,
 * before what it sends arrives, or before the answer does.
 */
@ResourceLock(ChaosForm.ONE_AT_A_TIME)
@EveryDatabase
class CutConnectionTests {

	private static final Pattern ADDRESS = Pattern.compile("(//[^:/]+):(\\d+)/");

	private static final int CORES = 2;

	private final DatabaseServer server;

	private final Faults faults;

	CutConnectionTests(DatabaseServer server) {
		this.server = server;
		this.faults = new Faults("Cut connections on " + server);
	}

	@Test // A30
	void whereverAllConnectionsAreCutEachStatementTakesEffectOnce() throws Exception {
		Assumptions.assumeTrue(this.server != DatabaseServer.H2, "There is no connection to H2 in memory");
		List<Step> steps = steps();
		List<Cut> all = new ArrayList<>();
		steps.forEach((step) -> all.add(new Cut(step, false)));
		steps.forEach((step) -> all.add(new Cut(step, true)));
		List<Cut> cuts = ChaosForm.selected().some(all, ChaosForm.selected().cuts());
		AtomicInteger decisions = new AtomicInteger();
		ExecutorService executor = Executors.newFixedThreadPool(CORES);
		try {
			List<Future<?>> done = new ArrayList<>();
			for (Cut cut : cuts) {
				done.add(executor.submit(() -> this.faults.untilHit(cut.fault(), () -> decisions.addAndGet(cut(cut)))));
			}
			for (Future<?> one : done) {
				one.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
		System.out.printf("%nA run makes %d calls; connections cut %d times; %d statements in doubt%n", steps.size(),
				cuts.size(), decisions.get());
		this.faults.report();
	}

	private List<Step> steps() {
		try (Scenario scenario = Scenario.on(this.server)) {
			return scenario.applyUndisturbed().stream().filter(Step::isSent).toList();
		}
	}

	private int cut(Cut cut) {
		try (Scenario scenario = Scenario.on(this.server)) {
			Map<String, Object> properties = scenario.properties();
			Matcher address = ADDRESS.matcher(scenario.database().jdbcUrl());
			if (!address.find()) {
				throw new IllegalStateException("No port in " + scenario.database());
			}
			AtomicBoolean missed = new AtomicBoolean();
			AtomicBoolean reached = new AtomicBoolean();
			int decisions;
			try (TcpProxy proxy = new TcpProxy(Integer.parseInt(address.group(2)))) {
				properties.put("spring.datasource.url", address.replaceFirst("$1:" + proxy.port() + "/"));
				try (Instance instance = TestApplication.start(properties, WatchedDataSource.Watch.class)) {
					WatchedDataSource.of(instance).observe(new CallCounter() {

						@Override
						void beforeCall(int number, String label) {
							if (number == cut.step().number()) {
								reached.set(true);
								if (cut.answer()) {
									proxy.loseNextAnswer();
								}
								else {
									proxy.cut();
								}
							}
						}

						@Override
						void afterCall(int number, String label) {
							if (number == cut.step().number()) {
								missed.set(true);
							}
						}

					});
					scenario.request(instance);
					decisions = scenario.bringToAnEnd(instance);
					scenario.assertExactlyOnce();
				}
			}
			this.faults.injected(cut.fault(), reached.get() && !missed.get());
			scenario.assertNothingIsLeft();
			return decisions;
		}
		catch (RuntimeException | AssertionError ex) {
			throw new AssertionError("Cut " + cut, ex);
		}
	}

	/**
	 * Where to cut.
	 *
	 * @param step the call to the database
	 * @param answer whether the answer gets lost, or nothing is sent
	 */
	record Cut(Step step, boolean answer) {

		String fault() {
			return (this.answer ? "answer lost: " : "not sent: ") + this.step.kind();
		}
	}

}
