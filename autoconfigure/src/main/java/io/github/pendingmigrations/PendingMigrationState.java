package io.github.pendingmigrations;

/**
 * State of a pending migration. It is always derived from the ledger, the runs and the
 * scripts of this application, and never stored.
 *
 * @since 0.1.0
 */
public enum PendingMigrationState {

	/**
	 * Waits, and cannot be applied yet: see the {@link PendingReason reasons}.
	 */
	PENDING,

	/**
	 * Waits, and can be applied now.
	 */
	READY,

	/**
	 * Is being applied by an active run.
	 */
	RUNNING,

	/**
	 * Took effect, and the ledger says so.
	 */
	APPLIED,

	/**
	 * The last run of it failed and nothing of it took effect.
	 */
	FAILED,

	/**
	 * Some of its statements took effect and some did not.
	 */
	PARTIALLY_APPLIED,

	/**
	 * Was marked as applied by a person, or lies below the baseline: it never ran here.
	 */
	SKIPPED,

	/**
	 * Was applied with another content than the script has now.
	 */
	CHANGED,

	/**
	 * Is in the ledger and not in the code of this instance, which is therefore older.
	 */
	UNKNOWN_HERE;

	/**
	 * Return whether a migration in this state still has to be applied.
	 * @return {@code true} while it waits, runs or has not succeeded
	 */
	public boolean isOutstanding() {
		return switch (this) {
			case PENDING, READY, RUNNING, FAILED, PARTIALLY_APPLIED -> true;
			case APPLIED, SKIPPED, CHANGED, UNKNOWN_HERE -> false;
		};
	}

}
