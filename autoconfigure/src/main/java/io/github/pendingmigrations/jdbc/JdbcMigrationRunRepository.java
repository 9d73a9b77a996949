package io.github.pendingmigrations.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Contention;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Lease;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunEvent.Type;
import io.github.pendingmigrations.MigrationRunPhase;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigrations.RunQuery;
import io.github.pendingmigrations.Requester;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.Assert;

/**
 * {@link MigrationRunRepository} in tables beside Flyway's history. Methods without a
 * connection take one from the data source and commit by themselves, whatever transaction
 * the caller is in. That there is at most one active run is a unique key of the database.
 *
 * @since 0.1.0
 */
public class JdbcMigrationRunRepository implements MigrationRunRepository {

	private static final Set<MigrationRunStatus> LEASED = EnumSet.allOf(MigrationRunStatus.class)
		.stream()
		.filter(MigrationRunStatus::isLeased)
		.collect(Collectors.toCollection(() -> EnumSet.noneOf(MigrationRunStatus.class)));

	private final LedgerDatabase database;

	private final LedgerTables tables;

	private final MigrationRunMapper runMapper;

	private final Statements statements;

	/**
	 * Create the repository. Does not access the database.
	 * @param dataSource the data source
	 * @param tables the tables
	 */
	public JdbcMigrationRunRepository(DataSource dataSource, LedgerTables tables) {
		this.database = new LedgerDatabase(dataSource, tables);
		this.tables = tables;
		this.runMapper = new MigrationRunMapper(tables);
		this.statements = new Statements(tables);
	}

	@Override
	public Optional<MigrationRun> create(NewRun run) {
		UUID id = UUID.randomUUID();
		Requester requester = run.requester();
		Parameters parameters = new Parameters().id(id)
			.uuid("parentId", run.parentId())
			.text("by", requester.name(), Parameters.NAME)
			.text("via", requester.via(), Parameters.NAME)
			.text("reason", requester.reason(), Parameters.MESSAGE)
			.text("plan", PlanFormat.write(run.plan()))
			.constant("force", run.force());
		try {
			return this.database.write((client) -> {
				// Inserts that wait for one another deadlock on MySQL, so few should get
				// there
				if (findActive(client).isPresent()) {
					return Optional.empty();
				}
				client.sql(this.statements.create).paramSource(parameters).update();
				recordTransition(client, id, MigrationRunStatus.QUEUED, describe(requester));
				return find(client, id);
			});
		}
		catch (DuplicateKeyException ex) {
			return Optional.empty();
		}
	}

	@Override
	public Optional<MigrationRun> find(UUID id) {
		return this.database.read((client) -> find(client, id));
	}

	@Override
	public List<MigrationRun> find(RunQuery query) {
		Parameters parameters = new Parameters().constant("status", query.status())
			.text("pattern", (query.version() != null) ? PlanFormat.patternFor(query.version()) : null)
			.number("offset", query.offset())
			.number("limit", query.limit());
		return this.database.read((client) -> client.sql(this.statements.find(query))
			.paramSource(parameters)
			.query(this.runMapper)
			.list());
	}

	@Override
	public Optional<MigrationRun> findActive() {
		return this.database.read(this::findActive);
	}

	private Optional<MigrationRun> findActive(JdbcClient client) {
		return client.sql(this.statements.findActive).query(this.runMapper).optional();
	}

	@Override
	public Optional<MigrationRun> claim(UUID id, Claim claim) {
		Parameters parameters = leased(id, claim.owner()).millis("lease", claim.lease())
			.millis("deadline", claim.deadline())
			.text("applicationVersion", claim.applicationVersion(), Parameters.NAME)
			.text("applicationCommit", claim.applicationCommit(), Parameters.NAME)
			.constant("phase", MigrationRunPhase.PREFLIGHT);
		return this.database.write((client) -> {
			if (!isFree(client, id) || client.sql(this.statements.claim).paramSource(parameters).update() == 0) {
				return Optional.empty();
			}
			recordTransition(client, id, MigrationRunStatus.RUNNING, "claimed by " + claim.owner());
			return find(client, id);
		});
	}

	/**
	 * Return whether nobody changes a run at this moment, and keep it so until the
	 * transaction ends. Who does can be a process that was stopped amid its transaction,
	 * for which nobody should wait.
	 */
	private boolean isFree(JdbcClient client, UUID id) {
		return client.sql(this.statements.lockIfFree)
			.paramSource(new Parameters().id(id))
			.query(String.class)
			.optional()
			.isPresent();
	}

	@Override
	public Optional<Orders> heartbeat(UUID id, String owner, Duration lease) {
		Parameters parameters = leased(id, owner).millis("lease", lease);
		return this.database.write((client) -> {
			if (client.sql(this.statements.heartbeat).paramSource(parameters).update() == 0) {
				return Optional.empty();
			}
			return client.sql(this.statements.findOrders)
				.paramSource(new Parameters().id(id))
				.query((row, number) -> new Orders(MigrationRunStatus.valueOf(row.getString("status")),
						row.getString("hold_reason") != null, row.getBoolean("cancel_forced")))
				.optional();
		});
	}

	@Override
	public boolean saveProgress(UUID id, String owner, Progress progress) {
		Parameters parameters = contention(leased(id, owner), progress.contention()).constant("phase", progress.phase())
			.text("version", progress.version())
			.number("statement", progress.statement())
			.number("statements", progress.statements())
			.number("attempt", progress.attempt())
			.millis("nextAttempt", progress.nextAttemptIn())
			.number("done", progress.done())
			.number("total", progress.total())
			.number("batches", progress.batches())
			.millis("deadline", progress.deadlineIn());
		return this.database
			.write((client) -> client.sql(this.statements.saveProgress).paramSource(parameters).update() == 1);
	}

	@Override
	public boolean saveSession(UUID id, String owner, String session) {
		Parameters parameters = leased(id, owner).text("session", session, Parameters.SESSION);
		return this.database
			.write((client) -> client.sql(this.statements.saveSession).paramSource(parameters).update() == 1);
	}

	@Override
	public boolean finish(UUID id, String owner, Outcome outcome) {
		return this.database.write((client) -> finish(client, id, owner, outcome));
	}

	@Override
	public boolean finish(Connection connection, UUID id, String owner, Outcome outcome) throws SQLException {
		return LedgerDatabase.on(connection, (client) -> finish(client, id, owner, outcome));
	}

	private boolean finish(JdbcClient client, UUID id, String owner, Outcome outcome) {
		MigrationRunStatus status = outcome.status();
		Assert.isTrue(!status.isActive(), () -> "A run does not end as " + status);
		Set<MigrationRunStatus> from = EnumSet.copyOf(status.predecessors());
		from.retainAll(LEASED);
		Parameters parameters = failure(contention(leased(id, owner), outcome.contention()), outcome.failure())
			.constants("from", from)
			.constant("status", status);
		if (client.sql(this.statements.finish).paramSource(parameters).update() == 0) {
			return false;
		}
		if (outcome.position() != null) {
			savePosition(client, id, outcome.position());
		}
		recordTransition(client, id, status, outcome.detail());
		return true;
	}

	private void savePosition(JdbcClient client, UUID id, Position position) {
		Parameters parameters = new Parameters().id(id)
			.text("version", position.version())
			.number("statement", position.statement())
			.number("statements", position.statements())
			.number("attempt", position.attempt())
			.number("done", position.done())
			.number("total", position.total())
			.number("batches", position.batches());
		client.sql(this.statements.savePosition).paramSource(parameters).update();
	}

	@Override
	public boolean holdsLease(Connection connection, UUID id, String owner) throws SQLException {
		Parameters parameters = leased(id, owner);
		if (this.tables.dialect().locksByUpdating()) {
			return LedgerDatabase.on(connection,
					(client) -> client.sql(this.statements.touchLease).paramSource(parameters).update() == 1);
		}
		return LedgerDatabase.on(connection,
				(client) -> client.sql(this.statements.lockLease)
					.paramSource(parameters)
					.query(String.class)
					.optional()
					.isPresent());
	}

	@Override
	public boolean seesLease(Connection connection, UUID id, String owner) throws SQLException {
		return LedgerDatabase.on(connection,
				(client) -> client.sql(this.statements.seeLease)
					.paramSource(leased(id, owner))
					.query(String.class)
					.optional()
					.isPresent());
	}

	@Override
	public Optional<MigrationRun> requestCancel(UUID id, Requester requester, boolean force) {
		return this.database.write((client) -> {
			Parameters parameters = new Parameters().id(id).flag("force", force);
			String described = (force ? "by force, " : "") + describe(requester);
			if (client.sql(this.statements.cancelWaiting).paramSource(parameters).update() == 1) {
				recordTransition(client, id, MigrationRunStatus.CANCELLED, described);
			}
			else if (client.sql(this.statements.requestCancel).paramSource(parameters).update() == 1) {
				recordTransition(client, id, MigrationRunStatus.CANCELLING, described);
			}
			else if (force && client.sql(this.statements.forceCancel).paramSource(parameters).update() == 1) {
				append(client, id, Type.NOTE, "Cancellation " + described);
			}
			else {
				return Optional.empty();
			}
			return find(client, id);
		});
	}

	@Override
	public Optional<MigrationRun> requestHold(UUID id, Requester requester) {
		Parameters parameters = new Parameters().id(id).text("holdReason", describe(requester), Parameters.MESSAGE);
		return this.database.write((client) -> {
			if (client.sql(this.statements.holdQueued).paramSource(parameters).update() == 1) {
				recordTransition(client, id, MigrationRunStatus.HELD, describe(requester));
			}
			else if (client.sql(this.statements.holdForLonger).paramSource(parameters).update() == 1) {
				append(client, id, Type.NOTE, "Hold until somebody resumes it, " + describe(requester));
			}
			else if (client.sql(this.statements.requestHold).paramSource(parameters).update() == 1) {
				append(client, id, Type.NOTE, "Hold " + describe(requester));
			}
			else {
				return Optional.empty();
			}
			return find(client, id);
		});
	}

	@Override
	public Optional<MigrationRun> resume(UUID id, Requester requester) {
		return this.database.write((client) -> {
			Parameters parameters = new Parameters().id(id);
			if (client.sql(this.statements.resumeHeld).paramSource(parameters).update() == 1) {
				recordTransition(client, id, MigrationRunStatus.QUEUED, describe(requester));
			}
			else if (client.sql(this.statements.withdrawHold).paramSource(parameters).update() == 1) {
				append(client, id, Type.NOTE, "Hold withdrawn, " + describe(requester));
			}
			else {
				return Optional.empty();
			}
			return find(client, id);
		});
	}

	@Override
	public boolean hold(UUID id, String owner) {
		return this.database.write((client) -> {
			if (client.sql(this.statements.hold).paramSource(leased(id, owner)).update() == 0) {
				return false;
			}
			recordTransition(client, id, MigrationRunStatus.HELD, "as requested");
			return true;
		});
	}

	@Override
	public boolean holdUntil(UUID id, String owner, String reason, Duration wait) {
		Parameters parameters = leased(id, owner).text("holdReason", reason, Parameters.MESSAGE).millis("wait", wait);
		return this.database.write((client) -> {
			if (client.sql(this.statements.holdUntil).paramSource(parameters).update() == 0) {
				return false;
			}
			recordTransition(client, id, MigrationRunStatus.HELD, reason);
			return true;
		});
	}

	@Override
	public boolean extendHold(UUID id, String reason, Duration wait) {
		Parameters parameters = new Parameters().id(id)
			.text("holdReason", reason, Parameters.MESSAGE)
			.millis("wait", wait);
		return this.database
			.write((client) -> client.sql(this.statements.extendHold).paramSource(parameters).update() == 1);
	}

	@Override
	public Optional<MigrationRun> findExpired() {
		Parameters leased = new Parameters().constants("from", LEASED);
		return this.database.read((client) -> client.sql(this.statements.findExpired)
			.paramSource(leased)
			.query(this.runMapper)
			.optional());
	}

	@Override
	public Optional<MigrationRun> interruptExpired(MigrationRun run, Interruption interruption) {
		Lease lease = run.lease();
		Assert.state(lease != null, "An expired run has a lease");
		return this.database.write((client) -> isFree(client, run.id())
				? interrupt(client, this.statements.interruptionOfExpired, run.id(), lease.owner(), interruption)
				: Optional.empty());
	}

	@Override
	public Optional<MigrationRun> interrupt(UUID id, String owner, Interruption interruption) {
		return this.database
			.write((client) -> interrupt(client, this.statements.interruption, id, owner, interruption));
	}

	private Optional<MigrationRun> interrupt(JdbcClient client, Interrupting statements, UUID id, String owner,
			Interruption interruption) {
		Parameters parameters = failure(leased(id, owner), interruption.decision())
			.number("counted", interruption.counted() ? 1 : 0)
			.number("maxResumptions", MAX_RESUMPTIONS);
		String detail = interruption.detail();
		if (interruption.resumable() && client.sql(statements.resume).paramSource(parameters).update() == 1) {
			recordTransition(client, id, MigrationRunStatus.INTERRUPTED, detail);
			recordResumption(client, id, interruption.counted());
		}
		else if (interruption.resumable() && client.sql(statements.cancel).paramSource(parameters).update() == 1) {
			recordTransition(client, id, MigrationRunStatus.CANCELLED, detail);
		}
		else if (client.sql(statements.end).paramSource(parameters).update() == 1) {
			recordTransition(client, id, MigrationRunStatus.INTERRUPTED, detail);
		}
		else {
			return Optional.empty();
		}
		return find(client, id);
	}

	private void recordResumption(JdbcClient client, UUID id, boolean counted) {
		int resumptions = client.sql(this.statements.findResumptions)
			.paramSource(new Parameters().id(id))
			.query(Integer.class)
			.single();
		recordTransition(client, id, MigrationRunStatus.QUEUED, "goes on by itself, because nothing is in doubt"
				+ (counted ? " (" + resumptions + " of " + MAX_RESUMPTIONS + " times)" : ""));
		find(client, id).filter((run) -> run.status() == MigrationRunStatus.HELD)
			.ifPresent((run) -> recordTransition(client, id, MigrationRunStatus.HELD, "as requested"));
	}

	@Override
	public void append(UUID id, Type type, String detail) {
		this.database.write((client) -> append(client, id, type, detail));
	}

	@Override
	public List<MigrationRunEvent> events(UUID id) {
		return this.database.read((client) -> client.sql(this.statements.findEvents)
			.paramSource(new Parameters().id(id))
			.query(this::event)
			.list());
	}

	@Override
	public boolean takeTurnToRemove(Duration interval) {
		Parameters parameters = new Parameters().millis("interval", interval.negated());
		return this.database
			.write((client) -> client.sql(this.statements.takeTurnToRemove).paramSource(parameters).update() == 1);
	}

	@Override
	public int removeOld(Retention retention, int limit) {
		Parameters parameters = new Parameters().millis("maxAge", retention.maxAge().negated())
			.number("maxRuns", retention.maxRuns())
			.number("limit", limit);
		List<String> old = this.database
			.read((client) -> client.sql(this.statements.findOld).paramSource(parameters).query(String.class).list());
		if (old.isEmpty()) {
			return 0;
		}
		Parameters ids = new Parameters().texts("ids", old);
		return this.database.write((client) -> {
			client.sql(this.statements.removeEvents).paramSource(ids).update();
			return client.sql(this.statements.removeRuns).paramSource(ids).update();
		});
	}

	private MigrationRunEvent event(ResultSet row, int rowNumber) throws SQLException {
		return new MigrationRunEvent(UUID.fromString(row.getString("run_id")), rowNumber + 1,
				this.tables.requiredInstant(row, "occurred_at"), Type.valueOf(row.getString("type")),
				row.getString("detail"));
	}

	private Optional<MigrationRun> find(JdbcClient client, UUID id) {
		return client.sql(this.statements.findById)
			.paramSource(new Parameters().id(id))
			.query(this.runMapper)
			.optional();
	}

	private void recordTransition(JdbcClient client, UUID id, MigrationRunStatus status, String detail) {
		append(client, id, Type.TRANSITION, status + ": " + detail);
	}

	private int append(JdbcClient client, UUID id, Type type, String detail) {
		Parameters parameters = new Parameters().id(id)
			.constant("type", type)
			.text("detail", detail, Parameters.MESSAGE);
		return client.sql(this.statements.append).paramSource(parameters).update();
	}

	private static String describe(Requester requester) {
		return "requested by " + requester.name() + " via " + requester.via() + ": " + requester.reason();
	}

	private static Parameters leased(UUID id, String owner) {
		return new Parameters().id(id).text("owner", owner, Parameters.NAME).constants("from", LEASED);
	}

	private static Parameters contention(Parameters parameters, Contention contention) {
		return parameters.millis("waited", contention.waited())
			.millis("executed", contention.executed())
			.number("maxBlocked", contention.maxBlockedSessions())
			.millis("longestBlocked", contention.longestBlocked())
			.text("blockers", BlockersFormat.write(contention.blockers()));
	}

	private static Parameters failure(Parameters parameters, @Nullable Failure failure) {
		return parameters.text("failureKind", (failure != null) ? failure.kind() : null, Parameters.NAME)
			.text("failureClass", (failure != null) ? failure.errorClass() : null, Parameters.NAME)
			.text("failureSqlState", (failure != null) ? failure.sqlState() : null)
			.number("failureVendorCode", (failure != null) ? failure.vendorCode() : null)
			.text("failureMessage", (failure != null) ? failure.message() : null, Parameters.MESSAGE)
			.text("failureVersion", (failure != null) ? failure.version() : null)
			.number("failureStatement", (failure != null) ? failure.statement() : null)
			.number("failureLine", (failure != null) ? failure.line() : null)
			.text("failureAdvice", (failure != null) ? failure.advice() : null, Parameters.MESSAGE);
	}

	/**
	 * The statements in the dialect of the database.
	 */
	private static final class Statements {

		private static final String SET_FAILURE = """
				failure_kind = :failureKind, failure_class = :failureClass, failure_sql_state = :failureSqlState,
				failure_vendor_code = :failureVendorCode, failure_message = :failureMessage,
				failure_version = :failureVersion, failure_statement = :failureStatement, failure_line = :failureLine,
				failure_advice = :failureAdvice""";

		private final String create;

		private final String findById;

		private final String findActive;

		private final String findAll;

		private final String findByStatus;

		private final String findByVersion;

		private final String findByStatusAndVersion;

		private final String findExpired;

		private final String findOrders;

		private final String findEvents;

		private final String claim;

		private final String heartbeat;

		private final String lockLease;

		private final String touchLease;

		private final String seeLease;

		private final String extendHold;

		private final String lockIfFree;

		private final String saveProgress;

		private final String savePosition;

		private final String saveSession;

		private final String finish;

		private final String cancelWaiting;

		private final String requestCancel;

		private final String forceCancel;

		private final String holdQueued;

		private final String holdForLonger;

		private final String requestHold;

		private final String resumeHeld;

		private final String withdrawHold;

		private final String hold;

		private final String holdUntil;

		private final String findResumptions;

		private final Interrupting interruption;

		private final Interrupting interruptionOfExpired;

		private final String append;

		private final String takeTurnToRemove;

		private final String findOld;

		private final String removeEvents;

		private final String removeRuns;

		Statements(LedgerTables tables) {
			this.create = tables.sql("""
					insert into {run} (id, parent_run_id, status, active_key,
						requested_by, requested_via, requested_at, requested_reason, requested_force, planned,
						statement_number, statement_count, attempt, resumptions, work_done, work_total, work_batches,
						waited_ms, executed_ms, max_blocked_sessions, longest_blocked_ms)
					values (:id, :parentId, 'QUEUED', 'active', :by, :via, {now}, :reason, :force, :plan,
						0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
					""");
			this.findById = tables.sql("select * from {run} where id = :id");
			this.findActive = tables.sql("select * from {run} where active_key = 'active'");
			String newestFirst = " order by requested_at desc, id desc {page :limit :offset}";
			String byVersion = "planned like :pattern escape '" + PlanFormat.ESCAPE + "'";
			this.findAll = tables.sql("select * from {run}" + newestFirst);
			this.findByStatus = tables.sql("select * from {run} where status = :status" + newestFirst);
			this.findByVersion = tables.sql("select * from {run} where " + byVersion + newestFirst);
			this.findByStatusAndVersion = tables
				.sql("select * from {run} where status = :status and " + byVersion + newestFirst);
			this.findExpired = tables.sql("""
					select * from {run} where active_key = 'active' and status in (:from) and lease_until < {now}
					""");
			this.findOrders = tables.sql("select status, hold_reason, cancel_forced from {run} where id = :id");
			this.findEvents = tables.sql("""
					select run_id, occurred_at, type, detail from {event} where run_id = :id order by id
					""");
			this.claim = tables.sql("""
					update {run}
					set status = 'RUNNING', phase = :phase, started_at = coalesce(started_at, {now}),
						deadline_at = {now+deadline}, lease_owner = :owner, lease_until = {now+lease},
						heartbeat_at = {now}, database_session = null, application_version = :applicationVersion,
						application_commit = :applicationCommit,
						hold_reason = null, hold_until = null
					where id = :id and (status = 'QUEUED' or (status = 'HELD' and hold_until <= {now}))
					""");
			String whereLeased = " where id = :id and lease_owner = :owner and status in (:from)";
			this.heartbeat = tables
				.sql("update {run} set lease_until = {now+lease}, heartbeat_at = {now}" + whereLeased);
			this.seeLease = tables.sql("select status from {run}" + whereLeased);
			this.lockLease = this.seeLease + tables.sql(" {lock lease}");
			this.touchLease = tables.sql("update {run} set heartbeat_at = {now}" + whereLeased);
			// The heartbeat makes sure that each of these changes the row: MySQL can be
			// configured to count changed rows only
			this.saveProgress = tables
				.sql("""
						update {run}
						set phase = :phase, current_version = :version, statement_number = :statement,
							statement_count = :statements, attempt = :attempt, next_attempt_at = {now+nextAttempt},
							work_done = :done, work_total = :total, work_batches = :batches,
							deadline_at = coalesce({now+deadline}, deadline_at), waited_ms = :waited, executed_ms = :executed,
							max_blocked_sessions = :maxBlocked, longest_blocked_ms = :longestBlocked,
							blockers = :blockers, heartbeat_at = {now}
						"""
						+ whereLeased);
			this.saveSession = tables
				.sql("update {run} set database_session = :session, heartbeat_at = {now}" + whereLeased);
			this.savePosition = tables.sql("""
					update {run}
					set current_version = :version, statement_number = :statement, statement_count = :statements,
						attempt = :attempt, work_done = :done, work_total = :total, work_batches = :batches
					where id = :id
					""");
			String end = "active_key = {no active key}, phase = null, lease_until = null, next_attempt_at = null, hold_reason = null, "
					+ "hold_until = null, finished_at = {now}";
			this.finish = tables.sql("""
					update {run}
					set status = :status, waited_ms = :waited, executed_ms = :executed,
						max_blocked_sessions = :maxBlocked, longest_blocked_ms = :longestBlocked,
						blockers = :blockers, %s, %s
					""".formatted(SET_FAILURE, end) + whereLeased);
			this.cancelWaiting = tables.sql("update {run} set status = 'CANCELLED', " + end
					+ " where id = :id and status in ('QUEUED', 'HELD')");
			this.requestCancel = tables.sql("""
					update {run} set status = 'CANCELLING', cancel_forced = :force, hold_reason = null
					where id = :id and status = 'RUNNING'
					""");
			this.forceCancel = tables.sql("""
					update {run} set cancel_forced = :force
					where id = :id and status = 'CANCELLING' and cancel_forced = {false}
					""");
			String holdForAPerson = "update {run} set status = 'HELD', hold_reason = :holdReason, hold_until = null ";
			this.holdQueued = tables.sql(holdForAPerson + "where id = :id and status = 'QUEUED'");
			this.holdForLonger = tables
				.sql(holdForAPerson + "where id = :id and status = 'HELD' and hold_until is not null");
			this.requestHold = tables.sql("""
					update {run} set hold_reason = :holdReason
					where id = :id and status = 'RUNNING' and hold_reason is null
					""");
			this.resumeHeld = tables.sql("""
					update {run} set status = 'QUEUED', hold_reason = null
					where id = :id and status = 'HELD' and hold_until is null
					""");
			this.withdrawHold = tables
				.sql("""
						update {run} set hold_reason = null where id = :id and status = 'RUNNING' and hold_reason is not null
						""");
			String held = "update {run} set status = 'HELD', phase = null, lease_until = null, next_attempt_at = null";
			String whereRunning = " where id = :id and lease_owner = :owner and status = 'RUNNING'";
			this.hold = tables.sql(held + whereRunning + " and hold_reason is not null");
			this.holdUntil = tables.sql(held + ", hold_reason = :holdReason, hold_until = {now+wait}" + whereRunning
					+ " and hold_reason is null");
			this.extendHold = tables.sql("""
					update {run} set hold_reason = :holdReason, hold_until = {now+wait}
					where id = :id and status = 'HELD' and hold_until <= {now}
					""");
			this.lockIfFree = tables.sql("select status from {run} where id = :id {for update skip locked}");
			this.findResumptions = tables.sql("select resumptions from {run} where id = :id");
			this.interruption = Interrupting.of(tables, end, whereLeased, "");
			this.interruptionOfExpired = Interrupting.of(tables, end, whereLeased, " and lease_until < {now}");
			this.takeTurnToRemove = tables.sql("""
					update {meta} set runs_removed_at = {now}
					where id = 1 and (runs_removed_at is null or runs_removed_at < {now+interval})
					""");
			// That a person has cancelled a migration which still waits is never
			// forgotten
			this.findOld = tables.sql("""
					select r.id from {run} r
					where r.finished_at is not null
						and (r.requested_at < {now+maxAge} or r.requested_at <= (select newest.requested_at from (
							select requested_at from {run} order by requested_at desc {page 1 :maxRuns}) newest))
						and not exists (select 1 from {ledger} p where p.last_run_id = r.id or p.applied_run_id = r.id)
						and not exists (select 1 from {ledger} p where r.status = 'CANCELLED' and p.applied_at is null
							and r.planned like {any plan with p})
					order by r.requested_at
					{page :limit 0}
					""");
			this.removeEvents = tables.sql("delete from {event} where run_id in (:ids)");
			this.removeRuns = tables.sql("delete from {run} where id in (:ids) and finished_at is not null");
			this.append = tables.sql("""
					insert into {event} (run_id, occurred_at, type, detail) values (:id, {now}, :type, :detail)
					""");
		}

		String find(RunQuery query) {
			if (query.status() != null) {
				return (query.version() != null) ? this.findByStatusAndVersion : this.findByStatus;
			}
			return (query.version() != null) ? this.findByVersion : this.findAll;
		}

	}

	/**
	 * The statements that take a run from its worker, of which one matches.
	 *
	 * @param cancel ends it, because a person has asked for that
	 * @param resume lets it go on, or wait for the person who has asked for that
	 * @param end ends it, because a person has to decide
	 */
	private record Interrupting(String cancel, String resume, String end) {

		static Interrupting of(LedgerTables tables, String end, String where, String expired) {
			return new Interrupting(
					tables.sql("update {run} set status = 'CANCELLED', " + end + where + " and status = 'CANCELLING'"
							+ expired),
					tables.sql("""
							update {run}
							set status = case when hold_reason is null then 'QUEUED' else 'HELD' end, phase = null,
								lease_until = null, next_attempt_at = null, resumptions = resumptions + :counted
							""" + where + " and status = 'RUNNING' and resumptions + :counted <= :maxResumptions"
							+ expired),
					tables.sql("update {run} set status = 'INTERRUPTED', " + Statements.SET_FAILURE + ", " + end + where
							+ expired));
		}

	}

}
