package io.github.pendingmigrations.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.MigrationChecks;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingMigrationsRegistry;

/**
 * Looks at the databases, and says what is left to do there.
 */
final class Inspection {

	private final PendingMigrationsRegistry registry;

	private final boolean lenientOrder;

	Inspection(PendingMigrationsRegistry registry, boolean lenientOrder) {
		this.registry = registry;
		this.lenientOrder = lenientOrder;
	}

	List<FlywayReport> inspect() {
		Map<String, MigrationChecks> checks = this.registry.checksByFlywayBean();
		List<FlywayReport> reports = new ArrayList<>();
		this.registry.byFlywayBean().forEach((name, service) -> {
			MigrationChecks of = checks.get(name);
			if (of != null) {
				reports.add(inspect(service, of));
			}
		});
		return reports;
	}

	private static FlywayReport inspect(PendingMigrations service, MigrationChecks checks) {
		return new FlywayReport(service.flywayBean(), service.overview(), checks.check(), checks.startup(), List.of(),
				null);
	}

	ExitCode exitCode(List<FlywayReport> reports) {
		return ExitCode.worst(reports.stream().map(this::exitCode).toList());
	}

	private ExitCode exitCode(FlywayReport report) {
		MigrationChecks.Report checks = report.checks();
		if (report.isVersionedHeld() && !this.lenientOrder) {
			return ExitCode.CONFLICT;
		}
		boolean refused = !checks.refused().isEmpty()
				|| checks.waiting().stream().anyMatch(CheckedMigration::isRefused);
		if (checks.inUse() && refused) {
			return ExitCode.UNSAFE;
		}
		if (!report.startup().isEmpty()) {
			return ExitCode.SAFE_WORK_DUE;
		}
		if (report.isVersionedHeld()) {
			return ExitCode.BLOCKED;
		}
		List<PendingMigration> outstanding = report.overview().outstanding();
		if (outstanding.isEmpty()) {
			return ExitCode.DONE;
		}
		return outstanding.stream().anyMatch(Inspection::canBeApplied) ? ExitCode.PENDING_LEFT : ExitCode.BLOCKED;
	}

	private static boolean canBeApplied(PendingMigration migration) {
		return migration.state() == PendingMigrationState.RUNNING || migration.reasons().isEmpty();
	}

}
