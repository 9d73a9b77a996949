package io.github.pendingmigrations.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

import io.github.pendingmigrations.ApplicationInstance;
import io.github.pendingmigrations.Force;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Blocker;
import io.github.pendingmigrations.MigrationRun.Contention;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Planned;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.MigrationRun.Request;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunPhase;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigration.Application;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigration.Origin;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Dependant;
import io.github.pendingmigrations.Preflight.Dependant.Consequence;
import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.InvalidIndex;
import io.github.pendingmigrations.Preflight.Lock;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.PreparedTransaction;
import io.github.pendingmigrations.Preflight.Replica;
import io.github.pendingmigrations.Preflight.Replica.Source;
import io.github.pendingmigrations.Preflight.StatementLock;
import io.github.pendingmigrations.Preflight.Table;
import io.github.pendingmigrations.Preflight.Vacuum;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.Rollout;
import io.github.pendingmigrations.StatementLocks.TableLock;
import io.github.pendingmigrations.StatementLocks.Work;
import io.github.pendingmigrations.TableName;
import org.jspecify.annotations.Nullable;

/**
 * In-memory {@link PendingMigrations} that keeps the rules which requests can meet,
 * without executing anything.
 */
class FakePendingMigrations implements PendingMigrations {

	static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

	static final int CHECKSUM = 690027783;

	static final String PLAN = "9f2c";

	static final Preflight PREFLIGHT = preflight();

	private final String flywayBean;

	private final Map<String, PendingMigration> migrations = new LinkedHashMap<>();

	private final Map<UUID, MigrationRun> runs = new LinkedHashMap<>();

	private final Map<UUID, List<MigrationRunEvent>> events = new LinkedHashMap<>();

	private final List<Rollout.Member> members = new ArrayList<>();

	private @Nullable RuntimeException failure;

	private int overviews;

	private int calls;

	FakePendingMigrations(String flywayBean) {
		this.flywayBean = flywayBean;
	}

	/**
	 * Back to P1 applied, P3 ready and P5 that waits for P3.
	 */
	FakePendingMigrations reset() {
		clear();
		add(migration("1", PendingMigrationState.APPLIED, List.of(),
				new Application(NOW, "ops", Origin.RUN, UUID.randomUUID(), Duration.ofMillis(120), 2, "cleanup", "1.9"),
				null));
		add(migration("3", PendingMigrationState.READY, List.of(), null, null));
		add(migration("5", PendingMigrationState.PENDING,
				List.of(PendingReason.blocked("P3 comes first", List.of("3")),
						new PendingReason(PendingReason.Code.DELAYED, "It waits for 7 days", List.of(),
								Instant.parse("2026-11-29T10:00:00Z"))),
				null, null));
		return this;
	}

	FakePendingMigrations clear() {
		this.migrations.clear();
		this.runs.clear();
		this.events.clear();
		this.members.clear();
		this.failure = null;
		this.overviews = 0;
		this.calls = 0;
		return this;
	}

	void add(PendingMigration migration) {
		this.migrations.put(migration.version(), migration);
	}

	MigrationRun add(MigrationRun run) {
		this.runs.put(run.id(), run);
		this.events.put(run.id(),
				List.of(new MigrationRunEvent(run.id(), 1, NOW, MigrationRunEvent.Type.TRANSITION, "QUEUED by ops")));
		return run;
	}

	void add(Rollout.Member member) {
		this.members.add(member);
	}

	void failWith(@Nullable RuntimeException failure) {
		this.failure = failure;
	}

	int overviews() {
		return this.overviews;
	}

	/**
	 * Return how often anything was called.
	 */
	int calls() {
		return this.calls;
	}

	static PendingMigration migration(String version, PendingMigrationState state) {
		return migration(version, state, List.of(), null, null);
	}

	static PendingMigration migration(String version, PendingMigrationState state, List<PendingReason> reasons,
			@Nullable Application application, @Nullable UUID lastRunId) {
		return new PendingMigration(version, "drop issue source",
				"db/migration/P" + version + "__drop_issue_source.sql", PendingMigrationType.SQL, CHECKSUM, state,
				reasons, "Nobody reads it", state == PendingMigrationState.PARTIALLY_APPLIED, NOW, "2.0.0", null,
				application,
				(state == PendingMigrationState.PARTIALLY_APPLIED) ? new Checkpoint(1, true, "hash") : null, lastRunId);
	}

	static Rollout.Member member(String applicationVersion, String... lacks) {
		return new Rollout.Member(
				new ApplicationInstance("host-1", applicationVersion, "2", null, List.of(), NOW, NOW, true, NOW),
				List.of(lacks));
	}

	static MigrationRun run(MigrationRunStatus status, String... versions) {
		boolean running = status == MigrationRunStatus.RUNNING;
		boolean failed = status == MigrationRunStatus.FAILED;
		return new MigrationRun(UUID.randomUUID(), null, status, (running) ? MigrationRunPhase.ACQUIRING_LOCK : null,
				new Request("ops", "actuator", NOW, "cleanup",
						List.of(versions).stream().map((version) -> new Planned(version, CHECKSUM)).toList()),
				(running) ? new Position(versions[0], 1, 2, 7, null, NOW.plusSeconds(1800), 0, 0, 0) : Position.START,
				null, null,
				(running) ? new Contention(Duration.ofMillis(900), Duration.ZERO, 0, Duration.ZERO,
						List.of(new Blocker(4711, "app", "billing", "idle in transaction", Duration.ofSeconds(42),
								"select secret")))
						: Contention.NONE,
				(failed) ? new Failure("SQL_ERROR", "java.sql.SQLException", "42P01", 7, "relation does not exist",
						versions[0], 2, 14, "Nothing of it took effect") : null,
				"2.0.0", "d6f61f5", NOW, (status.isActive()) ? null : NOW.plusSeconds(60));
	}

	private static Preflight preflight() {
		TableName issue = new TableName("public", "issue");
		TableLock lock = new TableLock(issue, "ACCESS EXCLUSIVE", Work.NONE);
		return new Preflight(List.of(new StatementLock(1, true, List.of(lock)), new StatementLock(2, false, List.of())),
				List.of(new Lock(issue, "ACCESS EXCLUSIVE", Work.NONE, List.of(1), false)),
				List.of(new Preflight.Blocker(4711, "app", "billing", "idle in transaction", Duration.ofSeconds(42),
						issue, "ACCESS SHARE", "select secret from issue")),
				List.of(new PreparedTransaction("two-phase-1", "app", Duration.ofMinutes(5), issue, "ROW EXCLUSIVE")),
				List.of(new Vacuum(815, issue, true, true, Duration.ofMinutes(3))),
				List.of(new InvalidIndex(new TableName("public", "issue_source"), issue, false)),
				List.of(new Dependant("view open_issue", "public.issue.source", Consequence.FAILS, 1)),
				List.of(new Table(issue, 1_048_576L, 20_000L, false)),
				List.of(new Replica("replicaDataSource", Source.CONFIGURED, "in recovery", Duration.ofMillis(200),
						Duration.ofSeconds(31))),
				List.of(new Notice(Notice.Code.DEPENDANT, Effect.FAILS, "The statement fails")));
	}

	@Override
	public String flywayBean() {
		return this.flywayBean;
	}

	@Override
	public Overview overview() {
		call();
		this.overviews++;
		return new Overview(PLAN, List.copyOf(this.migrations.values()), active(),
				this.runs.values().stream().filter((run) -> !run.status().isActive()).reduce((a, b) -> b).orElse(null),
				this.members);
	}

	@Override
	public Optional<PendingMigration> find(String version) {
		call();
		return Optional.ofNullable(this.migrations.get(version.replaceFirst("^0+", "")));
	}

	@Override
	public List<Statement> statements(String version) {
		call();
		return List.of(new Statement(1, 4, "alter table issue drop column source", true),
				new Statement(2, 6, "drop table source", true));
	}

	@Override
	public Optional<Preflight> preflight(String version) {
		return find(version).filter((migration) -> migration.state().isOutstanding()).map((migration) -> PREFLIGHT);
	}

	@Override
	public MigrationRun apply(String version, int checksum, Requester requester, Force force) {
		PendingMigration migration = find(version)
			.orElseThrow(() -> new RequestRefusedException(Code.UNKNOWN_VERSION, "There is no P" + version));
		if (migration.state() == PendingMigrationState.APPLIED) {
			throw new RequestRefusedException(Code.ALREADY_APPLIED, "P" + version + " has been applied");
		}
		if (migration.checksum() == null || migration.checksum() != checksum) {
			throw new RequestRefusedException(Code.CHECKSUM_MISMATCH, "P" + version + " is another one by now");
		}
		MigrationRun active = active();
		if (active != null) {
			throw new RequestRefusedException(Code.RUN_ACTIVE, "A run is active", List.of(), active);
		}
		List<PendingReason> reasons = migration.reasons()
			.stream()
			.filter((reason) -> !reason.isOverriddenBy(force))
			.toList();
		if (!reasons.isEmpty()) {
			throw new RequestRefusedException(
					reasons.stream().allMatch((reason) -> reason.code() == PendingReason.Code.ROLLOUT_INCOMPLETE)
							? Code.ROLLOUT_INCOMPLETE : Code.NOT_READY,
					"P" + version + " is not ready", reasons, null);
		}
		return queue(null, requester, List.of(version), force);
	}

	@Override
	public MigrationRun applyUpTo(String plan, String version, Requester requester, Force force) {
		if (!PLAN.equals(plan)) {
			throw new RequestRefusedException(Code.PLAN_MISMATCH, "The plan is another one by now");
		}
		PendingMigration last = find(version)
			.orElseThrow(() -> new RequestRefusedException(Code.UNKNOWN_VERSION, "There is no P" + version));
		List<String> versions = new ArrayList<>();
		for (PendingMigration migration : this.migrations.values()) {
			if (migration.state().isOutstanding()) {
				versions.add(migration.version());
			}
			if (migration == last) {
				break;
			}
		}
		return queue(null, requester, versions, force);
	}

	@Override
	public MigrationRun cancel(UUID runId, Requester requester, boolean force) {
		return change(runId, MigrationRunStatus.CANCELLING, (status) -> status.isActive());
	}

	@Override
	public MigrationRun hold(UUID runId, Requester requester) {
		return change(runId, MigrationRunStatus.HELD, (status) -> status.isActive());
	}

	@Override
	public MigrationRun resume(UUID runId, Requester requester) {
		return change(runId, MigrationRunStatus.QUEUED, (status) -> status == MigrationRunStatus.HELD);
	}

	@Override
	public MigrationRun skip(UUID runId, Requester requester) {
		return open(runId);
	}

	@Override
	public MigrationRun retry(UUID runId, Requester requester, Force force) {
		MigrationRun run = open(runId);
		return queue(run.id(), requester, run.versions(), force);
	}

	@Override
	public MigrationRun markApplied(UUID runId, Requester requester) {
		return open(runId);
	}

	@Override
	public List<MigrationRun> runs(RunQuery query) {
		call();
		List<MigrationRun> newestFirst = new ArrayList<>(this.runs.values());
		Collections.reverse(newestFirst);
		return newestFirst.stream()
			.filter((run) -> query.status() == null || run.status() == query.status())
			.filter((run) -> query.version() == null || run.versions().contains(query.version()))
			.skip(query.offset())
			.limit(query.limit())
			.toList();
	}

	@Override
	public Optional<MigrationRun> run(UUID runId) {
		call();
		return Optional.ofNullable(this.runs.get(runId));
	}

	@Override
	public List<MigrationRunEvent> events(UUID runId) {
		call();
		return this.events.getOrDefault(runId, List.of());
	}

	private void call() {
		this.calls++;
		if (this.failure != null) {
			throw this.failure;
		}
	}

	private @Nullable MigrationRun active() {
		return this.runs.values().stream().filter((run) -> run.status().isActive()).findFirst().orElse(null);
	}

	private MigrationRun open(UUID runId) {
		return change(runId, null, (status) -> status == MigrationRunStatus.FAILED);
	}

	private MigrationRun change(UUID runId, @Nullable MigrationRunStatus status,
			Predicate<MigrationRunStatus> allowed) {
		MigrationRun run = run(runId).orElseThrow();
		if (!allowed.test(run.status())) {
			throw new RequestRefusedException(Code.ILLEGAL_STATE, "The run is " + run.status());
		}
		MigrationRun changed = new MigrationRun(run.id(), run.parentId(), (status != null) ? status : run.status(),
				run.phase(), run.request(), run.position(), run.lease(), run.hold(), run.contention(), run.failure(),
				run.applicationVersion(), run.applicationCommit(), run.startedAt(), run.finishedAt());
		this.runs.put(runId, changed);
		return changed;
	}

	private MigrationRun queue(@Nullable UUID parentId, Requester requester, List<String> versions, Force force) {
		return add(new MigrationRun(UUID.randomUUID(), parentId, MigrationRunStatus.QUEUED, null,
				new Request(requester.name(), requester.via(), NOW, requester.reason(),
						versions.stream().map((version) -> new Planned(version, CHECKSUM)).toList(), force),
				Position.START, null, null, Contention.NONE, null, null, null, null, null));
	}

}
