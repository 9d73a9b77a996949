package io.github.pendingmigrations.rollout;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import io.github.pendingmigrations.InstanceRepository;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingScripts;
import io.github.pendingmigrations.Rollout;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Keeps this instance in the list of those that are alive, for one Flyway bean: from the
 * end of its start-up migration until the bean is destroyed, since it may use the
 * database all that time. A database that is away for a while is waited for.
 *
 * @since 0.1.0
 */
public final class RolloutComponents {

	private static final Log logger = LogFactory.getLog(RolloutComponents.class);

	/** Whoever stops an application must not wait for a database that does not answer. */
	private static final Duration GOODBYE = Duration.ofSeconds(5);

	private static final int CLEAN_UP_INTERVAL = 100;

	private final String flywayBean;

	private final RolloutSettings settings;

	private final RolloutGate gate;

	private final InstanceRegistration registration;

	private final DelayClocks clocks;

	private final AutomaticRequests automatic;

	private volatile boolean ready;

	private boolean failing;

	private int beats;

	private @Nullable ScheduledExecutorService heartbeats;

	private @Nullable ScheduledFuture<?> beating;

	/**
	 * Create the components. Does not access the database.
	 * @param flywayBean the name of the Flyway bean
	 * @param scripts the migrations of this application
	 * @param ledger the ledger
	 * @param instances the instances
	 * @param service applies migrations
	 * @param settings the settings
	 */
	public RolloutComponents(String flywayBean, PendingScripts scripts, MigrationLedger ledger,
			InstanceRepository instances, Supplier<PendingMigrations> service, RolloutSettings settings) {
		this.flywayBean = flywayBean;
		this.settings = settings;
		this.gate = new RolloutGate(instances, scripts, settings);
		this.registration = new InstanceRegistration(instances, scripts, ledger, settings);
		this.clocks = new DelayClocks(scripts, ledger, this.gate);
		this.automatic = new AutomaticRequests(service, settings.requireApproval(), settings.soak());
	}

	/**
	 * Return what knows whether a rollout is complete.
	 * @return the rollout
	 */
	public Rollout rollout() {
		return this.gate;
	}

	/**
	 * Begin to be counted as alive. To be called when the tables exist; again, if they
	 * were created anew.
	 */
	public synchronized void register() {
		guarded(this.registration::save);
		this.clocks.reset();
		if (this.heartbeats == null) {
			startBeats(this.settings.heartbeat());
		}
		lookAround();
	}

	/**
	 * Begin to be counted as alive as soon as the tables exist, although this instance
	 * has not migrated the database: others do that for it.
	 */
	public synchronized void registerWhenMigrated() {
		if (this.heartbeats == null) {
			startBeats(Duration.ZERO);
		}
	}

	private void startBeats(Duration delay) {
		this.heartbeats = Executors.newSingleThreadScheduledExecutor(this::daemon);
		this.beating = this.heartbeats.scheduleWithFixedDelay(() -> guarded(this::beat), delay.toMillis(),
				this.settings.heartbeat().toMillis(), TimeUnit.MILLISECONDS);
	}

	private Thread daemon(Runnable task) {
		Thread daemon = new Thread(task, "pending-migrations-" + this.flywayBean + "-instance");
		daemon.setDaemon(true);
		return daemon;
	}

	/**
	 * Say that the application has started, so that a rollout can be complete. A start
	 * that fails before that completes none.
	 */
	public synchronized void ready() {
		this.ready = true;
		lookAround();
	}

	private void lookAround() {
		if (this.ready && this.heartbeats != null) {
			this.heartbeats.execute(() -> guarded(this.clocks::update));
		}
	}

	/**
	 * Say that the application is about to stop. It is alive until {@link #end()}.
	 */
	public void stopping() {
		this.ready = false;
	}

	/**
	 * Stop to be counted as alive.
	 */
	public synchronized void end() {
		ScheduledExecutorService executor = this.heartbeats;
		if (executor == null) {
			return;
		}
		this.heartbeats = null;
		this.ready = false;
		if (this.beating != null) {
			// A beat after the end would revive the row
			this.beating.cancel(false);
		}
		try {
			executor.submit(this.registration::end).get(GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger
				.warn("Instance " + this.settings.instanceId() + " could not be recorded as ended, and counts as alive "
						+ "for " + this.settings.instanceTimeout() + ": " + ex);
			logger.debug("The cause", ex);
		}
		executor.shutdownNow();
	}

	private void beat() {
		if (this.registration.isSaved()) {
			renew();
		}
		else if (this.registration.hasTables()) {
			this.registration.save();
			this.clocks.reset();
		}
		else {
			return;
		}
		if (this.ready && this.settings.automatic()) {
			// Before the clocks: never in the same breath in which a rollout is complete
			this.automatic.request();
		}
		if (this.ready) {
			this.clocks.update();
		}
		// Who starts next has no witness for that
		this.gate.look().gone().forEach((instance) -> this.registration.recordGone(instance.id()));
		if (++this.beats % CLEAN_UP_INTERVAL == 0) {
			this.registration.removeOld();
		}
	}

	private void renew() {
		if (!this.registration.renew()) {
			logger.warn("Instance " + this.settings.instanceId() + " had been silent for too long and counted as gone "
					+ "for Flyway bean '" + this.flywayBean + "'. Pending migrations that it does not know may have "
					+ "been applied meanwhile");
		}
	}

	@SuppressWarnings("IllegalCatch")
	private void guarded(Runnable work) {
		try {
			work.run();
			if (this.failing) {
				this.failing = false;
				logger.info("Instance " + this.settings.instanceId() + " is recorded again as alive");
			}
		}
		catch (Throwable ex) {
			// What is thrown would end the repetition, or a start-up that works otherwise
			// Others were out of reach, too: they count until they had time to come back
			this.beats = 0;
			if (!this.failing) {
				this.failing = true;
				logger.warn("Instance " + this.settings.instanceId() + " cannot be recorded as alive for Flyway bean '"
						+ this.flywayBean + "', which is tried again every " + this.settings.heartbeat() + ": " + ex);
				logger.debug("The cause", ex);
			}
		}
	}

}
