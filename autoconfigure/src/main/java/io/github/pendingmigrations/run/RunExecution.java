package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import javax.sql.DataSource;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Planned;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.MigrationRunRepository.Outcome;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.Body;
import io.github.pendingmigrations.PendingScripts;
import io.github.pendingmigrations.run.Attempt.Work;
import io.github.pendingmigrations.run.FailureReport.Effect;
import io.github.pendingmigrations.run.LockSchedule.Rung;
import io.github.pendingmigrations.run.RunMonitor.Stop;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;

/**
 * Executes one run: its migrations in order, each with as many attempts as its locks
 * need. Holds a connection only during an attempt.
 */
class RunExecution {

	private static final Log logger = LogFactory.getLog(RunExecution.class);

	private static final Duration RECONNECT_PAUSE = Duration.ofSeconds(1);

	private static final Duration MAX_RECONNECT_PAUSE = Duration.ofSeconds(60);

	/** A run may need thousands of attempts; their events tell the story with a few. */
	private static final int EVENT_INTERVAL = 20;

	private final String flywayBean;

	private final DatabaseProduct product;

	private final DataSource dataSource;

	private final PendingScripts scripts;

	private final MigrationLedger ledger;

	private final MigrationRunRepository runs;

	private final LockSchedule schedule;

	private final Attempt transactional;

	private final Attempt checkpointed;

	private final RunSettings settings;

	private final RunListener listener;

	RunExecution(String flywayBean, DatabaseProduct product, DataSource dataSource, PendingScripts scripts,
			MigrationLedger ledger, MigrationRunRepository runs, SessionControl session, RunSettings settings,
			RunListener listener) {
		this.flywayBean = flywayBean;
		this.product = product;
		this.dataSource = dataSource;
		this.scripts = scripts;
		this.ledger = ledger;
		this.runs = runs;
		this.schedule = LockSchedule.of(product);
		BodyExecutor executor = new BodyExecutor();
		this.transactional = new TransactionalAttempt(product, session, ledger, runs, executor, settings);
		this.checkpointed = new CheckpointedAttempt(product, session, ledger, runs, executor, settings);
		this.settings = settings;
		this.listener = listener;
	}

	/**
	 * Execute a run that this instance has claimed, to its end.
	 * @param run the run
	 * @param monitor tells when to stop
	 */
	void execute(MigrationRun run, RunMonitor monitor) {
		RunProgress progress = new RunProgress(this.runs, run, this.settings.instanceId());
		monitor.onTick(progress::save);
		List<Planned> plan = run.request().plan();
		for (Planned planned : plan) {
			boolean last = planned == plan.get(plan.size() - 1);
			progress.startMigration(planned.version());
			progress.saveNow();
			End end = executeMigration(run, planned, last, monitor, progress);
			if (end != null) {
				finish(run, end, progress);
				return;
			}
		}
		finish(run, new End(MigrationRunStatus.SUCCEEDED, null, "Every migration of the run is applied"), progress);
	}

	/**
	 * Execute a migration.
	 * @return the end of the run, or {@code null} to go on with the next migration
	 */
	private @Nullable End executeMigration(MigrationRun run, Planned planned, boolean last, RunMonitor monitor,
			RunProgress progress) {
		PendingScript script;
		Body body;
		try {
			this.scripts.reload();
			script = this.scripts.find(MigrationVersion.fromVersion(planned.version())).orElse(null);
			if (script == null || script.checksum() != planned.checksum()) {
				return failed(FailureReport
					.of(planned.version(), "CHECKSUM_MISMATCH", null,
							"P" + planned.version() + " is not the one that was reviewed"
									+ ((script != null) ? ": its checksum is " + script.checksum() + " and not "
											+ planned.checksum() : ": it is gone")
									+ ". Nothing of it took effect. List it again, review it and request it anew."));
			}
			body = script.load();
			this.ledger.recordAttempt(planned.version(), run.id());
		}
		catch (InvalidPendingMigrationException ex) {
			return failed(FailureReport.of(planned.version(), "INVALID_SCRIPT", ex,
					"Nothing of it took effect. Correct the script and request it anew."));
		}
		progress.statements(body.size());
		return attempt(run, script, body, last, monitor, progress);
	}

	private @Nullable End attempt(MigrationRun run, PendingScript script, Body body, boolean last, RunMonitor monitor,
			RunProgress progress) {
		boolean inTransaction = this.product.hasTransactionalDdl() && body.inTransaction();
		Attempt attempt = inTransaction ? this.transactional : this.checkpointed;
		long deadline = System.nanoTime() + this.settings.deadline().toNanos();
		Duration reconnectPause = RECONNECT_PAUSE;
		while (true) {
			Stop stop = monitor.stopRequested();
			if (stop != null) {
				return stopped(stop, script);
			}
			Rung rung = this.schedule.rung(progress.startAttempt());
			Work work = new Work(run, script, body, last, rung, monitor, progress);
			AttemptResult result = tryOnce(attempt, work);
			Duration pause = rung.jitteredPause();
			if (result instanceof AttemptResult.TryAgain again) {
				tryAgain(work, again, pause);
			}
			else if (result instanceof AttemptResult.ConnectionLost lost) {
				Verdict verdict = afterConnectionLoss(work, inTransaction, lost.cause());
				if (verdict != Verdict.TRY_AGAIN) {
					return verdict.end();
				}
				pause = reconnectPause;
				reconnectPause = longer(reconnectPause);
			}
			else {
				return ended(work, inTransaction, result);
			}
			if (System.nanoTime() - deadline > 0) {
				return failed(FailureReport.of(script, "LOCK_TIMEOUT", null, "It did not get its locks within "
						+ this.settings.deadline() + ". " + effect(script, body, inTransaction).describe()
						+ " Find the long transaction that keeps them, and use the action 'retry' of this run."));
			}
			progress.backOff(pause);
			progress.save();
			monitor.pause(pause);
		}
	}

	private static Duration longer(Duration pause) {
		Duration doubled = pause.multipliedBy(2);
		return (doubled.compareTo(MAX_RECONNECT_PAUSE) < 0) ? doubled : MAX_RECONNECT_PAUSE;
	}

	private void tryAgain(Work work, AttemptResult.TryAgain again, Duration pause) {
		this.listener.onAttempt(this.flywayBean, again.outcome());
		work.progress().waited(again.waited());
		int attempt = work.progress().position().attempt();
		if (attempt % EVENT_INTERVAL != 1) {
			return;
		}
		this.runs.append(work.run().id(), MigrationRunEvent.Type.ATTEMPT, "P" + work.script().versionText()
				+ ": attempt " + attempt + ", " + again.detail() + "; next attempt in " + pause.toMillis() + " ms");
	}

	/**
	 * Decide what an attempt means that is not repeated.
	 * @return the end of the run, or {@code null} to go on with the next migration
	 */
	private @Nullable End ended(Work work, boolean inTransaction, AttemptResult result) {
		PendingScript script = work.script();
		if (result instanceof AttemptResult.Applied applied) {
			this.listener.onAttempt(this.flywayBean, "ok");
			logger.info(script.displayName() + " applied in " + applied.executed().toMillis() + " ms (run "
					+ work.run().id() + ", requested by " + work.run().request().by() + ")");
			return applied.runFinished() ? End.RECORDED : null;
		}
		if (result instanceof AttemptResult.AlreadyApplied) {
			note(work.run(), script.displayName() + " had been applied already: nothing was executed");
			return null;
		}
		if (result instanceof AttemptResult.Stopped stopped) {
			this.listener.onAttempt(this.flywayBean, "cancelled");
			return stopped(stopped.reason(), script);
		}
		this.listener.onAttempt(this.flywayBean, "error");
		if (result instanceof AttemptResult.Failed failure) {
			return failed(FailureReport.of(script, failure.failure(), failure.kind(),
					effect(script, work.body(), inTransaction)));
		}
		if (result instanceof AttemptResult.Refused refused) {
			return failed(FailureReport.of(script, "EXECUTED_PART_CHANGED", null, refused.message()));
		}
		throw new IllegalStateException("Not an end: " + result);
	}

	private AttemptResult tryOnce(Attempt attempt, Work work) {
		try (Connection connection = this.dataSource.getConnection()) {
			boolean autoCommit = connection.getAutoCommit();
			connection.setAutoCommit(true);
			try {
				return attempt.run(connection, work);
			}
			finally {
				if (!connection.isClosed()) {
					connection.setAutoCommit(autoCommit);
				}
			}
		}
		catch (SQLException ex) {
			// Whatever statement of our own failed, only the ledger knows what happened.
			return new AttemptResult.ConnectionLost(ex);
		}
	}

	/**
	 * Read the ledger before anything is tried again, since a commit may have arrived.
	 */
	private Verdict afterConnectionLoss(Work work, boolean inTransaction, SQLException cause) {
		PendingScript script = work.script();
		this.listener.onAttempt(this.flywayBean, "error");
		logger.warn("The connection broke while " + script.displayName() + " was being applied", cause);
		Optional<Entry> entry;
		try {
			entry = entry(script);
		}
		catch (DataAccessException ex) {
			return Verdict.TRY_AGAIN;
		}
		if (entry.isPresent() && entry.get().application() != null) {
			note(work.run(), "The connection broke after " + script.displayName() + " had taken effect");
			return new Verdict(null);
		}
		Checkpoint checkpoint = entry.map(Entry::checkpoint).orElse(null);
		if (inTransaction || checkpoint == null || !checkpoint.inDoubt()) {
			return Verdict.TRY_AGAIN;
		}
		int inDoubt = checkpoint.statementsDone() + 1;
		return new Verdict(failed(FailureReport.of(script, "IN_DOUBT", cause,
				"The connection broke while statement " + inDoubt + " of " + work.body().size()
						+ " was executing: whether it took effect is not known. Look at the database. If it did not, "
						+ "'retry' executes it again; if everything did, use 'mark-applied'.")));
	}

	private Effect effect(PendingScript script, Body body, boolean inTransaction) {
		int done = entry(script).map(Entry::checkpoint).map(Checkpoint::statementsDone).orElse(0);
		return new Effect(done, body.size(), inTransaction);
	}

	private Optional<Entry> entry(PendingScript script) {
		return this.ledger.load()
			.map(Snapshot::entries)
			.orElse(List.of())
			.stream()
			.filter((entry) -> entry.version().equals(script.versionText()))
			.findFirst();
	}

	private void note(MigrationRun run, String detail) {
		this.runs.append(run.id(), MigrationRunEvent.Type.NOTE, detail);
	}

	private static End failed(Failure failure) {
		return new End(MigrationRunStatus.FAILED, failure, "P" + failure.version() + " failed: " + failure.kind());
	}

	private static End stopped(Stop stop, PendingScript script) {
		return switch (stop) {
			case CANCELLED -> new End(MigrationRunStatus.CANCELLED, null, "Cancelled before " + script.displayName()
					+ " had been applied; what had taken effect is recorded");
			case SHUTDOWN ->
				new End(MigrationRunStatus.INTERRUPTED, null, "The application that executed it shut down");
			case LEASE_LOST -> End.LOST;
		};
	}

	private void finish(MigrationRun run, End end, RunProgress progress) {
		String owner = this.settings.instanceId();
		if (end == End.LOST) {
			logger.warn("The lease of run " + run.id() + " was lost: this instance stops working on it");
		}
		else if (end.status() == MigrationRunStatus.INTERRUPTED) {
			this.runs.interrupt(run.id(), owner, end.detail());
		}
		else if (end != End.RECORDED) {
			this.runs.finish(run.id(), owner,
					new Outcome(end.status(), end.failure(), progress.position(), progress.contention(), end.detail()));
		}
		if (end.failure() != null) {
			logger.error("Run " + run.id() + " failed at P" + end.failure().version() + ": " + end.failure().message()
					+ " " + end.failure().advice());
		}
		this.runs.find(run.id()).ifPresent((ended) -> this.listener.onFinished(this.flywayBean, ended));
	}

	/**
	 * What to do after the connection broke.
	 *
	 * @param end the end of the run, or {@code null} to go on with the next migration
	 */
	private record Verdict(@Nullable End end) {

		static final Verdict TRY_AGAIN = new Verdict(End.LOST);

	}

	/**
	 * How a run ends.
	 *
	 * @param status its last status
	 * @param failure why it failed, or {@code null}
	 * @param detail what happened, for people
	 */
	private record End(MigrationRunStatus status, @Nullable Failure failure, String detail) {

		/** The end was recorded in the transaction of the migration. */
		static final End RECORDED = new End(MigrationRunStatus.SUCCEEDED, null, "");

		/** Somebody else may have it. */
		static final End LOST = new End(MigrationRunStatus.INTERRUPTED, null, "lost");

	}

}
