package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import io.github.pendingmigrations.Force;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.AppliedRecord;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Planned;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.MigrationRunRepository.NewRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigration.Origin;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.PendingScripts;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.PreflightInspector;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.Rollout;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;

/**
 * {@link PendingMigrations} over a ledger, the runs and the scripts of one Flyway bean.
 * It accepts or refuses requests; the {@link RunWorker} does the work.
 */
class DefaultPendingMigrations implements PendingMigrations {

	static final String TABLES_MISSING = "The tables of Pending Migrations are not in its schema. If Flyway has not "
			+ "migrated this database yet, migrate it first. If they were there before, somebody has dropped them: "
			+ "bring them back from a backup. A restart creates empty ones, in which migrations that were applied "
			+ "wait again; what they remove is gone, so they fail, and have to be marked as applied.";

	private static final Log logger = LogFactory.getLog(DefaultPendingMigrations.class);

	private final String flywayBean;

	private final PendingScripts scripts;

	private final MigrationLedger ledger;

	private final MigrationRunRepository runs;

	private final RunWorker worker;

	private final Takeover takeover;

	private final PreflightInspector inspector;

	private final DataSource dataSource;

	private final SessionControl session;

	private final RunSettings settings;

	private final Rollout rollout;

	private final RunListener listener;

	DefaultPendingMigrations(RunResources resources, RunWorker worker, Takeover takeover,
			PreflightInspector inspector) {
		this.flywayBean = resources.flywayBean();
		this.scripts = resources.scripts();
		this.ledger = resources.ledger();
		this.runs = resources.runs();
		this.worker = worker;
		this.takeover = takeover;
		this.inspector = inspector;
		this.dataSource = resources.database().dataSource();
		this.session = resources.session();
		this.settings = resources.settings();
		this.rollout = resources.rollout();
		this.listener = resources.listener();
	}

	@Override
	public String flywayBean() {
		return this.flywayBean;
	}

	@Override
	public Overview overview() {
		Known known = refresh();
		MigrationPlanner planner = known.planner();
		MigrationRun last = known.hasTables() ? this.runs.find(new RunQuery(null, null, 0, 2))
			.stream()
			.filter((run) -> !run.status().isActive())
			.findFirst()
			.orElse(null) : null;
		return new Overview(planner.planHash(), planner.migrations(), known.activeRun().orElse(null), last,
				planner.members());
	}

	@Override
	public Optional<PendingMigration> find(String version) {
		return parse(version).flatMap((wanted) -> refresh().planner()
			.migrations()
			.stream()
			.filter((migration) -> MigrationVersion.fromVersion(migration.version()).equals(wanted))
			.findFirst());
	}

	@Override
	public List<Statement> statements(String version) {
		return parse(version).flatMap(this.scripts::find)
			.map(PendingScript::load)
			.map((body) -> (body instanceof SqlBody sql) ? sql.statements() : List.<Statement>of())
			.orElse(List.of());
	}

	@Override
	public Optional<Preflight> preflight(String version) {
		return find(version).filter((migration) -> migration.state().isOutstanding())
			.flatMap((migration) -> parse(migration.version()).flatMap(this.scripts::find)
				.map((script) -> this.inspector.inspect(script, statementsDone(migration))));
	}

	private static int statementsDone(PendingMigration migration) {
		Checkpoint checkpoint = migration.checkpoint();
		return (checkpoint != null) ? checkpoint.statementsDone() : 0;
	}

	@Override
	public MigrationRun apply(String version, int checksum, Requester requester, Force force) {
		this.scripts.reload();
		PendingScript script = required(version);
		Known known = refresh();
		if (known.planner().isApplied(script.version())) {
			throw new RequestRefusedException(Code.ALREADY_APPLIED,
					script.displayName() + " has already been applied. There is nothing to do.");
		}
		requireChecksum(script, checksum);
		return request(null, requester, force, known, List.of(script), script.version());
	}

	@Override
	public MigrationRun applyUpTo(String plan, String version, Requester requester, Force force) {
		this.scripts.reload();
		PendingScript last = required(version);
		Known known = refresh();
		List<PendingScript> wanted = this.scripts.all()
			.stream()
			.filter((script) -> script.version().compareTo(last.version()) <= 0
					&& !known.planner().isApplied(script.version()))
			.toList();
		if (wanted.isEmpty()) {
			throw new RequestRefusedException(Code.ALREADY_APPLIED,
					"Everything up to " + last.displayName() + " has already been applied. There is nothing to do.");
		}
		if (!known.planner().planHash().equals(plan)) {
			throw new RequestRefusedException(Code.PLAN_MISMATCH,
					"The list of outstanding migrations is not the one that was reviewed. List it again, review it, "
							+ "and send its 'plan'.");
		}
		return request(null, requester, force, known, wanted, last.version());
	}

	@Override
	public MigrationRun cancel(UUID runId, Requester requester, boolean force) {
		MigrationRun cancelled = this.runs.requestCancel(runId, requester, force).orElseGet(() -> {
			MigrationRun run = requiredRun(runId);
			if (run.status() == MigrationRunStatus.CANCELLING) {
				return run;
			}
			throw illegalState(run, "There is nothing left to cancel.");
		});
		this.worker.cancel(runId, force);
		return cancelled;
	}

	@Override
	public MigrationRun hold(UUID runId, Requester requester) {
		MigrationRun held = this.runs.requestHold(runId, requester).orElseGet(() -> {
			MigrationRun run = requiredRun(runId);
			if (run.status() == MigrationRunStatus.RUNNING && run.hold() != null) {
				return run;
			}
			throw illegalState(run,
					(run.status() == MigrationRunStatus.HELD)
							? "It is held already. Use the action 'resume' to let it go on."
							: "There is nothing left to hold.");
		});
		this.worker.hold(runId);
		return held;
	}

	@Override
	public MigrationRun resume(UUID runId, Requester requester) {
		MigrationRun resumed = this.runs.resume(runId, requester).orElseThrow(() -> {
			MigrationRun run = requiredRun(runId);
			MigrationRun.Hold hold = run.hold();
			return illegalState(run, (hold != null && hold.until() != null)
					? "It goes on by itself at " + hold.until() + ": " + hold.reason() : "Nobody holds it.");
		});
		this.worker.wakeUp();
		return resumed;
	}

	@Override
	public MigrationRun retry(UUID runId, Requester requester, Force force) {
		this.scripts.reload();
		Known known = refresh();
		MigrationRun run = requiredEnded(runId);
		List<PendingScript> open = new ArrayList<>();
		for (Planned planned : run.request().plan()) {
			if (!known.planner().isApplied(MigrationVersion.fromVersion(planned.version()))) {
				PendingScript script = required(planned.version());
				requireChecksum(script, planned.checksum());
				open.add(script);
			}
		}
		if (open.isEmpty()) {
			throw nothingOpen(run);
		}
		String stoppedAt = Decision.stoppedAt(run);
		return request(runId, requester, force, known, open,
				(stoppedAt != null) ? MigrationVersion.fromVersion(stoppedAt) : MigrationVersion.EMPTY);
	}

	@Override
	public MigrationRun skip(UUID runId, Requester requester) {
		return close(runId, requester, Origin.LEFT_OUT, " was left out by ");
	}

	@Override
	public MigrationRun markApplied(UUID runId, Requester requester) {
		return close(runId, requester, Origin.MANUAL, " was marked as applied by ");
	}

	private MigrationRun close(UUID runId, Requester requester, Origin origin, String done) {
		this.scripts.reload();
		Known known = refresh();
		MigrationRun run = requiredEnded(runId);
		requireNoActiveRun(known);
		PendingScript script = required(requiredStoppedAt(run));
		if (known.planner().isApplied(script.version())) {
			throw illegalState(run,
					script.displayName() + ", at which it stopped, needs not run any more. " + "Nothing was changed.");
		}
		recordSkipped(run, script, requester, origin);
		this.runs.append(runId, MigrationRunEvent.Type.NOTE,
				script.displayName() + done + requester.name() + ": " + requester.reason());
		return requiredRun(runId);
	}

	private static RequestRefusedException nothingOpen(MigrationRun run) {
		return illegalState(run, "Everything that it was to apply has been applied.");
	}

	private static String requiredStoppedAt(MigrationRun run) {
		String version = Decision.stoppedAt(run);
		if (version == null) {
			throw illegalState(run,
					"It had begun with none of its migrations: request the one that you mean by itself.");
		}
		return version;
	}

	private void recordSkipped(MigrationRun run, PendingScript script, Requester requester, Origin origin) {
		try (BorrowedConnection borrowed = BorrowedConnection.of(this.dataSource)) {
			withFence(borrowed, (connection) -> {
				boolean recorded = this.ledger.recordApplied(connection, new AppliedRecord(script, requester.name(),
						origin, run.id(), Duration.ZERO, 0, requester.reason(), this.settings.applicationVersion()));
				if (!recorded) {
					throw illegalState(run, script.displayName() + " was applied meanwhile. Nothing was changed.");
				}
			});
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The ledger cannot be written: " + ex.getMessage(), ex);
		}
	}

	/**
	 * Nobody can decide about a statement that is still being executed.
	 */
	private void requireNobodyExecutes() {
		try (BorrowedConnection borrowed = BorrowedConnection.of(this.dataSource)) {
			withFence(borrowed, (connection) -> {
			});
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The database cannot be asked: " + ex.getMessage(), ex);
		}
	}

	/**
	 * In a transaction, since a pooler may give what follows it another session, and the
	 * fence of the first one would stay.
	 */
	private void withFence(BorrowedConnection borrowed, FencedWork work) throws SQLException {
		Connection connection = borrowed.connection();
		this.session.begin(connection);
		try {
			requireFence(connection);
			try {
				work.execute(connection);
				connection.commit();
			}
			finally {
				borrowed.restore(() -> this.session.releaseFence(connection));
			}
		}
		finally {
			borrowed.settle();
		}
	}

	private void requireFence(Connection connection) throws SQLException {
		if (!this.session.tryFence(connection)) {
			throw new RequestRefusedException(Code.ILLEGAL_STATE, this.session.fenceHolder(connection)
				.map((holder) -> "Session " + holder + " of the database still executes")
				.orElse("A session of the database still executes")
					+ " a migration, although its application is gone. Wait until it has ended, or end it, and look "
					+ "what it did.");
		}
	}

	@Override
	public List<MigrationRun> runs(RunQuery query) {
		return withTables(() -> this.runs.find(query), List.of());
	}

	@Override
	public Optional<MigrationRun> run(UUID runId) {
		return withTables(() -> this.runs.find(runId), Optional.empty());
	}

	@Override
	public List<MigrationRunEvent> events(UUID runId) {
		return withTables(() -> this.runs.events(runId), List.of());
	}

	private <T> T withTables(Supplier<T> read, T otherwise) {
		return this.ledger.load().isPresent() ? read.get() : otherwise;
	}

	/**
	 * Bring the ledger up to date with the scripts and the runs with their leases, and
	 * read what is known then.
	 */
	private Known refresh() {
		List<PendingScript> inCode = this.scripts.all();
		Optional<Snapshot> read = this.ledger.load();
		if (read.isEmpty()) {
			return new Known(new MigrationPlanner(inCode, new Snapshot(Instant.now(), null, false, "", List.of()),
					this.scripts.outstandingVersioned(), Optional.empty(), Rollout.View.NOBODY,
					this.settings.requiresApproval()), Optional.empty(), false);
		}
		Snapshot snapshot = read.get();
		if (!this.settings.readOnly()) {
			snapshot = bringUpToDate(inCode, snapshot);
		}
		Optional<MigrationRun> active = this.runs.findActive();
		return new Known(new MigrationPlanner(inCode, snapshot, this.scripts.outstandingVersioned(), active,
				this.rollout.look(), this.settings.requiresApproval()), active, true);
	}

	private Snapshot bringUpToDate(List<PendingScript> inCode, Snapshot read) {
		Snapshot snapshot = read;
		Set<String> registered = snapshot.entries().stream().map(Entry::version).collect(Collectors.toSet());
		List<PendingScript> unseen = inCode.stream()
			.filter((script) -> !registered.contains(script.versionText()))
			.toList();
		if (!unseen.isEmpty()) {
			List<String> seen = this.ledger.register(unseen, this.settings.applicationVersion());
			unseen.stream()
				.filter((script) -> seen.contains(script.versionText()))
				.forEach((script) -> this.listener.onDetected(this.flywayBean, script));
			snapshot = this.ledger.load().orElse(snapshot);
		}
		this.takeover.takeExpired();
		return snapshot;
	}

	private MigrationRun request(@Nullable UUID parentId, Requester requester, Force force, Known known,
			List<PendingScript> wanted, MigrationVersion decided) {
		if (!known.hasTables()) {
			throw new RequestRefusedException(Code.NOT_READY,
					"Flyway bean '" + this.flywayBean + "': " + TABLES_MISSING);
		}
		requireNoActiveRun(known);
		List<PendingReason> overridden = requireReady(known.planner(), wanted, force, decided);
		if (known.planner().hasStatementInDoubt(wanted)) {
			requireNobodyExecutes();
		}
		List<Planned> plan = wanted.stream()
			.map((script) -> new Planned(script.versionText(), script.checksum()))
			.toList();
		MigrationRun run = this.runs.create(new NewRun(parentId, requester, plan, force))
			.orElseThrow(() -> runActive(this.runs.findActive()));
		if (force != Force.NONE) {
			noteForce(run, describe(force, requester, overridden));
		}
		this.listener.onRequested(this.flywayBean, run);
		this.worker.wakeUp();
		return run;
	}

	/**
	 * The run has been accepted, and has the force in its request.
	 */
	private void noteForce(MigrationRun run, String detail) {
		try {
			this.runs.append(run.id(), MigrationRunEvent.Type.GATE, detail);
		}
		catch (DataAccessException ex) {
			logger.warn("An event of run " + run.id() + " could not be saved: " + detail, ex);
		}
	}

	private static void requireNoActiveRun(Known known) {
		if (known.activeRun().isPresent()) {
			throw runActive(known.activeRun());
		}
	}

	private static RequestRefusedException runActive(Optional<MigrationRun> active) {
		String message = active
			.map((run) -> "Run " + run.id() + " of " + run.request().by() + " is " + run.status() + ". "
					+ ((run.status() == MigrationRunStatus.HELD) ? "Cancel it first, or let it end."
							: "Follow it, and ask again when it has ended."))
			.orElse("Another run was active a moment ago. Ask again.");
		return new RequestRefusedException(Code.RUN_ACTIVE, message, List.of(), active.orElse(null));
	}

	private static void requireChecksum(PendingScript script, int checksum) {
		if (script.checksum() != checksum) {
			throw new RequestRefusedException(Code.CHECKSUM_MISMATCH, script.displayName() + " has the checksum "
					+ script.checksum() + " here, not " + checksum
					+ ". It was changed, or this instance has another release. List it again, review it and request it "
					+ "anew: a retry repeats only what was reviewed.");
		}
	}

	private static String describe(Force force, Requester requester, List<PendingReason> overridden) {
		return "\"force\": \"" + force.name().toLowerCase(Locale.ROOT) + "\" was requested by " + requester.name()
				+ ". " + (overridden.isEmpty() ? "Nothing stood in the way that it overrides" : "It overrides: "
						+ String.join(" ", overridden.stream().map(PendingReason::message).toList()));
	}

	private static List<PendingReason> requireReady(MigrationPlanner planner, List<PendingScript> wanted, Force force,
			MigrationVersion decided) {
		List<PendingReason> reasons = new ArrayList<>();
		List<PendingReason> overridden = new ArrayList<>();
		Set<MigrationVersion> together = new LinkedHashSet<>();
		for (PendingScript script : wanted) {
			for (PendingReason reason : planner.reasons(script, together)) {
				if (reason.isAwaited()
						|| (reason.code() == PendingReason.Code.IN_DOUBT && script.version().equals(decided))) {
					continue;
				}
				(reason.isOverriddenBy(force) ? overridden : reasons)
					.add((wanted.size() == 1) ? reason : new PendingReason(reason.code(),
							"P" + script.versionText() + ": " + reason.message(), reason.by(), reason.until()));
			}
			together.add(script.version());
		}
		if (!reasons.isEmpty()) {
			boolean rollout = reasons.stream()
				.allMatch((reason) -> reason.code() == PendingReason.Code.ROLLOUT_INCOMPLETE);
			throw new RequestRefusedException(rollout ? Code.ROLLOUT_INCOMPLETE : Code.NOT_READY,
					"It cannot be applied now: "
							+ String.join(" ", reasons.stream().map(PendingReason::message).toList()),
					reasons, null);
		}
		return overridden;
	}

	private PendingScript required(String version) {
		return parse(version).flatMap(this.scripts::find)
			.orElseThrow(() -> new RequestRefusedException(Code.UNKNOWN_VERSION,
					"There is no pending migration with version '" + version
							+ "' in this instance. Versions are written without the prefix, as in 3."));
	}

	private MigrationRun requiredRun(UUID runId) {
		return run(runId).orElseThrow(
				() -> new RequestRefusedException(Code.UNKNOWN_RUN, "There is no run with the id " + runId + "."));
	}

	private MigrationRun requiredEnded(UUID runId) {
		MigrationRun run = requiredRun(runId);
		if (run.status().isActive()) {
			throw illegalState(run, "Cancel it first, or wait until it has ended.");
		}
		if (run.status() == MigrationRunStatus.SUCCEEDED) {
			throw illegalState(run, "There is nothing left to do.");
		}
		return run;
	}

	private static RequestRefusedException illegalState(MigrationRun run, String advice) {
		return new RequestRefusedException(Code.ILLEGAL_STATE,
				"Run " + run.id() + " is " + run.status() + ". " + advice);
	}

	private static Optional<MigrationVersion> parse(String version) {
		try {
			return version.matches("[0-9][0-9._]*") ? Optional.of(MigrationVersion.fromVersion(version))
					: Optional.empty();
		}
		catch (FlywayException ex) {
			return Optional.empty();
		}
	}

	/**
	 * What is done while nobody executes.
	 */
	@FunctionalInterface
	private interface FencedWork {

		/**
		 * Do it.
		 * @param connection the connection, in a transaction
		 * @throws SQLException if that fails
		 */
		void execute(Connection connection) throws SQLException;

	}

	/**
	 * What is known at one moment.
	 *
	 * @param planner derives the states
	 * @param activeRun the run that occupies the database
	 * @param hasTables whether the tables of this library exist
	 */
	private record Known(MigrationPlanner planner, Optional<MigrationRun> activeRun, boolean hasTables) {
	}

}
