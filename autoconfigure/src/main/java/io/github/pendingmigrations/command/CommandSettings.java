package io.github.pendingmigrations.command;

import java.util.Set;

import io.github.pendingmigrations.Force;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * What a command is asked for.
 *
 * @param mode the command
 * @param format how the report is written
 * @param acceptedCodes exit codes in whose place the process ends with 0
 * @param sourceRoot the folder, relative to the root of the repository, that becomes the
 * root of the class path
 * @param apply what to apply
 * @since 0.1.0
 */
public record CommandSettings(CommandMode mode, ReportFormat format, Set<Integer> acceptedCodes, String sourceRoot,
		Apply apply) {

	/**
	 * What to apply.
	 *
	 * @param flyway the name of the Flyway bean, or {@code null} if there is only one
	 * @param upTo the version of the last one, or {@code all}, or {@code null} if nobody
	 * said so
	 * @param plan the plan that was reviewed, or {@code null} for whatever waits
	 * @param requestedBy who asks, or {@code null} if nobody said so
	 * @param reason why, or {@code null} if nobody said so
	 * @param force what it overrides
	 * @param requiresApproval versions of which the application says that they require
	 * approval: nothing is applied if one does not exist
	 */
	public record Apply(@Nullable String flyway, @Nullable String upTo, @Nullable String plan,
			@Nullable String requestedBy, @Nullable String reason, Force force,
			Set<MigrationVersion> requiresApproval) {
	}

}
