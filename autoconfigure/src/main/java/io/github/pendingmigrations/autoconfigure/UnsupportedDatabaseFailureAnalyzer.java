package io.github.pendingmigrations.autoconfigure;

import io.github.pendingmigrations.UnsupportedDatabaseException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@link AbstractFailureAnalyzer} for {@link UnsupportedDatabaseException}.
 */
class UnsupportedDatabaseFailureAnalyzer extends AbstractFailureAnalyzer<UnsupportedDatabaseException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, UnsupportedDatabaseException cause) {
		return new FailureAnalysis(cause.getMessage() + ".",
				"Let the user of Flyway's data source create tables in Flyway's schema. If that is not the reason, set "
						+ "'pending-migrations.enabled=false' to use Flyway alone.",
				cause);
	}

}
