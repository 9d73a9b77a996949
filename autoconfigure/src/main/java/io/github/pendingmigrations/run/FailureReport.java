package io.github.pendingmigrations.run;

import java.sql.SQLException;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingScript;
import org.jspecify.annotations.Nullable;

/**
 * Says what happened to a migration, what of it took effect, and what to do next.
 */
final class FailureReport {

	private FailureReport() {
	}

	static Failure of(DatabaseProduct product, PendingScript script, StatementFailedException exception,
			SqlFailure kind, Effect effect) {
		SQLException sql = exception.sqlException();
		Throwable cause = (sql != null) ? sql : exception.getCause();
		String where = script.location() + ((exception.getLine() > 0) ? ":" + exception.getLine() : "");
		return new Failure(kind.name(), (cause != null) ? cause.getClass().getName() : null,
				(sql != null) ? sql.getSQLState() : null, (sql != null) ? sql.getErrorCode() : null,
				FailureMessage.of(product, cause), script.versionText(), exception.getStatement(), exception.getLine(),
				effect.describe() + " " + advice(kind, where, script));
	}

	static Failure of(DatabaseProduct product, @Nullable String version, String kind, @Nullable Throwable cause,
			String advice) {
		SQLException sql = FailureMessage.sqlException(cause);
		Throwable said = (sql != null) ? sql : cause;
		return new Failure(kind, (said != null) ? said.getClass().getName() : null,
				(sql != null) ? sql.getSQLState() : null, (sql != null) ? sql.getErrorCode() : null,
				FailureMessage.of(product, said), version, 0, 0, advice);
	}

	/**
	 * Say what a person has to decide because the outcome of something is not known.
	 * @param entry the migration
	 * @param checkpoint how far it got
	 * @param happened what happened, as a sentence
	 * @return the failure
	 */
	static Failure inDoubt(Entry entry, Checkpoint checkpoint, String happened) {
		int statement = checkpoint.statementsDone() + 1;
		String version = "P" + entry.version();
		String advice = (entry.type() == PendingMigrationType.JAVA)
				? "It is not known how far " + version + " got: what it committed itself has taken effect. Look at the "
						+ "database. 'retry' starts it again from its beginning."
				: "Whether statement " + statement + " of " + version + " took effect is not known; "
						+ ((statement > 1) ? "those before it did, " : "") + "those behind it did not. Look at the "
						+ "database. 'retry' goes on with that statement: it executes it again, and takes it as done "
						+ "if the database answers that what it removes is gone or what it adds is there.";
		return new Failure("IN_DOUBT", null, null, null, null, entry.version(), statement, 0,
				happened + " " + advice + " 'mark-applied' records all of " + version
						+ " as applied: do by hand what is missing, before. 'skip' "
						+ "records it as left out, and what is missing stays so.");
	}

	/**
	 * Say what a person has to decide because a run lost its worker too often.
	 * @param version the version that it is at, or {@code null}
	 * @param happened what happened, as a sentence
	 * @return the failure
	 */
	static Failure workerLost(@Nullable String version, String happened) {
		return new Failure("WORKER_LOST", null, null, null, null, version, 0, 0, happened
				+ " Nothing is in doubt: what took effect is recorded. Find out what ends the application while it "
				+ "executes this, such as a lack of memory. 'retry' goes on where it stopped; 'mark-applied' records the "
				+ "migration as applied, 'skip' as left out.");
	}

	private static String advice(SqlFailure kind, String where, PendingScript script) {
		String request = "deploy it, list it again and POST its new checksum to 'pendingmigrations/"
				+ script.versionText() + "'";
		if (kind == SqlFailure.HOLD_BUDGET_EXCEEDED && script.directives().repeat() != null) {
			return "A batch of the statement at " + where
					+ " was stopped because it held its locks longer than the hold budget. Make its batches smaller, or "
					+ "see whether it finds its rows by an index, and " + request + ".";
		}
		return switch (kind) {
			case CANCELLED_BY_ADMIN -> "Somebody cancelled the statement at " + where
					+ " in the database, so ask why. When nothing speaks against it any more, use the action 'retry' of "
					+ "this run.";
			case HOLD_BUDGET_EXCEEDED -> "The statement at " + where
					+ " was stopped because it held its locks longer than the hold budget. Split it up, or give it more with "
					+ "'-- pending: hold-budget=30s' when traffic can bear that, and " + request + ".";
			case OUT_OF_SPACE -> "The server had no disk space or memory left for the statement at " + where
					+ ". Give it more, and use the action 'retry' of this run. A statement that copies a table needs as "
					+ "much space again as the table has.";
			case NOT_PERMITTED -> "The user of the database may not do what the statement at " + where
					+ " does. Grant that user what it lacks, or give pending migrations a data source of their own with "
					+ "another one (@PendingMigrationsDataSource), and use the action 'retry' of this run.";
			case LOOKS_APPLIED -> "What the statement at " + where
					+ " removes is gone, or what it adds is there. If somebody has done it by hand, use the action "
					+ "'mark-applied' of this run; otherwise correct the script and " + request + ".";
			default -> "Remove the cause and use the action 'retry' of this run, or correct the script at " + where
					+ " and " + request + ".";
		};
	}

	/**
	 * What of a migration took effect.
	 *
	 * @param reached how far it got
	 * @param statements how many there are
	 * @param transactional whether they ran in one transaction
	 * @param java whether it is written in Java
	 */
	record Effect(Checkpoint reached, int statements, boolean transactional, boolean java) {

		String describe() {
			int done = this.reached.statementsDone();
			if (this.reached.batches() > 0) {
				return this.reached.rows() + " rows in " + this.reached.batches()
						+ " batches took effect and are recorded, and a retry goes on with what is left.";
			}
			if (!this.transactional && this.java) {
				return "What the migration committed itself has taken effect, and a retry starts it from the beginning.";
			}
			if (this.reached.inDoubt()) {
				return "Statement " + (done + 1) + " of " + this.statements
						+ " may have taken effect in part, so look at the database; "
						+ ((done > 0) ? "those before it did, " : "")
						+ "those behind it did not. A retry executes it again.";
			}
			if (this.transactional || done == 0) {
				return "Nothing of the migration took effect.";
			}
			return "Statements 1 to " + done + " of " + this.statements + " took effect and are recorded; " + (done + 1)
					+ " to " + this.statements + " did not, and a retry continues with statement " + (done + 1) + ".";
		}

	}

}
