package io.github.pendingmigrations.actuate;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

import io.github.pendingmigrations.MigrationRunStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/**
 * Meters of the runs that this instance executes. All of them have the tag
 * {@code flyway}, the name of the Flyway bean:
 * <ul>
 * <li>{@code pending.migrations.runs}, timer: how long runs took, waiting included; tag
 * {@code outcome}, the {@link MigrationRunStatus} in which they ended</li>
 * <li>{@code pending.migrations.attempts}, counter: attempts to execute a transaction or
 * a statement; tag {@code outcome}, {@code SUCCEEDED}, {@code LOCK_TIMEOUT} or another
 * reason why an attempt was given up</li>
 * <li>{@code pending.migrations.lock.wait}, timer: how long attempts waited that did not
 * get their locks</li>
 * <li>{@code pending.migrations.lock.held}, timer: for how long attempts had their locks
 * at most, from the first statement to the end of the transaction</li>
 * <li>{@code pending.migrations.blocked.sessions}, summary: how many sessions waited for
 * the one that executes, each time somebody looked</li>
 * </ul>
 * Known outcomes are there from the start, so that the first failure is an increase.
 *
 * @since 0.1.0
 */
public class MigrationRunMetrics {

	private static final List<String> ATTEMPT_OUTCOMES = List.of("OK", "LOCK_TIMEOUT", "DEADLOCK", "ERROR");

	private static final List<MigrationRunStatus> RUN_OUTCOMES = List.of(MigrationRunStatus.SUCCEEDED,
			MigrationRunStatus.FAILED, MigrationRunStatus.CANCELLED, MigrationRunStatus.INTERRUPTED);

	private final MeterRegistry registry;

	/**
	 * Create the meters.
	 * @param registry where they are registered
	 * @param flywayBeans the names of the Flyway beans
	 */
	public MigrationRunMetrics(MeterRegistry registry, Collection<String> flywayBeans) {
		this.registry = registry;
		for (String flyway : flywayBeans) {
			RUN_OUTCOMES.forEach((outcome) -> runs(flyway, outcome));
			ATTEMPT_OUTCOMES.forEach((outcome) -> attempts(flyway, outcome));
			lockWaits(flyway);
			lockHolds(flyway);
			blockedSessions(flyway);
		}
	}

	/**
	 * Record that a run has ended.
	 * @param flyway the name of the Flyway bean
	 * @param outcome the status in which it ended
	 * @param duration the time since it was started
	 */
	public void runFinished(String flyway, MigrationRunStatus outcome, Duration duration) {
		runs(flyway, outcome).record(duration);
	}

	/**
	 * Record an attempt.
	 * @param flyway the name of the Flyway bean
	 * @param outcome what came of it, in lower or upper case
	 */
	public void attempt(String flyway, String outcome) {
		attempts(flyway, outcome).increment();
	}

	/**
	 * Record that an attempt ended without its locks.
	 * @param flyway the name of the Flyway bean
	 * @param waited how long it waited
	 */
	public void lockWait(String flyway, Duration waited) {
		lockWaits(flyway).record(waited);
	}

	/**
	 * Record that an attempt gave its locks back.
	 * @param flyway the name of the Flyway bean
	 * @param held for how long it had them at most
	 */
	public void lockHeld(String flyway, Duration held) {
		lockHolds(flyway).record(held);
	}

	/**
	 * Record whom the session blocks that executes.
	 * @param flyway the name of the Flyway bean
	 * @param sessions how many sessions wait for it
	 */
	public void blockedSessions(String flyway, int sessions) {
		blockedSessions(flyway).record(sessions);
	}

	private Timer lockWaits(String flyway) {
		return Timer.builder("pending.migrations.lock.wait")
			.description("Waits of attempts that did not get their locks")
			.tag("flyway", flyway)
			.register(this.registry);
	}

	private Timer lockHolds(String flyway) {
		return Timer.builder("pending.migrations.lock.held")
			.description("How long attempts had their locks at most")
			.tag("flyway", flyway)
			.register(this.registry);
	}

	private DistributionSummary blockedSessions(String flyway) {
		return DistributionSummary.builder("pending.migrations.blocked.sessions")
			.description("Sessions that waited for the one that executes, each time somebody looked")
			.baseUnit("sessions")
			.tag("flyway", flyway)
			.register(this.registry);
	}

	private Timer runs(String flyway, MigrationRunStatus outcome) {
		return Timer.builder("pending.migrations.runs")
			.description("Runs that have ended")
			.tag("flyway", flyway)
			.tag("outcome", outcome.name())
			.register(this.registry);
	}

	private Counter attempts(String flyway, String outcome) {
		return Counter.builder("pending.migrations.attempts")
			.description("Attempts to execute a migration")
			.tag("flyway", flyway)
			.tag("outcome", outcome.toUpperCase(Locale.ROOT))
			.register(this.registry);
	}

}
