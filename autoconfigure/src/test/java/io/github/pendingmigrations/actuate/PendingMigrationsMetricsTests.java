package io.github.pendingmigrations.actuate;

import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PendingMigrationsMetrics} and {@link MigrationRunMetrics}.
 */
class PendingMigrationsMetricsTests {

	private final FakePendingMigrations service = new FakePendingMigrations("flyway").reset();

	/** Meters hold on to it only weakly. */
	private CachedOverviews overviews;

	private final Map<String, PendingMigrations> services = new LinkedHashMap<>(Map.of("flyway", this.service));

	private final MeterRegistry registry = new SimpleMeterRegistry();

	@Test // A40
	void everyStateHasAGauge() {
		bind(this.registry);
		for (PendingMigrationState state : PendingMigrationState.values()) {
			double expected = switch (state) {
				case APPLIED, READY, PENDING -> 1;
				default -> 0;
			};
			assertThat(gauge("pending.migrations", "state", state.name()).value()).isEqualTo(expected);
		}
	}

	@Test // A40
	void ageIsThatOfTheOldestOutstandingInSeconds() {
		bind(this.registry);
		Gauge age = gauge("pending.migrations.oldest.age");
		assertThat(age.value()).isEqualTo(90);
		assertThat(age.getId().getBaseUnit()).isEqualTo("seconds");
	}

	@Test
	void ageIsZeroIfNothingIsPending() {
		this.service.clear();
		bind(this.registry);
		assertThat(gauge("pending.migrations.oldest.age").value()).isZero();
	}

	@Test
	void activeRunIsOne() {
		this.service.add(FakePendingMigrations.run(MigrationRunStatus.RUNNING, "3"));
		bind(this.registry);
		assertThat(gauge("pending.migrations.run.active").value()).isOne();
	}

	@Test
	void instancesAreCountedByWhetherTheyAreCurrent() {
		this.service.add(FakePendingMigrations.member("2.0.0"));
		this.service.add(FakePendingMigrations.member("2.0.0"));
		this.service.add(FakePendingMigrations.member("1.9.0", "3"));
		bind(this.registry);
		assertThat(gauge("pending.migrations.instances", "current", "true").value()).isEqualTo(2);
		assertThat(gauge("pending.migrations.instances", "current", "false").value()).isOne();
	}

	@Test
	void scrapeReadsTheDatabaseOnce() {
		bind(this.registry);
		this.registry.forEachMeter((meter) -> meter.measure().forEach((measurement) -> measurement.getValue()));
		assertThat(this.service.overviews()).isOne();
	}

	@Test
	void bindingReadsNothing() {
		bind(this.registry);
		assertThat(this.service.calls()).isZero();
	}

	@Test
	void unreadableDatabaseIsNotANumber() {
		this.service.failWith(new IllegalStateException());
		bind(this.registry);
		assertThat(gauge("pending.migrations", "state", "READY").value()).isNaN();
	}

	@Test
	void everyFlywayBeanHasItsOwn() {
		this.services.put("other", new FakePendingMigrations("other"));
		bind(this.registry);
		assertThat(this.registry.get("pending.migrations.run.active").gauges()).hasSize(2);
		assertThat(this.registry.get("pending.migrations.run.active").tag("flyway", "other").gauge().value()).isZero();
	}

	@Test
	void knownOutcomesAreThereFromTheStart() {
		new MigrationRunMetrics(this.registry, List.of("flyway"));
		assertThat(tagValues("pending.migrations.runs")).containsExactlyInAnyOrder("SUCCEEDED", "FAILED", "CANCELLED",
				"INTERRUPTED");
		assertThat(tagValues("pending.migrations.attempts")).containsExactlyInAnyOrder("OK", "LOCK_TIMEOUT", "DEADLOCK",
				"ERROR");
	}

	@Test // A40
	void runsAndAttemptsAreRecorded() {
		MigrationRunMetrics metrics = new MigrationRunMetrics(this.registry, List.of("flyway"));
		metrics.runFinished("flyway", MigrationRunStatus.FAILED, Duration.ofSeconds(2));
		metrics.attempt("flyway", "lock_timeout");
		metrics.attempt("flyway", "fenced");
		assertThat(this.registry.get("pending.migrations.runs").tag("outcome", "FAILED").timer().count()).isOne();
		assertThat(this.registry.get("pending.migrations.attempts").tag("outcome", "LOCK_TIMEOUT").counter().count())
			.isOne();
		assertThat(this.registry.get("pending.migrations.attempts").tag("outcome", "FENCED").counter().count()).isOne();
	}

	@Test
	void longestTimesAndMostSessionsAreKept() {
		MigrationRunMetrics metrics = new MigrationRunMetrics(this.registry, List.of("flyway"));
		metrics.lockWait("flyway", Duration.ofMillis(50));
		metrics.lockWait("flyway", Duration.ofMillis(20));
		metrics.lockHeld("flyway", Duration.ofMillis(7));
		metrics.blockedSessions("flyway", 3);
		metrics.blockedSessions("flyway", 0);
		assertThat(this.registry.get("pending.migrations.lock.wait").timer().max(TimeUnit.MILLISECONDS)).isEqualTo(50);
		assertThat(this.registry.get("pending.migrations.lock.held").timer().max(TimeUnit.MILLISECONDS)).isEqualTo(7);
		assertThat(this.registry.get("pending.migrations.blocked.sessions").summary().max()).isEqualTo(3);
	}

	@Test
	void namesInPrometheus() {
		PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		bind(prometheus);
		new MigrationRunMetrics(prometheus, List.of("flyway"));
		assertThat(prometheus.scrape()).contains("pending_migrations{flyway=\"flyway\",state=\"READY\"} 1.0")
			.contains("pending_migrations_oldest_age_seconds{flyway=\"flyway\"} 90.0")
			.contains("pending_migrations_run_active{flyway=\"flyway\"} 0.0")
			.contains("pending_migrations_runs_seconds_count{flyway=\"flyway\",outcome=\"FAILED\"} 0")
			.contains("pending_migrations_attempts_total{flyway=\"flyway\",outcome=\"LOCK_TIMEOUT\"} 0.0")
			.contains("pending_migrations_lock_wait_seconds_max{flyway=\"flyway\"} 0.0")
			.contains("pending_migrations_lock_held_seconds_max{flyway=\"flyway\"} 0.0")
			.contains("pending_migrations_blocked_sessions_max{flyway=\"flyway\"} 0.0");
	}

	private void bind(MeterRegistry registry) {
		this.overviews = new CachedOverviews(() -> this.services, Duration.ofSeconds(5), System::nanoTime,
				Clock.fixed(FakePendingMigrations.NOW.plusSeconds(90), ZoneOffset.UTC));
		new PendingMigrationsMetrics(this.overviews).bindTo(registry);
	}

	private Gauge gauge(String name, String... tags) {
		return this.registry.get(name).tag("flyway", "flyway").tags(tags).gauge();
	}

	private List<String> tagValues(String name) {
		return this.registry.get(name).meters().stream().map(Meter::getId).map((id) -> id.getTag("outcome")).toList();
	}

}
