package io.github.pendingmigrations.autoconfigure;

import io.github.pendingmigrations.WrongDataSourceException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@link AbstractFailureAnalyzer} for {@link WrongDataSourceException}.
 */
class WrongDataSourceFailureAnalyzer extends AbstractFailureAnalyzer<WrongDataSourceException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, WrongDataSourceException cause) {
		return new FailureAnalysis(cause.getMessage() + ".", "Let '" + cause.getDataSource()
				+ "' connect to the primary of the same database (host, port and name) as the data source of Flyway, "
				+ "with a user who may change its tables. Or remove @PendingMigrationsDataSource from it.", cause);
	}

}
