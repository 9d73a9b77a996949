package io.github.pendingmigrations.actuate;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingReason;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;

/**
 * Tests for {@link PendingMigrationsHealthIndicator}.
 */
class PendingMigrationsHealthIndicatorTests {

	private static final Instant NOW = FakePendingMigrations.NOW.plus(Duration.ofDays(3));

	private final FakePendingMigrations service = new FakePendingMigrations("flyway");

	private final Map<String, PendingMigrations> services = new LinkedHashMap<>();

	@BeforeEach
	void setUp() {
		this.services.put("flyway", this.service);
	}

	@ParameterizedTest // A39
	@EnumSource(HealthDownOn.class)
	void pendingMigrationsAreUp(HealthDownOn downOn) {
		this.service.reset();
		assertThat(health(downOn, Duration.ofDays(7)).getStatus()).isEqualTo(Status.UP);
	}

	@Test // A39
	void detailsTellCountsAgeAndRuns() {
		this.service.reset();
		MigrationRun last = this.service.add(FakePendingMigrations.run(MigrationRunStatus.SUCCEEDED, "1"));
		MigrationRun active = this.service.add(FakePendingMigrations.run(MigrationRunStatus.RUNNING, "3"));
		assertThat(health(HealthDownOn.NEVER, Duration.ZERO).getDetails())
			.containsExactly(Map.entry("flyway", Map.of("pending", 2, "states",
					Map.of("APPLIED", 1, "PENDING", 1, "READY", 1), "oldestAge", "PT72H", "pointOfNoReturn",
					Map.of("version", "1", "applicationVersion", "2.0.0", "appliedAt", "2026-11-22T10:00:00Z"),
					"activeRun", Map.of("id", active.id().toString(), "status", "RUNNING"), "lastRun",
					Map.of("id", last.id().toString(), "status", "SUCCEEDED", "finishedAt", "2026-11-22T10:01:00Z"))));
	}

	@Test
	void nothingPendingIsUp() {
		Health health = health(HealthDownOn.OVERDUE, Duration.ZERO);
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).containsEntry("flyway", Map.of("pending", 0, "states", Map.of()));
	}

	@ParameterizedTest // A39
	@EnumSource(value = PendingMigrationState.class, names = { "FAILED", "PARTIALLY_APPLIED" })
	void failedMigrationIsDownOnlyIfConfigured(PendingMigrationState state) {
		this.service.add(FakePendingMigrations.migration("3", state));
		assertThat(health(HealthDownOn.NEVER, Duration.ZERO).getStatus()).isEqualTo(Status.UP);
		assertThat(health(HealthDownOn.OVERDUE, Duration.ofDays(7)).getStatus()).isEqualTo(Status.UP);
		assertThat(health(HealthDownOn.FAILED, Duration.ZERO).getStatus()).isEqualTo(Status.DOWN);
	}

	@Test // A39
	void overdueMigrationIsDownOnlyIfConfigured() {
		this.service.add(FakePendingMigrations.migration("3", PendingMigrationState.READY));
		assertThat(health(HealthDownOn.NEVER, Duration.ofDays(2)).getStatus()).isEqualTo(Status.UP);
		assertThat(health(HealthDownOn.FAILED, Duration.ofDays(2)).getStatus()).isEqualTo(Status.UP);
		assertThat(health(HealthDownOn.OVERDUE, Duration.ofDays(2)).getStatus()).isEqualTo(Status.DOWN);
		assertThat(health(HealthDownOn.OVERDUE, Duration.ofDays(3)).getStatus()).isEqualTo(Status.UP);
	}

	@Test
	void delayedOrAppliedMigrationIsNotOverdue() {
		this.service.add(FakePendingMigrations.migration("1", PendingMigrationState.APPLIED));
		this.service.add(FakePendingMigrations.migration("3", PendingMigrationState.PENDING,
				List.of(new PendingReason(PendingReason.Code.DELAYED, "It waits", List.of(), NOW.plusSeconds(1))), null,
				null));
		assertThat(health(HealthDownOn.OVERDUE, Duration.ofDays(2)).getStatus()).isEqualTo(Status.UP);
	}

	@ParameterizedTest
	@EnumSource(HealthDownOn.class)
	void unreadableDatabaseIsUnknown(HealthDownOn downOn) {
		this.service.add(FakePendingMigrations.migration("3", PendingMigrationState.FAILED));
		this.service.failWith(new IllegalStateException("no connection"));
		Health health = health(downOn, Duration.ZERO);
		assertThat(health.getStatus()).isEqualTo(Status.UNKNOWN);
		assertThat(health.getDetails()).extractingByKey("flyway", MAP)
			.containsExactly(Map.entry("error",
					"The database could not be read: java.lang.IllegalStateException: no connection"));
	}

	@Test
	void downOfOneFlywayBeanBeatsUnknownOfAnother() {
		this.service.add(FakePendingMigrations.migration("3", PendingMigrationState.FAILED));
		FakePendingMigrations unreadable = new FakePendingMigrations("other");
		unreadable.failWith(new IllegalStateException("no connection"));
		this.services.put("other", unreadable);
		Health health = health(HealthDownOn.FAILED, Duration.ZERO);
		assertThat(health.getStatus()).isEqualTo(Status.DOWN);
		assertThat(health.getDetails()).containsOnlyKeys("flyway", "other");
	}

	private Health health(HealthDownOn downOn, Duration overdueAfter) {
		CachedOverviews overviews = new CachedOverviews(() -> this.services, Duration.ofSeconds(5), System::nanoTime,
				Clock.fixed(NOW, ZoneOffset.UTC));
		return new PendingMigrationsHealthIndicator(overviews, downOn, overdueAfter).health();
	}

}
