package io.github.pendingmigrations.command;

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.StartupStep;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Does what {@code pending-migrations.mode} asks for, writes a report, and says how the
 * process ends.
 *
 * @since 0.1.0
 */
public final class PendingMigrationsCommand {

	private static final Log logger = LogFactory.getLog(PendingMigrationsCommand.class);

	private final PendingMigrationsRegistry registry;

	private final CommandSettings settings;

	private final Startup startup;

	private final Inspection inspection;

	private final ApplyCommand apply;

	private final CountDownLatch ended = new CountDownLatch(1);

	private volatile boolean executing;

	/**
	 * Create a command.
	 * @param registry the pending migrations of all Flyway beans
	 * @param settings what is asked for
	 * @param lenientOrder whether a start-up runs what comes before a migration that has
	 * to wait
	 * @param startup does to the databases what a start-up does
	 * @param workers execute runs
	 */
	public PendingMigrationsCommand(PendingMigrationsRegistry registry, CommandSettings settings, boolean lenientOrder,
			Startup startup, Workers workers) {
		this.registry = registry;
		this.settings = settings;
		this.startup = startup;
		this.inspection = new Inspection(registry, lenientOrder);
		this.apply = new ApplyCommand(registry, this.inspection, settings.apply(), workers);
	}

	/**
	 * Do it.
	 * @param out where to write the report
	 * @param progress where to write what goes on meanwhile
	 * @return the exit code
	 */
	int execute(PrintStream out, PrintStream progress) {
		this.executing = true;
		try {
			CommandReport report = run(progress);
			ReportWriter.of(this.settings.format(), new SourceFiles(this.settings.sourceRoot())).write(report, out);
			int code = report.exitCode().code();
			return this.settings.acceptedCodes().contains(code) ? 0 : code;
		}
		finally {
			this.ended.countDown();
		}
	}

	/**
	 * Stop in an orderly way, because the process is asked to end. Returns when the
	 * report is written. The work that is under way elsewhere goes on.
	 */
	void stop() {
		this.apply.stop();
		if (this.executing) {
			try {
				// A migration at work is not cut off: whoever is in a hurry kills the
				// process
				this.ended.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
	}

	@SuppressWarnings("IllegalCatch")
	private CommandReport run(PrintStream progress) {
		try {
			if (this.registry.byFlywayBean().isEmpty()) {
				return troubled(Trouble.of(ExitCode.FAILED, "There is no Flyway bean whose migrations are managed. "
						+ "Is 'spring.flyway.enabled' off, or is there no data source?"));
			}
			return switch (this.settings.mode()) {
				case SERVE -> throw new IllegalStateException("To serve is not a command");
				case CHECK, PLAN -> look();
				case MIGRATE -> migrate();
				case APPLY -> this.apply.run(progress);
			};
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("The command failed", ex);
			return troubled(Trouble.of(ex));
		}
	}

	private CommandReport troubled(Trouble trouble) {
		return new CommandReport(this.settings.mode(), trouble.exitCode(), trouble.message(), List.of(), trouble);
	}

	private CommandReport look() {
		List<FlywayReport> reports = this.inspection.inspect();
		ExitCode exitCode = this.inspection.exitCode(reports);
		return new CommandReport(this.settings.mode(), exitCode, Summary.of(exitCode), reports, null);
	}

	private CommandReport migrate() {
		List<FlywayReport> before = this.inspection.inspect();
		try {
			this.startup.migrate();
		}
		catch (RuntimeException ex) {
			logger.debug("The start-up failed", ex);
			Trouble trouble = Trouble.of(ex);
			return new CommandReport(this.settings.mode(), trouble.exitCode(), trouble.message(), before, trouble);
		}
		List<FlywayReport> after = this.inspection.inspect()
			.stream()
			.map((report) -> report.migrated(noLongerDue(report, before)))
			.toList();
		return new CommandReport(this.settings.mode(), ExitCode.DONE, Summary.migrated(after), after, null);
	}

	private static List<StartupStep> noLongerDue(FlywayReport after, List<FlywayReport> before) {
		return before.stream()
			.filter((report) -> report.name().equals(after.name()))
			.flatMap((report) -> report.startup().stream())
			.filter((step) -> !after.startup().contains(step))
			.toList();
	}

	/**
	 * Does to the databases of all Flyway beans what a start-up does.
	 */
	@FunctionalInterface
	public interface Startup {

		/**
		 * Do it.
		 */
		void migrate();

	}

	/**
	 * Execute runs.
	 */
	public interface Workers {

		/**
		 * Begin to work on the runs of a Flyway bean. Has no effect if that has begun.
		 * @param flywayBean the name of the Flyway bean
		 */
		void start(String flywayBean);

		/**
		 * Stop to work, and give back the run under way.
		 */
		void stop();

	}

}
