package io.github.pendingmigrations.run;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Contention;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.MigrationRunPhase;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.MigrationRunRepository.Progress;
import org.jspecify.annotations.Nullable;

/**
 * Where a run is, and persists it.
 */
class RunProgress {

	private static final long JAVA_PROGRESS_INTERVAL = TimeUnit.SECONDS.toNanos(1);

	private final MigrationRunRepository runs;

	private final MigrationRun run;

	private final String owner;

	private @Nullable String version;

	private int statement;

	private int statements;

	private int attempt;

	private long done;

	private long total;

	private long lastJavaProgress;

	private Duration waited = Duration.ZERO;

	private Duration executed = Duration.ZERO;

	RunProgress(MigrationRunRepository runs, MigrationRun run, String owner) {
		this.runs = runs;
		this.run = run;
		this.owner = owner;
		this.lastJavaProgress = System.nanoTime() - JAVA_PROGRESS_INTERVAL;
	}

	void startMigration(String version) {
		this.version = version;
		this.statement = 0;
		this.statements = 0;
		this.attempt = 0;
		this.done = 0;
		this.total = 0;
		save(MigrationRunPhase.PREFLIGHT, null);
	}

	void statements(int count) {
		this.statements = count;
	}

	int startAttempt() {
		this.attempt++;
		save(MigrationRunPhase.ACQUIRING_LOCK, null);
		return this.attempt;
	}

	void session(String session) {
		this.runs.saveSession(this.run.id(), this.owner, session);
	}

	/**
	 * Say which statement begins. Within a short transaction it is not persisted, to keep
	 * locks short.
	 * @param number the number of the statement
	 */
	void startStatement(int number) {
		this.statement = number;
	}

	void executing() {
		save(MigrationRunPhase.EXECUTING, null);
	}

	void javaProgress(long done, long total) {
		this.done = done;
		this.total = total;
		long now = System.nanoTime();
		if (now - this.lastJavaProgress >= JAVA_PROGRESS_INTERVAL) {
			this.lastJavaProgress = now;
			executing();
		}
	}

	void waited(Duration duration) {
		this.waited = this.waited.plus(duration);
	}

	void executed(Duration duration) {
		this.executed = this.executed.plus(duration);
	}

	void backOff(Duration pause) {
		save(MigrationRunPhase.BACKING_OFF, pause);
	}

	Position position() {
		return new Position(this.version, this.statement, this.statements, this.attempt, null, null, this.done,
				this.total);
	}

	Contention contention() {
		return new Contention(this.waited, this.executed, 0, Duration.ZERO, List.of());
	}

	private void save(MigrationRunPhase phase, @Nullable Duration nextAttemptIn) {
		this.runs.saveProgress(this.run.id(), this.owner, new Progress(phase, this.version, this.statement,
				this.statements, this.attempt, nextAttemptIn, this.done, this.total, contention()));
	}

}
