package io.github.pendingmigrations.chaos;

import java.util.regex.Pattern;

/**
 * A call to the database that a run makes.
 *
 * @param number its number, counted from 1
 * @param label what it sends
 */
record Step(int number, String label) {

	private static final Pattern SLOW = Pattern
		.compile("(?s).*(sleep\\(0\\.15\\)|algorithm=copy|create index concurrently|type bigint).*");

	/**
	 * Return whether it surely reaches the server. A rollback of nothing does not.
	 * @return {@code false} if a driver may leave it out
	 */
	boolean isSent() {
		return !kind().equals("rollback");
	}

	/**
	 * Return whether it takes so long that it can be met while it is under way.
	 * @return {@code true} for the slow statements of the migrations
	 */
	boolean isSlow() {
		return SLOW.matcher(this.label).matches();
	}

	/**
	 * Return whether it is a statement of a migration.
	 * @return {@code true} if so
	 */
	boolean isOfAMigration() {
		return kind().endsWith("of a migration");
	}

	/**
	 * Return what it is for.
	 * @return the kind of step
	 */
	String kind() {
		if (!this.label.contains("pending_migration")) {
			return switch (this.label.split(" ")[0]) {
				case "commit", "rollback" -> this.label;
				case "alter", "create", "drop" -> "DDL of a migration";
				case "insert", "update" -> "DML of a migration";
				default -> "statement for the session";
			};
		}
		return this.label.contains("set status = 'RUNNING'") ? "claim"
				: this.label.contains("set checkpoint_") ? "checkpoint"
						: this.label.contains("set description") ? "entry of the ledger"
								: this.label.contains("set status =") ? "end of the run"
										: this.label.contains("last_run_id =") ? "start of the migration"
												: this.label.startsWith("select") ? "own query" : "own change";
	}

}
