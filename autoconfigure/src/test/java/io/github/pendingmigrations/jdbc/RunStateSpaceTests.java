package io.github.pendingmigrations.jdbc;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Lease;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunEvent.Type;
import io.github.pendingmigrations.MigrationRunRepository.Claim;
import io.github.pendingmigrations.MigrationRunRepository.Interruption;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.EveryDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Visits every state that a run can get into when two workers and the people who cancel,
 * hold and resume it act in any order, while leases expire. Since each act is atomic in
 * the database, every interleaving of theirs, of any length, is a path through these
 * states.
 */
@EveryDatabase
class RunStateSpaceTests {

	private static final List<String> WORKERS = List.of("worker-1", "worker-2");

	private static final Interruption SHUTDOWN = new Interruption("shutdown", true, false, LedgerFixture.DECISION);

	private final LedgerFixture fixture;

	private final JdbcMigrationRunRepository runs;

	private final JdbcTemplate jdbc;

	private final DatabaseServer server;

	RunStateSpaceTests(DatabaseServer server) throws Exception {
		this.server = server;
		this.fixture = new LedgerFixture(server);
		this.fixture.ledger().createTables();
		this.runs = this.fixture.runs();
		this.jdbc = new JdbcTemplate(this.fixture.database().dataSource());
	}

	@AfterEach
	void close() {
		this.fixture.close();
	}

	@Test
	void noInterleavingLeadsToAnIllegalStatus() {
		Assumptions.assumeTrue(this.server == DatabaseServer.H2, "The others take a sample of it");
		UUID run = this.fixture.queuedRun("3").id();
		Map<String, Act> acts = acts();
		Map<String, Map<String, Object>> visited = new LinkedHashMap<>();
		Deque<Map<String, Object>> open = new ArrayDeque<>();
		Set<String> changes = new TreeSet<>();
		visit(run, visited, open);
		while (!open.isEmpty()) {
			Map<String, Object> state = open.remove();
			acts.forEach((name, act) -> {
				restore(state);
				changes.addAll(assertLegal(run, name, act));
				visit(run, visited, open);
			});
		}
		System.out.printf("%d states of a run, %d acts in each; changes of status: %s%n", visited.size(), acts.size(),
				changes);
		assertThat(visited.values()).extracting((row) -> MigrationRunStatus.valueOf((String) row.get("STATUS")))
			.as("every status is reached")
			.containsAll(EnumSet.allOf(MigrationRunStatus.class));
		List<String> declared = new ArrayList<>();
		for (MigrationRunStatus from : MigrationRunStatus.values()) {
			from.successors().forEach((to) -> declared.add(from + " > " + to));
		}
		assertThat(changes).as("nothing is declared that cannot happen, and nothing else happens")
			.containsExactlyInAnyOrderElementsOf(declared);
	}

	@Test
	void noPathThroughTheStatesLeadsToAnIllegalStatus() {
		Random random = new Random(42);
		List<Map.Entry<String, Act>> acts = List.copyOf(acts().entrySet());
		for (int path = 0; path < 4; path++) {
			this.fixture.execute("delete from {run}");
			UUID run = this.fixture.queuedRun("3").id();
			for (int step = 0; step < 60; step++) {
				Map.Entry<String, Act> act = acts.get(random.nextInt(acts.size()));
				assertLegal(run, act.getKey(), act.getValue());
			}
		}
	}

	@Test
	void noneOfThoseWhoActAtTheSameTimeLeadsToAnIllegalStatus() throws Exception {
		UUID run = this.fixture.queuedRun("3").id();
		List<Act> acts = new ArrayList<>();
		acts().forEach((name, act) -> {
			boolean ends = name.startsWith("finish") || name.startsWith("cancel") || name.contains("in doubt")
					|| name.contains(LedgerFixture.IN_DOUBT.toString());
			if (!ends) {
				acts.add(act);
			}
		});
		AtomicInteger seeds = new AtomicInteger();
		LedgerFixture.inParallel(5, () -> {
			Random random = new Random(seeds.incrementAndGet());
			for (int i = 0; i < 60; i++) {
				acts.get(random.nextInt(acts.size())).on(run);
			}
			return true;
		});
		assertConsistent(run);
		assertThat(statuses(run, 0).size()).isGreaterThan(3);
		assertLegal(statuses(run, 0));
	}

	private Map<String, Act> acts() {
		Map<String, Act> acts = new LinkedHashMap<>();
		for (String worker : WORKERS) {
			acts.put("claim by " + worker, (run) -> this.runs.claim(run,
					new Claim(worker, LedgerFixture.LEASE, LedgerFixture.DEADLINE, null)));
			acts.put("heartbeat of " + worker, (run) -> this.runs.heartbeat(run, worker, LedgerFixture.LEASE));
			acts.put("progress of " + worker, (run) -> this.runs.saveProgress(run, worker, LedgerFixture.PROGRESS));
			acts.put("hold by " + worker, (run) -> this.runs.hold(run, worker));
			acts.put("hold for a time by " + worker,
					(run) -> this.runs.holdUntil(run, worker, "window", Duration.ofHours(1)));
			for (Interruption interruption : List.of(LedgerFixture.RESUMABLE, SHUTDOWN, LedgerFixture.IN_DOUBT)) {
				acts.put("interrupt " + interruption + " by " + worker,
						(run) -> this.runs.interrupt(run, worker, interruption));
			}
			for (MigrationRunStatus status : List.of(MigrationRunStatus.SUCCEEDED, MigrationRunStatus.FAILED,
					MigrationRunStatus.CANCELLED)) {
				acts.put("finish as " + status + " by " + worker,
						(run) -> this.runs.finish(run, worker, LedgerFixture.outcome(status)));
			}
		}
		acts.put("take, resumable", (run) -> take(LedgerFixture.RESUMABLE));
		acts.put("take, in doubt", (run) -> take(LedgerFixture.IN_DOUBT));
		acts.put("cancel", (run) -> this.runs.requestCancel(run, LedgerFixture.REQUESTER, false));
		acts.put("cancel by force", (run) -> this.runs.requestCancel(run, LedgerFixture.REQUESTER, true));
		acts.put("hold", (run) -> this.runs.requestHold(run, LedgerFixture.REQUESTER));
		acts.put("hold further", (run) -> this.runs.extendHold(run, "window", Duration.ofHours(1)));
		acts.put("resume", (run) -> this.runs.resume(run, LedgerFixture.REQUESTER));
		acts.put("the lease expires", (run) -> this.fixture
			.execute("update {run} set lease_until = heartbeat_at where lease_until is not null"));
		acts.put("the hold is over", (run) -> this.fixture
			.execute("update {run} set hold_until = requested_at where hold_until is not null"));
		return acts;
	}

	private void take(Interruption interruption) {
		this.runs.findExpired().ifPresent((expired) -> this.runs.interruptExpired(expired, interruption));
	}

	/**
	 * Let somebody act, and see whether that was legal.
	 * @return the changes of status
	 */
	private List<String> assertLegal(UUID run, String name, Act act) {
		MigrationRunStatus before = this.runs.find(run).orElseThrow().status();
		int known = this.runs.events(run).size();
		act.on(run);
		List<MigrationRunStatus> statuses = new ArrayList<>(List.of(before));
		statuses.addAll(statuses(run, known));
		assertThat(this.runs.find(run).orElseThrow().status()).as("%s in %s", name, before)
			.isEqualTo(statuses.get(statuses.size() - 1));
		assertConsistent(run);
		return assertLegal(statuses);
	}

	private List<String> assertLegal(List<MigrationRunStatus> statuses) {
		List<String> changes = new ArrayList<>();
		for (int i = 1; i < statuses.size(); i++) {
			assertThat(statuses.get(i - 1).successors()).as("%s", statuses).contains(statuses.get(i));
			changes.add(statuses.get(i - 1) + " > " + statuses.get(i));
		}
		return changes;
	}

	private List<MigrationRunStatus> statuses(UUID run, int from) {
		List<MigrationRunEvent> events = this.runs.events(run);
		return events.subList(from, events.size())
			.stream()
			.filter((event) -> event.type() == Type.TRANSITION)
			.map((event) -> MigrationRunStatus.valueOf(event.detail().split(":")[0]))
			.toList();
	}

	private void assertConsistent(UUID id) {
		MigrationRun run = this.runs.find(id).orElseThrow();
		MigrationRunStatus status = run.status();
		assertThat(this.runs.findActive().isPresent()).as("%s occupies the database", run).isEqualTo(status.isActive());
		Lease lease = run.lease();
		assertThat(lease != null && lease.until() != null).as("%s has a lease", run).isEqualTo(status.isLeased());
		assertThat(run.finishedAt() == null).as("%s has not ended", run).isEqualTo(status.isActive());
		assertThat(run.phase() == null || status.isLeased()).as("%s has a phase", run).isTrue();
	}

	private void visit(UUID run, Map<String, Map<String, Object>> visited, Deque<Map<String, Object>> open) {
		Map<String, Object> row = this.jdbc.queryForMap(this.fixture.tables().sql("select * from {run} where id = ?"),
				run.toString());
		Map<String, Object> key = new HashMap<>();
		for (String column : List.of("STATUS", "LEASE_OWNER", "CANCEL_FORCED", "RESUMPTIONS", "ACTIVE_KEY")) {
			key.put(column, row.get(column));
		}
		for (String column : List.of("HOLD_REASON", "HOLD_UNTIL", "LEASE_UNTIL", "PHASE")) {
			key.put(column, row.get(column) != null);
		}
		key.put("expired", String.valueOf(row.get("LEASE_UNTIL")).equals(String.valueOf(row.get("HEARTBEAT_AT"))));
		key.put("over", String.valueOf(row.get("HOLD_UNTIL")).equals(String.valueOf(row.get("REQUESTED_AT"))));
		if (visited.putIfAbsent(new TreeMap<>(key).toString(), row) == null) {
			open.add(row);
		}
	}

	private void restore(Map<String, Object> row) {
		this.fixture.execute("delete from {run}");
		this.fixture.execute("delete from {event}");
		String columns = String.join(", ", row.keySet());
		String values = String.join(", ", Collections.nCopies(row.size(), "?"));
		this.jdbc.update(this.fixture.tables().sql("insert into {run} (" + columns + ") values (") + values + ")",
				row.values().toArray());
	}

	/**
	 * What somebody does to a run.
	 */
	@FunctionalInterface
	private interface Act {

		void on(UUID run);

	}

}
