package io.github.pendingmigrations.run;

import java.util.List;
import java.util.Optional;

import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Planned;
import io.github.pendingmigrations.MigrationRunRepository.Outcome;
import io.github.pendingmigrations.MigrationRunEvent;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.run.MigrationExecution.Attempts;
import io.github.pendingmigrations.run.RunMonitor.Stop;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Executes one run: its migrations in order. Whatever is thrown meanwhile ends the run
 * and nothing else.
 */
class RunExecution {

	static final RunEnd SHUT_DOWN = new RunEnd.GivenBack("The application that executed it shut down.");

	private static final Log logger = LogFactory.getLog(RunExecution.class);

	private final RunResources resources;

	private final Attempts attempts;

	private final ContentionSampler sampler;

	private final Takeover takeover;

	RunExecution(RunResources resources, Takeover takeover) {
		this.resources = resources;
		this.takeover = takeover;
		this.sampler = new ContentionSampler(resources.database().dataSource(), ContentionProbe.of(resources.product()),
				resources.flywayBean(), resources.settings().locks().recordQueries(),
				(sessions) -> resources.listener().onBlockedSessions(resources.flywayBean(), sessions));
		BodyExecutor executor = new BodyExecutor();
		Workplace workplace = new Workplace(resources.session(), resources.database());
		this.attempts = new Attempts(new TransactionalAttempt(resources, workplace, executor),
				new CheckpointedAttempt(resources, workplace, executor));
	}

	/**
	 * Execute a run that this instance has claimed, to its end.
	 * @param run the run
	 * @param monitor tells when to stop
	 */
	@SuppressWarnings("IllegalCatch")
	void execute(MigrationRun run, RunMonitor monitor) {
		RunProgress progress = new RunProgress(this.resources.runs(), run, this.resources.settings().instanceId());
		monitor.onTick(progress::save);
		this.resources.listener().onStarted(this.resources.flywayBean(), run);
		boolean ended = false;
		while (!ended) {
			RunEnd end;
			try {
				end = executePlan(run, monitor, progress);
			}
			catch (Throwable ex) {
				end = unexpected(ex, monitor, progress);
			}
			try {
				ended = end(run, end, monitor, progress);
			}
			catch (Throwable ex) {
				logger.error("The end of run " + run.id() + " cannot be recorded: its lease will expire", ex);
				ended = true;
			}
		}
	}

	/**
	 * Return why a run that was held for a while has to be held further, which can be
	 * seen without taking it.
	 * @param run the run
	 * @return the reason and the time, or empty if the run has to be taken
	 */
	Optional<RunEnd.HeldUntil> stillHeld(MigrationRun run) {
		this.resources.scripts().reload();
		for (Planned planned : run.request().plan()) {
			PendingScript script = reviewed(planned);
			if (script == null) {
				return Optional.empty();
			}
			Readiness readiness = Readiness.of(this.resources, run, script).orElse(null);
			if (readiness != null) {
				return readiness.lasting().isEmpty() ? hold(script, readiness) : Optional.empty();
			}
		}
		return Optional.empty();
	}

	private Optional<RunEnd.HeldUntil> hold(PendingScript script, Readiness readiness) {
		RunEnd.HeldUntil hold = readiness.hold(this.resources.settings().lease());
		return Optional.ofNullable((hold != null) ? hold
				: this.resources.preflight()
					.look(script, script.load(), this.resources.entry(script).orElse(null))
					.hold());
	}

	/**
	 * Record the end of a run, or that it is held.
	 * @return {@code false} if it goes on, because nobody wants it to be held any more
	 */
	private boolean end(MigrationRun run, RunEnd end, RunMonitor monitor, RunProgress progress) {
		if (!(end instanceof RunEnd.Held) && !(end instanceof RunEnd.HeldUntil)) {
			finish(run, end, progress);
			return true;
		}
		Patience patience = Patience.atMost(this.resources.product(), this.resources.settings().lease());
		String owner = this.resources.settings().instanceId();
		progress.saveNow();
		// Also while it is to wait for a time, a person may have asked to hold it
		boolean held = patience.retry(() -> (end instanceof RunEnd.HeldUntil until
				&& this.resources.runs().holdUntil(run.id(), owner, until.reason(), until.duration()))
				|| this.resources.runs().hold(run.id(), owner));
		if (held) {
			logger.info("Run " + run.id() + " is held"
					+ ((end instanceof RunEnd.HeldUntil until) ? ": " + until.reason() : ", as requested"));
			return true;
		}
		// A person has asked for something else meanwhile, which the next beat will tell.
		monitor.goOn();
		monitor.pause(Patience.firstPause());
		return false;
	}

	private RunEnd executePlan(MigrationRun run, RunMonitor monitor, RunProgress progress) {
		List<Planned> plan = run.request().plan();
		this.resources.scripts().reload();
		for (Planned planned : plan) {
			if (reviewed(planned) == null) {
				return notReviewed(planned);
			}
		}
		this.resources.session()
			.limitation()
			.ifPresent((limitation) -> this.resources.runs()
				.append(run.id(), MigrationRunEvent.Type.NOTE, limitation + "."));
		for (Planned planned : plan) {
			progress.startMigration(planned.version());
			progress.saveNow();
			RunEnd end = executeMigration(run, planned, planned == plan.get(plan.size() - 1), monitor, progress);
			if (end != null) {
				return end;
			}
		}
		return new RunEnd.Ended(MigrationRunStatus.SUCCEEDED, null, "Every migration of the run is applied", null);
	}

	private @Nullable RunEnd executeMigration(MigrationRun run, Planned planned, boolean last, RunMonitor monitor,
			RunProgress progress) {
		this.resources.scripts().reload();
		PendingScript script = reviewed(planned);
		if (script == null) {
			return notReviewed(planned);
		}
		return new MigrationExecution(this.resources, this.attempts, run, script, last, monitor, progress, this.sampler)
			.execute();
	}

	private @Nullable PendingScript reviewed(Planned planned) {
		return find(planned).filter((script) -> script.checksum() == planned.checksum()).orElse(null);
	}

	private Optional<PendingScript> find(Planned planned) {
		return this.resources.scripts().find(MigrationVersion.fromVersion(planned.version()));
	}

	private RunEnd notReviewed(Planned planned) {
		String difference = find(planned)
			.map((script) -> ": its checksum is " + script.checksum() + " and not " + planned.checksum())
			.orElse(": it is gone");
		return failed(planned.version(), "CHECKSUM_MISMATCH", null,
				"P" + planned.version() + " is not the one that was reviewed" + difference
						+ ". Nothing of it took effect. List it again, review it and request it anew.");
	}

	private RunEnd unexpected(Throwable ex, RunMonitor monitor, RunProgress progress) {
		String version = progress.position().version();
		if (ex instanceof InvalidPendingMigrationException) {
			return failed(version, "INVALID_SCRIPT", ex,
					"Nothing of it took effect. Correct the script and request it anew.");
		}
		boolean outage = Patience.isOutage(this.resources.product(), ex);
		if (outage && monitor.stopRequested() == Stop.SHUTDOWN) {
			return SHUT_DOWN;
		}
		return failed(version, outage ? SqlFailure.CONNECTION_LOST.name() : "UNEXPECTED_ERROR", ex,
				"What of the migration took effect is shown with it; the log of the application has the cause. Remove "
						+ "it, and use the action 'retry' of this run.");
	}

	private RunEnd failed(@Nullable String version, String kind, @Nullable Throwable cause, String advice) {
		return RunEnd.failed(FailureReport.of(this.resources.product(), version, kind, cause, advice), cause);
	}

	private void finish(MigrationRun run, RunEnd end, RunProgress progress) {
		Patience patience = Patience.atMost(this.resources.product(), this.resources.settings().lease());
		if (end instanceof RunEnd.LeaseLost) {
			if (!hasEndedHere(run, patience)) {
				// Whoever has taken it tells what becomes of it
				logger.warn("The lease of run " + run.id() + " was lost: this instance stops working on it");
				return;
			}
		}
		else if (end instanceof RunEnd.GivenBack givenBack) {
			progress.saveNow();
			patience.retry(() -> {
				this.takeover.giveBack(run, this.resources.settings().instanceId(), givenBack.detail());
				return true;
			});
			return;
		}
		else if (end instanceof RunEnd.Ended ended) {
			log(run, ended);
			boolean recorded = patience.retry(() -> record(run, ended, progress));
			if (!recorded && ended.status() == MigrationRunStatus.CANCELLED) {
				RunEnd.Ended unasked = (RunEnd.Ended) failed(progress.position().version(), "UNEXPECTED_ERROR",
						ended.cause(), "It stopped although nobody had asked for that. " + ended.detail()
								+ ". Use the action 'retry' of this run.");
				log(run, unasked);
				patience.retry(() -> record(run, unasked, progress));
			}
		}
		patience.retry(() -> this.resources.runs().find(run.id()))
			.filter((found) -> !found.status().isActive())
			.ifPresent((found) -> this.resources.listener().onFinished(this.resources.flywayBean(), found));
	}

	/**
	 * A commit that was cut off can arrive after the next attempt has begun.
	 */
	private boolean hasEndedHere(MigrationRun run, Patience patience) {
		return patience.retry(() -> this.resources.runs().find(run.id()))
			.filter((found) -> found.status() == MigrationRunStatus.SUCCEEDED)
			.map(MigrationRun::lease)
			.filter((lease) -> lease.owner().equals(this.resources.settings().instanceId()))
			.isPresent();
	}

	private boolean record(MigrationRun run, RunEnd.Ended ended, RunProgress progress) {
		return this.resources.runs()
			.finish(run.id(), this.resources.settings().instanceId(), new Outcome(ended.status(), ended.failure(),
					progress.position(), progress.contention(), ended.detail()));
	}

	private static void log(MigrationRun run, RunEnd.Ended ended) {
		Failure failure = ended.failure();
		if (failure != null) {
			String said = (failure.message() != null) ? failure.message() + " " : "";
			logger.error("Run " + run.id() + " failed at P" + failure.version() + " with " + failure.kind() + ": "
					+ said + failure.advice(), ended.cause());
		}
	}

}
