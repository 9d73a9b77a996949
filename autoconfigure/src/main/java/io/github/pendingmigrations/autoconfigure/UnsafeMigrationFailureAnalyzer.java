package io.github.pendingmigrations.autoconfigure;

import java.util.stream.Collectors;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.UnsafeMigrationException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@link AbstractFailureAnalyzer} for {@link UnsafeMigrationException}.
 */
class UnsafeMigrationFailureAnalyzer extends AbstractFailureAnalyzer<UnsafeMigrationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnsafeMigrationException cause) {
		String newLine = System.lineSeparator();
		String description = cause.getRefused()
			.stream()
			.map(CheckedMigration::describe)
			.collect(Collectors.joining(newLine + newLine,
					"Migrations must not run as they are on a database in use; nothing was applied:" + newLine
							+ newLine,
					""));
		String action = "Correct the scripts as their steps say. Where one is safe after all, allow it with the comment."
				+ newLine
				+ "For a whole project: 'pending-migrations.check.start-after=<version>' leaves out old versions, "
				+ "'pending-migrations.check.policy.<class>=warn' or 'pending-migrations.check.rules.<rule>=off' "
				+ "judge otherwise.";
		return new FailureAnalysis(description, action, cause);
	}

}
