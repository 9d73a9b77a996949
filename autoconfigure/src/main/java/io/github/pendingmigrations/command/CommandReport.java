package io.github.pendingmigrations.command;

import java.util.ArrayList;
import java.util.List;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.OrderConflictException.Conflict;
import org.jspecify.annotations.Nullable;

/**
 * What a command found and did.
 *
 * @param mode the command
 * @param exitCode how it ends
 * @param message what that means, one or two sentences
 * @param flywayBeans what is known about each Flyway bean, empty if it could not be found
 * out
 * @param trouble why it could not do what it was asked for, or {@code null}
 */
record CommandReport(CommandMode mode, ExitCode exitCode, String message, List<FlywayReport> flywayBeans,
		@Nullable Trouble trouble) {

	/**
	 * Return everything that was checked, each once.
	 * @return what was found
	 */
	List<CheckedMigration> checked() {
		List<CheckedMigration> checked = new ArrayList<>();
		for (FlywayReport bean : this.flywayBeans) {
			checked.addAll(bean.checks().due());
			checked.addAll(bean.checks().waiting());
		}
		return (checked.isEmpty() && this.trouble != null) ? this.trouble.refused() : checked;
	}

	/**
	 * Return the versioned migrations that must wait for a pending one.
	 * @return the conflicts
	 */
	List<Conflict> conflicts() {
		List<Conflict> conflicts = new ArrayList<>();
		this.flywayBeans.forEach((bean) -> conflicts.addAll(bean.checks().conflicts()));
		return (conflicts.isEmpty() && this.trouble != null) ? this.trouble.conflicts() : conflicts;
	}

	/**
	 * Return the runs that failed.
	 * @return the runs
	 */
	List<MigrationRun> failedRuns() {
		List<MigrationRun> failed = new ArrayList<>();
		for (FlywayReport bean : this.flywayBeans) {
			MigrationRun run = bean.run();
			if (run != null && run.failure() != null) {
				failed.add(run);
			}
		}
		return failed;
	}

}
