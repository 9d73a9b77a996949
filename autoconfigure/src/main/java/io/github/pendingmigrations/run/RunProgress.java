package io.github.pendingmigrations.run;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Contention;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.MigrationRunPhase;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.MigrationRunRepository.Progress;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;

/**
 * Where a run is. The thread that executes only notes it; it is persisted by a ticker, so
 * that a transaction which holds locks never waits for a second connection.
 */
class RunProgress {

	private static final Log logger = LogFactory.getLog(RunProgress.class);

	private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

	private final MigrationRunRepository runs;

	private final MigrationRun run;

	private final String owner;

	private final ReentrantLock saving = new ReentrantLock();

	private MigrationRunPhase phase = MigrationRunPhase.PREFLIGHT;

	private @Nullable String version;

	private @Nullable String session;

	private volatile String executingSession = "";

	private @Nullable Duration nextAttemptIn;

	private int statement;

	private int statements;

	private int attempt;

	private long done;

	private long total;

	private int batches;

	/** Since when the run is at its statement. */
	private long statementSince;

	private Duration executed = Duration.ZERO;

	/** When the run gives up, if that has changed since it was claimed. */
	private @Nullable Long deadline;

	private volatile Sighting lastSighting = Sighting.CLEAR;

	private Contention contention;

	private boolean changed;

	private long lastSaved = System.nanoTime() - INTERVAL;

	RunProgress(MigrationRunRepository runs, MigrationRun run, String owner) {
		this.runs = runs;
		this.run = run;
		this.owner = owner;
		this.contention = run.contention();
	}

	synchronized void startMigration(String version) {
		this.version = version;
		this.statement = 0;
		this.statements = 0;
		this.attempt = 0;
		this.done = 0;
		this.total = 0;
		this.batches = 0;
		this.executed = Duration.ZERO;
		enter(MigrationRunPhase.PREFLIGHT);
	}

	synchronized void statements(int count) {
		this.statements = count;
	}

	synchronized int startAttempt() {
		this.attempt++;
		enter(MigrationRunPhase.ACQUIRING_LOCK);
		return this.attempt;
	}

	synchronized void session(String session) {
		this.session = session;
		this.executingSession = session;
	}

	String executingSession() {
		return this.executingSession;
	}

	/**
	 * Note what a look at the session that executes has shown.
	 * @param sighting what there was to see
	 */
	synchronized void saw(Sighting sighting) {
		if (!sighting.obstacles().isEmpty()) {
			this.lastSighting = sighting;
		}
		Contention seen = sighting.addTo(this.contention);
		this.changed = this.changed || !seen.equals(this.contention);
		this.contention = seen;
	}

	Sighting lastSighting() {
		return this.lastSighting;
	}

	synchronized void startStatement(int number) {
		if (number != this.statement) {
			this.statement = number;
			this.statementSince = System.nanoTime();
		}
		enter(MigrationRunPhase.EXECUTING);
	}

	/**
	 * Return whether this attempt has come to a statement of the migration.
	 * @return {@code false} if nothing of the migration was sent
	 */
	synchronized boolean isExecuting() {
		return this.phase == MigrationRunPhase.EXECUTING;
	}

	/**
	 * Return how long the run has been at its statement.
	 * @return the time since it was first started, whatever happened since
	 */
	synchronized Duration atStatement() {
		return RunMonitor.since(this.statementSince);
	}

	/**
	 * Note that batches have taken effect.
	 * @param checkpoint how many
	 */
	synchronized void batched(Checkpoint checkpoint) {
		this.batches = checkpoint.batches();
		this.done = checkpoint.rows();
		this.changed = true;
	}

	synchronized int batches() {
		return this.batches;
	}

	synchronized void restartDeadline(Duration deadline) {
		this.deadline = System.nanoTime() + deadline.toNanos();
	}

	synchronized void reported(long done, long total) {
		this.done = done;
		this.total = total;
		this.changed = true;
	}

	synchronized void waited(Duration duration) {
		this.contention = this.contention.plus(duration, Duration.ZERO);
	}

	/**
	 * Note that a part of the migration has executed.
	 * @param duration how long
	 * @return how long all of it has, as far as this worker has executed it
	 */
	synchronized Duration executed(Duration duration) {
		this.contention = this.contention.plus(Duration.ZERO, duration);
		this.executed = this.executed.plus(duration);
		return this.executed;
	}

	synchronized void backOff(Duration pause) {
		enter(MigrationRunPhase.BACKING_OFF);
		this.nextAttemptIn = pause;
	}

	private void enter(MigrationRunPhase phase) {
		this.phase = phase;
		this.nextAttemptIn = null;
		this.changed = true;
	}

	synchronized Position position() {
		return new Position(this.version, this.statement, this.statements, this.attempt, null, null, this.done,
				this.total, this.batches);
	}

	synchronized Contention contention() {
		return this.contention;
	}

	/**
	 * Persist where the run is, unless nothing changed or that was done a moment ago. To
	 * be called by a thread that holds no connection.
	 */
	void save() {
		save(false);
	}

	/**
	 * Persist where the run is. To be called by a thread that holds no connection.
	 */
	void saveNow() {
		save(true);
	}

	private void save(boolean always) {
		// A status that is a second old is better than to wait for whoever saves already.
		if (!this.saving.tryLock()) {
			return;
		}
		try {
			Unsaved unsaved = take(always);
			if (unsaved != null) {
				save(unsaved);
			}
		}
		finally {
			this.saving.unlock();
		}
	}

	private synchronized @Nullable Unsaved take(boolean always) {
		if (!always && (!this.changed || System.nanoTime() - this.lastSaved < INTERVAL)) {
			return null;
		}
		Long end = this.deadline;
		Duration deadlineIn = (end != null) ? Duration.ofNanos(Math.max(0, end - System.nanoTime())) : null;
		Unsaved unsaved = new Unsaved(this.session,
				new Progress(this.phase, this.version, this.statement, this.statements, this.attempt,
						this.nextAttemptIn, this.done, this.total, this.batches, deadlineIn, contention()));
		this.session = null;
		this.changed = false;
		this.lastSaved = System.nanoTime();
		return unsaved;
	}

	/**
	 * Waits for a connection, which must not keep the thread that executes from noting
	 * where it is.
	 */
	private void save(Unsaved unsaved) {
		try {
			if (unsaved.session() != null) {
				this.runs.saveSession(this.run.id(), this.owner, unsaved.session());
			}
			this.runs.saveProgress(this.run.id(), this.owner, unsaved.progress());
		}
		catch (DataAccessException ex) {
			// A status that is a second old is better than a migration that stops for it.
			logger.debug("The progress of run " + this.run.id() + " could not be saved", ex);
			retain(unsaved);
		}
	}

	private synchronized void retain(Unsaved unsaved) {
		this.session = (this.session != null) ? this.session : unsaved.session();
		this.changed = true;
	}

	/**
	 * What to persist.
	 *
	 * @param session the session, or {@code null} if that is persisted
	 * @param progress where the run is
	 */
	private record Unsaved(@Nullable String session, Progress progress) {
	}

}
