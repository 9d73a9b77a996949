package io.github.pendingmigrations.run;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.Body;
import io.github.pendingmigrations.PendingScript.JavaBody;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.ScriptDirectives.Window;
import io.github.pendingmigrations.run.Attempt.Work;
import io.github.pendingmigrations.run.FailureReport.Effect;
import io.github.pendingmigrations.run.LockSchedule.Rung;
import io.github.pendingmigrations.run.RunMonitor.Stop;
import io.github.pendingmigrations.run.RunPreflight.Outlook;
import io.github.pendingmigrations.run.RunSettings.Locks;
import io.github.pendingmigrations.run.Sighting.Obstacle;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Applies one migration of a run with as many attempts as its locks need. Holds a
 * connection only during an attempt.
 */
class MigrationExecution {

	private static final Log logger = LogFactory.getLog(MigrationExecution.class);

	/**
	 * A run may need thousands of attempts: look around and tell the story with a few.
	 */
	private static final int INTERVAL = 20;

	/** How old the answer may be whether something stands in the way of an attempt. */
	private static final Duration LOOK_AROUND = Duration.ofSeconds(5);

	/** When to tell first how far the batches are; each next time after twice as long. */
	private static final Duration FIRST_STORY = Duration.ofSeconds(10);

	private final RunResources resources;

	private final Attempt attempt;

	private final MigrationRun run;

	private final PendingScript script;

	private final Body body;

	private final boolean last;

	private final boolean inTransaction;

	private final RunMonitor monitor;

	private final RunProgress progress;

	private final ContentionSampler sampler;

	private final Ladder ladder;

	private final Patience patience;

	/** How many attempts were made before the last batch took effect. */
	private int attemptsBefore;

	/** When it was last looked whether something has come in between. */
	private long lookedAround;

	/** Whether it has worked for a while, so that much can have happened since. */
	private boolean shiftOver;

	private Duration nextStory = FIRST_STORY;

	private Sighting toldSighting = Sighting.CLEAR;

	private Duration reconnectPause = Patience.firstPause();

	private @Nullable SQLException outage;

	/** The statement in doubt that may be executed again, or 0. */
	private int decided;

	MigrationExecution(RunResources resources, Attempts attempts, MigrationRun run, PendingScript script, boolean last,
			RunMonitor monitor, RunProgress progress, ContentionSampler sampler) {
		this.resources = resources;
		this.run = run;
		this.script = script;
		this.body = script.load();
		this.last = last;
		this.inTransaction = resources.product().hasTransactionalDdl() && this.body.inTransaction();
		this.attempt = this.inTransaction ? attempts.transactional() : attempts.checkpointed();
		this.monitor = monitor;
		this.progress = progress;
		this.sampler = sampler;
		Locks locks = resources.settings().locks();
		this.ladder = new Ladder(LockSchedule.of(resources.product(), locks.profile(), locks.maxLockTimeout()),
				sampler::stillThere, resources.session()::autovacuumYieldsAfter, locks.maxLockTimeout());
		this.patience = Patience.of(resources.product(), monitor);
	}

	/**
	 * Apply the migration.
	 * @return the end of the run, or {@code null} to go on with the next migration
	 */
	@Nullable RunEnd execute() {
		this.progress.statements(this.body.size());
		Stop stop = this.monitor.stopRequested();
		if (stop != null) {
			return stopped(stop);
		}
		this.decided = this.patience.retry(this::statementDecidedUpon);
		RunEnd end = standsInTheWay();
		if (!(end instanceof RunEnd.HeldUntil)) {
			boolean recorded = this.patience.retry(() -> this.resources.ledger()
				.recordAttempt(this.script.versionText(), this.run.id(), this.resources.settings().instanceId()));
			if (!recorded) {
				return new RunEnd.LeaseLost();
			}
		}
		if (end != null) {
			return end;
		}
		while (true) {
			int number = this.progress.startAttempt();
			RunEnd obstacle = obstacle(number);
			if (obstacle != null) {
				return obstacle;
			}
			int batches = this.progress.batches();
			Rung rung = this.ladder.rung(number - this.attemptsBefore, this.progress.lastSighting());
			Next next = next(tryOnce(rung), rung, number);
			if (this.progress.batches() > batches) {
				// Its locks are others now.
				this.attemptsBefore = number;
			}
			if (next instanceof Finish finish) {
				return finish.end();
			}
			if (!(next instanceof Repeat repeat)) {
				return null;
			}
			if (this.monitor.isPastDeadline()) {
				return outOfTime();
			}
			this.progress.backOff(repeat.pause());
			this.progress.save();
			this.monitor.pause(repeat.pause());
		}
	}

	/**
	 * What was left in doubt by another run, whoever requested this one may have decided
	 * to execute again.
	 */
	private int statementDecidedUpon() {
		return this.resources.entry(this.script)
			.filter((entry) -> !this.run.id().equals(entry.lastRunId()))
			.map(Entry::checkpoint)
			.filter((checkpoint) -> checkpoint.inDoubt() && Decision.covers(this.run, retried(), this.script))
			.map((checkpoint) -> checkpoint.statementsDone() + 1)
			.orElse(0);
	}

	private @Nullable MigrationRun retried() {
		UUID parent = this.run.parentId();
		return (parent != null) ? this.resources.runs().find(parent).orElse(null) : null;
	}

	private @Nullable RunEnd standsInTheWay() {
		if (!this.inTransaction && !this.resources.sessionCheck().isSessionKept()) {
			return failed("SESSION_NOT_KEPT", null,
					"It does not run in one transaction, and its connection goes through a pooler that gives each "
							+ "transaction another session. " + effect() + " " + SessionCheck.ADVICE
							+ " Then use the action 'retry' of this run.");
		}
		RunEnd end = controlsTransaction();
		if (end == null) {
			end = notReady();
		}
		return (end != null) ? end : preflight();
	}

	/**
	 * Whatever the checker was told to let pass: what was committed in the middle would
	 * be executed again by the next attempt.
	 */
	private @Nullable RunEnd controlsTransaction() {
		if (!this.inTransaction || !(this.body instanceof SqlBody sql)) {
			return null;
		}
		return sql.statements()
			.stream()
			.filter((statement) -> SqlText.controlsTransaction(statement.sql()))
			.findFirst()
			.map((statement) -> failed("TRANSACTION_CONTROL", null, this.script.location() + ":" + statement.line()
					+ " ends or begins a transaction, but the script runs in one transaction with its "
					+ "entry in the ledger. Nothing of it took effect. Remove that statement, or let the script run step by "
					+ "step with '-- pending: transaction=false', deploy it and request it anew."))
			.orElse(null);
	}

	private @Nullable RunEnd preflight() {
		Entry entry = this.patience.retry(() -> this.resources.entry(this.script)).orElse(null);
		if (entry != null && entry.application() != null) {
			return null;
		}
		Outlook outlook = this.resources.preflight().look(this.script, this.body, entry);
		outlook.notices()
			.forEach((notice) -> note(
					"Pre-flight of " + this.script.displayName() + ": " + notice.effect() + ": " + notice.message()));
		if (outlook.failure() != null) {
			return failed("WOULD_FAIL", null, outlook.failure().message() + " No lock was asked for. " + effect()
					+ " Then use the action 'retry' of this run, or request the corrected script anew.");
		}
		return outlook.hold();
	}

	private @Nullable RunEnd obstacle(int number) {
		Stop stop = this.monitor.stopRequested();
		if (stop != null) {
			return stopped(stop);
		}
		if (number % INTERVAL == 0) {
			RunEnd hold = holdUntilGone(this.progress.lastSighting().obstacles());
			if (hold != null) {
				return hold;
			}
		}
		if (this.shiftOver || RunMonitor.since(this.lookedAround).compareTo(LOOK_AROUND) >= 0) {
			this.shiftOver = false;
			return notReady();
		}
		return null;
	}

	/**
	 * Looks anew, since what was young when it was seen first is not seen again by
	 * attempts that hardly wait for it.
	 */
	private @Nullable RunEnd holdUntilGone(List<Obstacle> seen) {
		List<Obstacle> stubborn = seen.stream().filter((obstacle) -> obstacle.kind().givesWayToNobody()).toList();
		if (stubborn.isEmpty()) {
			return null;
		}
		return this.sampler.stillThere(stubborn)
			.stream()
			.filter(Obstacle::outlastsAttempts)
			.findFirst()
			.map((obstacle) -> (obstacle.kind() == Obstacle.Kind.WRAPAROUND_VACUUM) ? new RunEnd.HeldUntil("session "
					+ obstacle.blocker().session()
					+ " is an autovacuum to prevent wraparound, which gives way to nobody; tried again by itself",
					RunPreflight.VACUUM_WAIT)
					: new RunEnd.HeldUntil("a " + obstacle.blocker().state()
							+ " is in its way, which keeps its locks until somebody ends it with COMMIT PREPARED "
							+ quoted(obstacle.transaction()) + " or ROLLBACK PREPARED " + quoted(obstacle.transaction())
							+ "; tried again by itself", RunPreflight.OTHER_WAIT))
			.orElse(null);
	}

	private static String quoted(String text) {
		return "'" + text.replace("'", "''") + "'";
	}

	private @Nullable RunEnd notReady() {
		this.lookedAround = System.nanoTime();
		Readiness readiness = this.patience.retry(() -> Readiness.of(this.resources, this.run, this.script))
			.orElse(null);
		if (readiness == null) {
			return null;
		}
		Window window = this.script.directives().window();
		this.monitor.closeWindowAfter(
				(window != null) ? Duration.between(readiness.now(), window.closesAfter(readiness.now())) : null);
		List<PendingReason> lasting = readiness.lasting();
		if (!lasting.isEmpty()) {
			return failed("NOT_READY", null,
					"It cannot be applied now: "
							+ String.join(" ", lasting.stream().map(PendingReason::message).toList()) + " " + effect()
							+ " Use the action 'retry' of this run when nothing stands in its way.");
		}
		// An instance that is in the way may go at any time
		return readiness.hold(this.resources.settings().lease());
	}

	/**
	 * Return whether what goes on for long has to stop, looking again now and then.
	 */
	private boolean isObstructed() {
		if (RunMonitor.since(this.lookedAround).compareTo(LOOK_AROUND) >= 0 && notReady() != null) {
			this.shiftOver = true;
			return true;
		}
		return this.monitor.isWindowClosed();
	}

	private AttemptResult tryOnce(Rung rung) {
		try (BorrowedConnection borrowed = BorrowedConnection.of(this.resources.database().dataSource())) {
			return this.attempt.run(borrowed, new Work(this.run, this.script, this.body, this.last, this.decided, rung,
					this.monitor, this.progress, this.resources.settings(), this.sampler, this::isObstructed));
		}
		catch (SQLException ex) {
			// Whatever statement of our own failed, only the ledger knows what happened.
			return new AttemptResult.Unknown(ex);
		}
	}

	private Next next(AttemptResult result, Rung rung, int number) {
		if (result instanceof AttemptResult.TryAgain again) {
			this.outage = null;
			this.reconnectPause = Patience.firstPause();
			this.progress.waited(again.waited());
			if (!again.waited().isZero()) {
				this.resources.listener().onLocksRefused(this.resources.flywayBean(), again.waited());
			}
			return repeat(again.outcome(), again.detail(), rung.pauseAfter(again.waited()), number);
		}
		if (result instanceof AttemptResult.Unfinished unfinished) {
			this.outage = null;
			this.shiftOver = true;
			tellBatches();
			return new Repeat(unfinished.pause());
		}
		if (result instanceof AttemptResult.Unavailable unavailable) {
			// Nothing happened, although the mark of the statement could not be taken
			// back.
			this.decided = Math.max(this.decided, this.progress.position().statement());
			return afterOutage(unavailable.cause(), number);
		}
		if (result instanceof AttemptResult.Unknown unknown) {
			return afterUnknown(unknown.cause(), number);
		}
		if (result instanceof AttemptResult.Applied applied) {
			told("ok");
			logger.info(this.script.displayName() + " applied in " + applied.executed().toMillis() + " ms (run "
					+ this.run.id() + ", requested by " + this.run.request().by() + ")");
			return applied.runFinished() ? new Finish(new RunEnd.Recorded()) : new GoOn();
		}
		if (result instanceof AttemptResult.AlreadyApplied) {
			note(this.script.displayName() + " had been applied already: nothing was executed");
			return new GoOn();
		}
		return new Finish(end(result));
	}

	private RunEnd end(AttemptResult result) {
		if (result instanceof AttemptResult.Stopped stopped) {
			told("cancelled");
			return stopped(stopped.reason());
		}
		told("error");
		if (result instanceof AttemptResult.Failed failure) {
			return RunEnd.failed(FailureReport.of(this.resources.product(), this.script, failure.failure(),
					failure.kind(), this.patience.retry(this::readEffect)), failure.failure());
		}
		if (result instanceof AttemptResult.Refused refused) {
			return failed(refused.kind(), null, refused.message());
		}
		if (result instanceof AttemptResult.InDoubt doubt) {
			return inDoubt(doubt.entry(), doubt.checkpoint(), null, "An earlier attempt started a statement.");
		}
		throw new IllegalStateException("Not an end: " + result);
	}

	/**
	 * Read the ledger before anything is tried again, since a commit may have arrived.
	 */
	private Next afterUnknown(SQLException cause, int number) {
		Optional<Entry> entry = this.patience.retry(() -> this.resources.entry(this.script));
		if (entry.isPresent() && entry.get().application() != null) {
			told("ok");
			note("The connection broke after " + this.script.displayName() + " had taken effect");
			return new GoOn();
		}
		Checkpoint checkpoint = entry.map(Entry::checkpoint).orElse(null);
		if (entry.isPresent() && checkpoint != null && checkpoint.inDoubt() && !isStillDecided(checkpoint)) {
			told("error");
			return new Finish(inDoubt(entry.get(), checkpoint, cause,
					"The connection broke, or the ledger could not be written, while a statement was executing."));
		}
		if (!Patience.isOutage(this.resources.product(), cause)) {
			told("error");
			return new Finish(failed("INTERNAL_ERROR", cause, effect()
					+ " A statement of Pending Migrations itself failed. Remove the cause and use the action 'retry' of "
					+ "this run."));
		}
		return afterOutage(cause, number);
	}

	/**
	 * What a person has decided to execute again is in doubt anew only if it was sent.
	 */
	private boolean isStillDecided(Checkpoint checkpoint) {
		return checkpoint.statementsDone() + 1 == this.decided && !this.progress.isExecuting();
	}

	private RunEnd inDoubt(Entry entry, Checkpoint checkpoint, @Nullable SQLException cause, String happened) {
		Failure what = FailureReport.inDoubt(entry, checkpoint, happened);
		Failure why = FailureReport.of(this.resources.product(), what.version(), what.kind(), cause, what.advice());
		return RunEnd.failed(new Failure(what.kind(), why.errorClass(), why.sqlState(), why.vendorCode(), why.message(),
				what.version(), what.statement(), what.line(), what.advice()), cause);
	}

	private Next afterOutage(SQLException cause, int number) {
		logger.warn("The database could not be used while " + this.script.displayName() + " was being applied", cause);
		this.outage = cause;
		Duration pause = this.reconnectPause;
		this.reconnectPause = Patience.longer(pause);
		return repeat("error", SqlFailure.of(this.resources.product(), cause).name(), pause, number);
	}

	private Repeat repeat(String outcome, String detail, Duration pause, int number) {
		told(outcome);
		tellBlockers();
		if (number == 1) {
			logger.info(this.script.displayName() + " waits (" + detail + ") and is tried again for at most "
					+ this.resources.settings().deadline());
		}
		if (number % INTERVAL == 1) {
			append(MigrationRunEvent.Type.ATTEMPT, "P" + this.script.versionText() + ": attempt " + number + ", "
					+ detail + "; next attempt in " + pause.toMillis() + " ms");
		}
		return new Repeat(pause);
	}

	private void tellBatches() {
		if (this.progress.atStatement().compareTo(this.nextStory) > 0) {
			this.nextStory = this.progress.atStatement().multipliedBy(2);
			note(this.script.displayName() + ": " + this.progress.position().done() + " rows in "
					+ this.progress.batches() + " batches have taken effect so far");
		}
	}

	private void tellBlockers() {
		Sighting sighting = this.progress.lastSighting();
		if (!sighting.hasSameObstaclesAs(this.toldSighting)) {
			this.toldSighting = sighting;
			append(MigrationRunEvent.Type.BLOCKERS, sighting.describe());
		}
	}

	private RunEnd outOfTime() {
		SQLException cause = this.outage;
		if (cause != null) {
			return failed(SqlFailure.of(this.resources.product(), cause).name(), cause,
					"The database could not be used. " + effect()
							+ " Remove the cause, and use the action 'retry' of this run.");
		}
		return failed("LOCK_TIMEOUT", null,
				"It did not get its locks within " + this.resources.settings().deadline() + ". " + effect() + " "
						+ this.progress.lastSighting().describe()
						+ " Let that transaction end, and use the action 'retry' of this run.");
	}

	private RunEnd stopped(Stop stop) {
		return switch (stop) {
			case CANCELLED -> new RunEnd.Ended(MigrationRunStatus.CANCELLED, null,
					"Cancelled before " + this.script.displayName() + " had been applied. " + effect(), null);
			case HELD -> new RunEnd.Held();
			case SHUTDOWN -> RunExecution.SHUT_DOWN;
			case DEADLINE -> failed("DEADLINE_EXCEEDED", null,
					"It did not end within " + this.resources.settings().deadline() + " and was cancelled. " + effect()
							+ " Find out what it waited for, and use the action 'retry' of this run.");
			case LEASE_LOST -> new RunEnd.LeaseLost();
		};
	}

	private RunEnd failed(String kind, @Nullable Throwable cause, String advice) {
		return RunEnd.failed(FailureReport.of(this.resources.product(), this.script.versionText(), kind, cause, advice),
				cause);
	}

	private String effect() {
		return this.patience.retry(this::readEffect).describe();
	}

	private Effect readEffect() {
		Checkpoint reached = this.resources.entry(this.script)
			.map(Entry::checkpoint)
			.orElseGet(() -> new Checkpoint(0, false, ""));
		return new Effect(reached, this.body.size(), this.inTransaction, this.body instanceof JavaBody);
	}

	private void told(String outcome) {
		this.resources.listener().onAttempt(this.resources.flywayBean(), outcome);
		Position position = this.progress.position();
		boolean notable = outcome.equals("error") || position.attempt() % INTERVAL == 1;
		if (notable && !outcome.equals("ok") && !outcome.equals("cancelled")) {
			this.resources.listener().onAttemptFailed(this.resources.flywayBean(), this.run, position, outcome);
		}
	}

	private void note(String detail) {
		append(MigrationRunEvent.Type.NOTE, detail);
	}

	private void append(MigrationRunEvent.Type type, String detail) {
		this.patience.retry(() -> {
			this.resources.runs().append(this.run.id(), type, detail);
			return true;
		});
	}

	/**
	 * The ways to execute a migration.
	 *
	 * @param transactional in one transaction
	 * @param checkpointed step by step
	 */
	record Attempts(Attempt transactional, Attempt checkpointed) {
	}

	/**
	 * What to do after an attempt.
	 */
	private sealed interface Next {

	}

	/** Go on with the next migration. */
	private record GoOn() implements Next {
	}

	/** Try it again after a pause. */
	private record Repeat(Duration pause) implements Next {
	}

	/** End the run. */
	private record Finish(RunEnd end) implements Next {
	}

}
