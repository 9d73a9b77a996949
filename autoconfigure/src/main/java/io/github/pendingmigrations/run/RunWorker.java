package io.github.pendingmigrations.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.github.pendingmigrations.ApplicationInstance;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Hold;
import io.github.pendingmigrations.MigrationRun.Planned;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.MigrationRunRepository.Claim;
import io.github.pendingmigrations.MigrationRunRepository.Orders;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingScripts;
import io.github.pendingmigrations.Rollout;
import io.github.pendingmigrations.run.RunMonitor.Stop;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Works on the runs of one Flyway bean, one at a time, in a thread of its own. Looks now
 * and then whether a run waits that another instance accepted, or lost its worker.
 */
class RunWorker {

	private static final Log logger = LogFactory.getLog(RunWorker.class);

	private static final Duration TICK = Duration.ofSeconds(1);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

	private final String flywayBean;

	private final PendingScripts scripts;

	private final MigrationLedger ledger;

	private final MigrationRunRepository runs;

	private final Rollout rollout;

	private final RunExecution execution;

	private final Takeover takeover;

	private final Housekeeping housekeeping;

	private final RunSettings settings;

	private final Semaphore wakeUp = new Semaphore(0);

	private volatile boolean running;

	private volatile @Nullable Current current;

	private @Nullable Unclaimed unclaimed;

	private @Nullable Thread thread;

	private @Nullable ScheduledExecutorService heartbeats;

	private @Nullable ScheduledExecutorService ticks;

	RunWorker(RunResources resources, RunExecution execution, Takeover takeover) {
		this.flywayBean = resources.flywayBean();
		this.scripts = resources.scripts();
		this.ledger = resources.ledger();
		this.runs = resources.runs();
		this.rollout = resources.rollout();
		this.execution = execution;
		this.takeover = takeover;
		this.settings = resources.settings();
		this.housekeeping = new Housekeeping(resources.runs(), resources.settings().retention());
	}

	synchronized void start() {
		if (this.running) {
			return;
		}
		this.running = true;
		this.heartbeats = Executors.newSingleThreadScheduledExecutor((task) -> daemon(task, "heartbeat"));
		// A ticker that waits for a connection must not keep the lease from being
		// renewed.
		this.ticks = Executors.newSingleThreadScheduledExecutor((task) -> daemon(task, "ticker"));
		this.thread = daemon(this::work, "worker");
		this.thread.start();
	}

	private Thread daemon(Runnable task, String role) {
		Thread daemon = new Thread(task, "pending-migrations-" + this.flywayBean + "-" + role);
		daemon.setDaemon(true);
		return daemon;
	}

	/**
	 * Look for work now.
	 */
	void wakeUp() {
		this.wakeUp.release();
	}

	/**
	 * Tell the worker that a person has asked to cancel a run. Without effect if it is
	 * not the one of this worker, whose heartbeat will notice.
	 * @param runId the run
	 * @param force whether to cancel a statement that executes, too
	 */
	void cancel(UUID runId, boolean force) {
		tell(runId, (monitor) -> {
			if (force) {
				monitor.forceCancel();
			}
			else {
				monitor.stop(Stop.CANCELLED);
			}
		});
	}

	/**
	 * Tell the worker that a person has asked to hold a run. Without effect if it is not
	 * the one of this worker, whose heartbeat will notice.
	 * @param runId the run
	 */
	void hold(UUID runId) {
		tell(runId, (monitor) -> monitor.stop(Stop.HELD));
	}

	private void tell(UUID runId, Consumer<RunMonitor> order) {
		Current executing = this.current;
		if (executing != null && executing.runId().equals(runId)) {
			order.accept(executing.monitor());
		}
	}

	/**
	 * Stop. A run that waits is given back at once; a statement that executes may go on
	 * for the shutdown timeout and is cancelled then.
	 */
	synchronized void stop() {
		if (!this.running) {
			return;
		}
		this.running = false;
		this.wakeUp.release();
		Current executing = this.current;
		if (executing != null) {
			executing.monitor().stop(Stop.SHUTDOWN);
		}
		Thread worker = this.thread;
		if (worker != null) {
			join(worker, this.settings.shutdownTimeout());
			if (worker.isAlive() && executing != null) {
				logger.warn("A statement of run " + executing.runId()
						+ " still executes after the shutdown timeout and is cancelled");
				executing.monitor().cancelStatement();
				join(worker, Duration.ofSeconds(2));
			}
		}
		for (ScheduledExecutorService scheduler : new ScheduledExecutorService[] { this.heartbeats, this.ticks }) {
			if (scheduler != null) {
				scheduler.shutdownNow();
			}
		}
	}

	private static void join(Thread thread, Duration timeout) {
		try {
			thread.join(Math.max(1, timeout.toMillis()));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@SuppressWarnings("IllegalCatch")
	private void work() {
		Duration pause = this.settings.heartbeat();
		boolean troubled = false;
		while (this.running) {
			try {
				lookForWork();
				if (troubled) {
					logger.info("The runs of Flyway bean '" + this.flywayBean + "' can be worked on again");
				}
				troubled = false;
				pause = this.settings.heartbeat();
			}
			catch (Throwable ex) {
				// The database may be away for a while; the worker must outlive all that.
				if (!troubled) {
					logger.warn("The runs of Flyway bean '" + this.flywayBean + "' cannot be worked on now: "
							+ explain(ex));
				}
				logger.debug("The cause", ex);
				troubled = true;
				pause = longer(pause);
			}
			if (!await(pause)) {
				return;
			}
		}
	}

	/**
	 * Wait, unless there is something to do.
	 * @return {@code false} if the thread was interrupted
	 */
	private boolean await(Duration pause) {
		try {
			this.wakeUp.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
			this.wakeUp.drainPermits();
			return true;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private static Duration longer(Duration pause) {
		Duration doubled = pause.multipliedBy(2);
		return (doubled.compareTo(LONGEST_PAUSE) < 0) ? doubled : LONGEST_PAUSE;
	}

	@SuppressWarnings("IllegalCatch")
	private String explain(Throwable ex) {
		try {
			if (this.ledger.load().isEmpty()) {
				return DefaultPendingMigrations.TABLES_MISSING;
			}
		}
		catch (RuntimeException notReachable) {
			logger.debug("The ledger cannot be read either", notReachable);
		}
		return ex.toString();
	}

	private void lookForWork() {
		Optional<MigrationRun> active = this.runs.findActive();
		if (active.filter((run) -> run.status() == MigrationRunStatus.QUEUED).isEmpty()) {
			// One that is held is waited for, and taken by those that have it
			this.unclaimed = null;
		}
		if (active.isEmpty()) {
			this.housekeeping.work();
			return;
		}
		MigrationRun run = active.get();
		if (isReadyToTake(run) && isMine(run) && !isHeldFurther(run)) {
			this.runs
				.claim(run.id(),
						new Claim(this.settings.instanceId(), this.settings.lease(), this.settings.deadline(),
								this.settings.applicationVersion(), this.settings.applicationCommit()))
				.ifPresent(this::execute);
		}
		else if (run.status().isLeased()) {
			this.takeover.takeExpired().filter((taken) -> taken.status().isActive()).ifPresent((taken) -> wakeUp());
		}
	}

	/**
	 * Return whether anybody may take a run. The clock of the database decides when one
	 * is not held any more.
	 */
	private static boolean isReadyToTake(MigrationRun run) {
		Hold hold = run.hold();
		return run.status() == MigrationRunStatus.QUEUED
				|| (run.status() == MigrationRunStatus.HELD && hold != null && hold.until() != null);
	}

	/**
	 * Hold a run further without taking it, which would be told each time.
	 */
	private boolean isHeldFurther(MigrationRun run) {
		Hold hold = run.hold();
		Instant until = (hold != null) ? hold.until() : null;
		if (run.status() != MigrationRunStatus.HELD || until == null) {
			return false;
		}
		Instant now = this.ledger.load().map(Snapshot::now).orElse(until);
		if (now.isBefore(until)) {
			return true;
		}
		Optional<RunEnd.HeldUntil> further = this.execution.stillHeld(run);
		further.ifPresent((held) -> this.runs.extendHold(run.id(), held.reason(), held.duration()));
		return further.isPresent();
	}

	/**
	 * Return whether this instance has exactly what was reviewed. An instance that has
	 * not leaves the run to one that has; if there is none, it says so by failing the
	 * run.
	 */
	private boolean isMine(MigrationRun run) {
		if (run.request().plan().stream().allMatch(this::has)) {
			return true;
		}
		Unclaimed seen = this.unclaimed;
		if (seen == null || !seen.runId().equals(run.id())) {
			this.unclaimed = new Unclaimed(run.id(), System.nanoTime());
			return false;
		}
		return System.nanoTime() - seen.sinceNanos() > this.settings.lease().toNanos() && nobodyHas(run);
	}

	/**
	 * Those that have been applied, an instance does not tell that it has them.
	 */
	private boolean nobodyHas(MigrationRun run) {
		Set<String> applied = this.ledger.load().map(Snapshot::appliedVersions).orElse(Set.of());
		List<Planned> outstanding = run.request()
			.plan()
			.stream()
			.filter((planned) -> !applied.contains(planned.version()))
			.toList();
		return outstanding.isEmpty() || this.rollout.look()
			.members(List.of(), List.of())
			.stream()
			.noneMatch((member) -> outstanding.stream().allMatch((planned) -> has(member.instance(), planned)));
	}

	private static boolean has(ApplicationInstance instance, Planned planned) {
		return instance.find(planned.version()).filter((known) -> known.checksum() == planned.checksum()).isPresent();
	}

	private boolean has(Planned planned) {
		return this.scripts.find(MigrationVersion.fromVersion(planned.version()))
			.filter((script) -> script.checksum() == planned.checksum())
			.isPresent();
	}

	private void execute(MigrationRun run) {
		RunMonitor monitor = new RunMonitor(this.settings.deadline());
		this.current = new Current(run.id(), monitor);
		if (!this.running) {
			monitor.stop(Stop.SHUTDOWN);
		}
		ScheduledFuture<?> heartbeat = every(this.heartbeats, this.settings.heartbeat(), () -> beat(run, monitor));
		ScheduledFuture<?> tick = every(this.ticks, TICK, monitor::tick);
		try {
			this.execution.execute(run, monitor);
		}
		finally {
			heartbeat.cancel(false);
			tick.cancel(false);
			this.current = null;
		}
	}

	@SuppressWarnings("IllegalCatch")
	private static ScheduledFuture<?> every(@Nullable ScheduledExecutorService scheduler, Duration interval,
			Runnable task) {
		if (scheduler == null) {
			throw new IllegalStateException("The worker has not been started");
		}
		Runnable repeated = () -> {
			try {
				task.run();
			}
			catch (Throwable ex) {
				// The lease is checked by the database at the commit, so a missed beat is
				// harmless; but what is thrown would end the repetition.
				logger.debug("What accompanies a run failed once", ex);
			}
		};
		return scheduler.scheduleWithFixedDelay(repeated, interval.toMillis(), interval.toMillis(),
				TimeUnit.MILLISECONDS);
	}

	private void beat(MigrationRun run, RunMonitor monitor) {
		Optional<Orders> orders = this.runs.heartbeat(run.id(), this.settings.instanceId(), this.settings.lease());
		if (orders.isEmpty()) {
			stopUnlessEnded(run, monitor);
		}
		else if (orders.get().force()) {
			monitor.forceCancel();
		}
		else if (orders.get().status() == MigrationRunStatus.CANCELLING) {
			monitor.stop(Stop.CANCELLED);
		}
		else if (orders.get().hold()) {
			monitor.stop(Stop.HELD);
		}
	}

	private void stopUnlessEnded(MigrationRun run, RunMonitor monitor) {
		boolean ended = this.runs.find(run.id())
			.filter((found) -> found.status() == MigrationRunStatus.SUCCEEDED
					|| found.status() == MigrationRunStatus.FAILED)
			.isPresent();
		if (!ended) {
			monitor.stop(Stop.LEASE_LOST);
			monitor.cancelStatement();
		}
	}

	private record Current(UUID runId, RunMonitor monitor) {
	}

	private record Unclaimed(UUID runId, long sinceNanos) {
	}

}
