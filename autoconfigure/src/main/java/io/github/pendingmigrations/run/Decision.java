package io.github.pendingmigrations.run;

import java.util.List;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingScript;
import org.jspecify.annotations.Nullable;

/**
 * Which migration the one has decided upon who requested a run, so that a statement of it
 * whose outcome is not known is executed again. Who names a later one has not.
 */
final class Decision {

	private Decision() {
	}

	/**
	 * Return whether a run may execute such a statement of a migration.
	 * @param run the run
	 * @param retried the run that it retries, or {@code null}
	 * @param script the migration
	 * @return {@code true} if it is the one that was named, or at which the retried run
	 * stopped
	 */
	static boolean covers(MigrationRun run, @Nullable MigrationRun retried, PendingScript script) {
		List<String> versions = run.versions();
		String decided = (run.parentId() == null) ? versions.get(versions.size() - 1)
				: (retried != null) ? stoppedAt(retried) : null;
		return script.versionText().equals(decided);
	}

	/**
	 * Return the migration at which a run that has ended stopped.
	 * @param run the run
	 * @return the version, or {@code null} if it had begun with none of several
	 */
	static @Nullable String stoppedAt(MigrationRun run) {
		MigrationRun.Failure failure = run.failure();
		String version = (failure != null && failure.version() != null) ? failure.version() : run.position().version();
		return (version != null || run.versions().size() > 1) ? version : run.versions().get(0);
	}

}
