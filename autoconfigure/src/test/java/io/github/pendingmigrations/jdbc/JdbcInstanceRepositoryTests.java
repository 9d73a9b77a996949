package io.github.pendingmigrations.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

import io.github.pendingmigrations.ApplicationInstance;
import io.github.pendingmigrations.ApplicationInstance.Known;
import io.github.pendingmigrations.InstanceRepository.Registration;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * Tests for {@link JdbcInstanceRepository}.
 */
@EveryDatabase
class JdbcInstanceRepositoryTests {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private final LedgerFixture fixture;

	private final JdbcInstanceRepository instances;

	JdbcInstanceRepositoryTests(DatabaseServer server) throws SQLException {
		this.fixture = new LedgerFixture(server);
		this.fixture.ledger().createTables();
		this.instances = new JdbcInstanceRepository(this.fixture.database().dataSource(), this.fixture.tables());
	}

	@AfterEach
	void dropDatabase() {
		this.fixture.close();
	}

	@Test
	void savedInstanceIsFound() {
		List<Known> known = List.of(new Known("3", 690027783, "2.1"), new Known("5", -12, null));
		this.instances.save(new Registration("a", "2.0.0", "4", "5", known, MINUTE));
		assertThat(this.instances.findAll()).singleElement().satisfies((found) -> {
			assertThat(found.startedAt()).isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
			assertThat(found).isEqualTo(new ApplicationInstance("a", "2.0.0", "4", "5", known, found.startedAt(),
					found.lastSeenAt(), true, found.aliveSince()));
			assertThat(found.aliveSince()).isCloseTo(found.startedAt(), within(500, ChronoUnit.MILLIS));
			assertThat(found.newestVersion()).isEqualTo("5");
		});
	}

	@Test
	void savedAgainItKeepsItsStart() {
		this.instances.save(new Registration("a", null, null, null, List.of(), MINUTE));
		ApplicationInstance before = this.instances.findAll().get(0);
		this.instances.save(new Registration("a", null, "10", "9", List.of(new Known("9", 1, "9")), MINUTE));
		assertThat(this.instances.findAll()).singleElement().satisfies((found) -> {
			assertThat(found.startedAt()).isEqualTo(before.startedAt());
			assertThat(found.find("9")).isPresent();
			assertThat(found.newestVersion()).isEqualTo("10");
		});
	}

	@Test
	void breakIsRemembered() {
		this.instances.save(new Registration("a", null, null, null, List.of(), MINUTE));
		this.instances.heartbeat("a", MINUTE);
		ApplicationInstance before = this.instances.findAll().get(0);
		// A clock may go on within a statement
		assertThat(before.aliveSince()).isCloseTo(before.startedAt(), within(500, ChronoUnit.MILLIS));
		// Half of a millisecond is less than passes between two statements
		Awaitility.await().until(() -> {
			this.instances.heartbeat("a", Duration.ofMillis(1));
			return this.instances.findAll().get(0).aliveSince().isAfter(before.aliveSince());
		});
	}

	@Test
	void heartbeatKeepsItAlive() {
		this.instances.save(new Registration("a", null, null, null, List.of(), Duration.ofMillis(1)));
		Awaitility.await().until(() -> !this.instances.findAll().get(0).alive());
		Instant before = this.instances.findAll().get(0).lastSeenAt();
		assertThat(this.instances.heartbeat("a", MINUTE)).isTrue();
		assertThat(this.instances.findAll().get(0).alive()).isTrue();
		assertThat(this.instances.findAll().get(0).lastSeenAt()).isAfter(before);
		assertThat(this.instances.heartbeat("unknown", MINUTE)).isFalse();
	}

	@Test
	void instanceThatIsKnownToBeGoneIsSilentNoMoreUntilItIsHeardOfAgain() {
		this.instances.save(new Registration("a", null, null, null, List.of(), Duration.ofMillis(1)));
		this.instances.save(new Registration("b", null, null, null, List.of(), MINUTE));
		Awaitility.await().until(() -> this.instances.findAll().get(0).isSilent());
		Instant lastSeen = this.instances.findAll().get(0).lastSeenAt();
		this.instances.recordGone("a");
		this.instances.recordGone("b");
		assertThat(this.instances.findAll()).extracting(ApplicationInstance::isSilent).containsExactly(false, false);
		assertThat(this.instances.findAll()).extracting(ApplicationInstance::alive).containsExactly(false, true);
		assertThat(this.instances.findAll().get(0).lastSeenAt()).isEqualTo(lastSeen);
		this.instances.heartbeat("a", MINUTE);
		assertThat(this.instances.findAll()).extracting(ApplicationInstance::alive).containsExactly(true, true);
	}

	@Test
	void endedInstanceIsKeptUntilItIsOld() {
		this.instances.save(new Registration("a", null, null, null, List.of(), MINUTE));
		this.instances.save(new Registration("b", null, null, null, List.of(), MINUTE));
		this.instances.end("a");
		assertThat(this.instances.findAll()).extracting(ApplicationInstance::alive).containsExactly(false, true);
		assertThat(this.instances.removeEnded(MINUTE)).isZero();
		assertThat(this.instances.removeEnded(Duration.ZERO)).isEqualTo(1);
		assertThat(this.instances.findAll()).extracting(ApplicationInstance::id).containsExactly("b");
	}

	@Test
	void fiftyInstancesAreSavedAtOnce() throws Exception {
		Iterable<String> ids = LedgerFixture.inParallel(50, () -> {
			String id = Thread.currentThread().getName();
			this.instances.save(new Registration(id, "2.0.0", "4", "5", List.of(), MINUTE));
			assertThat(this.instances.heartbeat(id, MINUTE)).isTrue();
			return id;
		});
		assertThat(this.instances.findAll()).extracting(ApplicationInstance::id)
			.containsExactlyInAnyOrderElementsOf(ids);
	}

}
