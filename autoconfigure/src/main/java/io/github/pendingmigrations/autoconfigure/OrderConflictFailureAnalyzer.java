package io.github.pendingmigrations.autoconfigure;

import java.util.List;
import java.util.stream.Collectors;

import io.github.pendingmigrations.OrderConflictException;
import io.github.pendingmigrations.OrderConflictException.Conflict;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@link AbstractFailureAnalyzer} for {@link OrderConflictException}.
 */
class OrderConflictFailureAnalyzer extends AbstractFailureAnalyzer<OrderConflictException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, OrderConflictException cause) {
		List<Conflict> conflicts = cause.getConflicts();
		String description = conflicts.stream()
			.map((conflict) -> "    " + conflict.describe())
			.collect(
					Collectors.joining(System.lineSeparator(), "Migrations are due that must wait; nothing was applied:"
							+ System.lineSeparator() + System.lineSeparator(), ""));
		String action = conflicts.stream()
			.map((conflict) -> "For " + conflict.script() + ": apply " + conflict.applyFirstText()
					+ " with an instance of the previous release (POST to the actuator endpoint 'pendingmigrations'), "
					+ "and start this one again; if no release has it yet, ship it without this migration first; "
					+ "or move this one into a pending migration of its own if it can wait as well.")
			.distinct()
			.collect(Collectors.joining(System.lineSeparator(), "", System.lineSeparator()
					+ "If only names look alike, write '-- check: allow order-conflict because <reason>' above the statement."
					+ System.lineSeparator()
					+ "Or set 'pending-migrations.order=lenient' to start now, with everything that comes before them."));
		return new FailureAnalysis(description, action, cause);
	}

}
