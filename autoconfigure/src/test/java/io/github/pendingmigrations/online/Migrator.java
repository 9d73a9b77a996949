package io.github.pendingmigrations.online;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.test.TestApplication.Instance;
import io.github.pendingmigrations.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/**
 * Executes the script that a scenario is about.
 */
enum Migrator {

	/** This project: a pending migration that is applied on request. */
	PENDING("pending") {

		@Override
		Prepared prepare(Stage stage, String script) {
			stage.release().script("P2__change.sql", script);
			Instance instance = stage.release().start();
			return new Prepared() {

				@Override
				public Outcome migrate() {
					return Outcome.of(instance.apply("2"));
				}

				@Override
				public void close() {
					instance.close();
				}

			};
		}

	},

	/** The control: a versioned migration of plain Flyway, with the same script. */
	FLYWAY("plain Flyway") {

		@Override
		Prepared prepare(Stage stage, String script) {
			stage.release().script("V2__change.sql", script);
			Flyway flyway = flyway(stage.database(), stage.release().scripts());
			return () -> {
				long started = System.nanoTime();
				int executed = flyway.migrate().migrationsExecuted;
				return new Outcome(executed == 1, 1, Duration.ofNanos(System.nanoTime() - started), null);
			};
		}

	};

	private final String title;

	Migrator(String title) {
		this.title = title;
	}

	/**
	 * Make everything ready that is not to be measured.
	 * @param stage the database
	 * @param script the script
	 * @return what executes it
	 */
	abstract Prepared prepare(Stage stage, String script);

	@Override
	public String toString() {
		return this.title;
	}

	static Flyway flyway(TestDatabase database, Path scripts) {
		return Flyway.configure().dataSource(database.dataSource()).locations("filesystem:" + scripts).load();
	}

	/**
	 * Ready to execute.
	 */
	interface Prepared extends AutoCloseable {

		Outcome migrate();

		/**
		 * Execute on another thread.
		 * @return the outcome and when it was there, in the nanoseconds of the JVM
		 */
		default CompletableFuture<Ended> start() {
			return CompletableFuture.supplyAsync(() -> {
				Outcome outcome = migrate();
				return new Ended(outcome, System.nanoTime());
			}, (task) -> new Thread(task, "migrator").start());
		}

		@Override
		default void close() {
		}

	}

	/**
	 * What became of the script.
	 *
	 * @param succeeded whether it took effect
	 * @param attempts how many attempts it took
	 * @param executed how long it executed, in which it may have waited
	 * @param run the run, or {@code null} if it was none
	 */
	record Outcome(boolean succeeded, int attempts, Duration executed, @Nullable MigrationRun run) {

		static Outcome of(MigrationRun run) {
			return new Outcome(run.status() == MigrationRunStatus.SUCCEEDED, run.position().attempt(),
					run.contention().executed(), run);
		}

	}

	/**
	 * An outcome and when it was there.
	 *
	 * @param outcome the outcome
	 * @param at when, in the nanoseconds of the JVM
	 */
	record Ended(Outcome outcome, long at) {
	}

}
