package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.run.LockSchedule.Rung;

/**
 * One way to execute a migration.
 */
interface Attempt {

	/**
	 * Execute a migration, or as much of it as can be.
	 * @param connection a connection in auto-commit mode
	 * @param work what to execute
	 * @return how it ended
	 * @throws SQLException if a statement of our own fails
	 */
	AttemptResult run(Connection connection, Work work) throws SQLException;

	/**
	 * What to execute.
	 *
	 * @param run the run
	 * @param script the migration
	 * @param body its content
	 * @param last whether the run ends with it
	 * @param rung how long it may wait for locks
	 * @param monitor tells when to stop
	 * @param progress where it is
	 */
	record Work(MigrationRun run, PendingScript script, PendingScript.Body body, boolean last, Rung rung,
			RunMonitor monitor, RunProgress progress) {
	}

}
