package io.github.pendingmigrations.autoconfigure;

import java.util.Objects;
import java.util.stream.Collectors;

import io.github.pendingmigrations.OlderThanDatabaseException;
import io.github.pendingmigrations.OlderThanDatabaseException.Missing;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@link AbstractFailureAnalyzer} for {@link OlderThanDatabaseException}.
 */
class OlderThanDatabaseFailureAnalyzer extends AbstractFailureAnalyzer<OlderThanDatabaseException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, OlderThanDatabaseException cause) {
		String releases = cause.getMissing()
			.stream()
			.map(Missing::broughtBy)
			.filter(Objects::nonNull)
			.distinct()
			.collect(Collectors.joining(", "));
		String action = "Deploy a release that has these migrations"
				+ (releases.isEmpty() ? "" : " (they came with application version " + releases + ")")
				+ ": what they removed may be what this one needs. If their files were deleted, restore them: keep the "
				+ "files of applied migrations." + System.lineSeparator()
				+ "Or set 'pending-migrations.rollback=warn' to start nevertheless.";
		return new FailureAnalysis(cause.getMessage() + ".", action, cause);
	}

}
