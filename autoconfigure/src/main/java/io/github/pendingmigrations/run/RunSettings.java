package io.github.pendingmigrations.run;

import java.time.Duration;
import java.util.Set;

import io.github.pendingmigrations.MigrationRunRepository.Retention;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the execution.
 *
 * @param instanceId the id of this instance, as the owner of leases
 * @param applicationVersion the version of the application, or {@code null} if unknown
 * @param applicationCommit the commit that it was built from, or {@code null} if unknown
 * @param lease how long a worker may be silent before its run is given up
 * @param heartbeat how often a worker renews its lease and looks for queued runs
 * @param deadline how long a run tries to get its locks
 * @param holdBudget how long a statement may hold its locks, where the database can limit
 * it
 * @param shutdownTimeout how long a statement that executes may go on while the
 * application shuts down
 * @param locks how to get locks
 * @param retention which runs to keep
 * @param requiresApproval versions of migrations that only a person may request, besides
 * those whose script says so
 * @param readOnly whether the database is only looked at
 * @since 0.1.0
 */
public record RunSettings(String instanceId, @Nullable String applicationVersion, @Nullable String applicationCommit,
		Duration lease, Duration heartbeat, Duration deadline, Duration holdBudget, Duration shutdownTimeout,
		Locks locks, Retention retention, Set<MigrationVersion> requiresApproval, boolean readOnly) {

	/**
	 * How to get locks.
	 *
	 * @param profile how hard to try
	 * @param maxLockTimeout the longest wait for a lock, or {@code null} for that of the
	 * profile
	 * @param recordQueries whether to record what those execute who stand in the way
	 */
	public record Locks(ExecutionProfile profile, @Nullable Duration maxLockTimeout, boolean recordQueries) {

		/** Balanced, and nothing of anybody else's queries is recorded. */
		public static final Locks DEFAULT = new Locks(ExecutionProfile.BALANCED, null, false);

	}

}
