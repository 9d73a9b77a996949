package io.github.pendingmigrations.autoconfigure;

import java.util.stream.Collectors;

import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@link AbstractFailureAnalyzer} for {@link InvalidPendingMigrationException}.
 */
class InvalidPendingMigrationFailureAnalyzer extends AbstractFailureAnalyzer<InvalidPendingMigrationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidPendingMigrationException cause) {
		String description = cause.getProblems()
			.stream()
			.map((problem) -> "    " + problem.describe())
			.collect(Collectors.joining(System.lineSeparator(),
					"Pending migrations cannot be used as they are:" + System.lineSeparator() + System.lineSeparator(),
					""));
		String action = cause.getProblems()
			.stream()
			.map(InvalidPendingMigrationFailureAnalyzer::fix)
			.distinct()
			.collect(Collectors.joining(System.lineSeparator()));
		return new FailureAnalysis(description, action, cause);
	}

	private static String fix(Problem problem) {
		return problem.location() + ": " + problem.fix();
	}

}
