package io.github.pendingmigrations.flyway;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.MigrationChecker;
import io.github.pendingmigrations.MigrationChecks;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.MigrationScript;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.StartupStep;
import org.flywaydb.core.api.MigrationVersion;

/**
 * {@link MigrationChecks} of one Flyway bean.
 */
class FlywayMigrationChecks implements MigrationChecks {

	private final SafeFlyway flyway;

	private final FlywayScripts scripts;

	private final SchemaHistory history;

	private final MigrationLedger ledger;

	private final DueScripts due;

	private final OrderConflicts conflicts;

	private final MigrationChecker checker;

	private final SafeStartup startup;

	private final StartupPreview preview;

	private final Map<PendingScript, CheckedMigration> checked = new ConcurrentHashMap<>();

	FlywayMigrationChecks(SafeFlyway flyway, FlywayScripts scripts, SchemaHistory history, MigrationLedger ledger,
			DueScripts due, OrderConflicts conflicts, MigrationChecker checker, SafeStartup startup,
			StartupPreview preview) {
		this.flyway = flyway;
		this.scripts = scripts;
		this.history = history;
		this.ledger = ledger;
		this.due = due;
		this.conflicts = conflicts;
		this.checker = checker;
		this.startup = startup;
		this.preview = preview;
	}

	@Override
	public Report check() {
		List<MigrationScript> scripts = this.due.due(this.flyway);
		Optional<Snapshot> snapshot = this.ledger.load();
		Set<MigrationVersion> applied = SafeStartup.applied(snapshot);
		Baseline baseline = Baseline.of(this.flyway, this.history);
		boolean inUse = this.startup.isInUse(this.flyway, snapshot);
		List<MigrationScript> waiting = this.scripts.all()
			.stream()
			.filter((script) -> !applied.contains(script.version()) && !baseline.includesPending(script.version()))
			.map(this.due::pending)
			.flatMap(Optional::stream)
			.toList();
		return new Report(inUse, this.checker.check(scripts, this.due.database()),
				this.checker.check(waiting, this.due.database()),
				inUse ? this.conflicts.find(this.flyway, applied) : List.of());
	}

	@Override
	public List<StartupStep> startup() {
		this.preview.requireValid(this.flyway);
		Optional<Snapshot> snapshot = this.ledger.load();
		return this.startup.isInUse(this.flyway, snapshot)
				? this.preview.inUse(this.flyway, this.conflicts.find(this.flyway, SafeStartup.applied(snapshot)))
				: this.preview.initialization(this.flyway, this.startup.wantedAtOnce(this.flyway, snapshot), snapshot);
	}

	@Override
	public Optional<CheckedMigration> pending(String version) {
		MigrationVersion wanted = ScriptName.parseVersion(version);
		return (wanted != null) ? this.scripts.find(wanted).flatMap(this::pending) : Optional.empty();
	}

	private Optional<CheckedMigration> pending(PendingScript script) {
		CheckedMigration known = this.checked.get(script);
		if (known == null) {
			known = this.due.pending(script)
				.map((read) -> this.checker.check(List.of(read), this.due.database()).get(0))
				.orElse(null);
			if (known != null) {
				this.checked.keySet().removeIf((other) -> other.version().equals(script.version()));
				this.checked.put(script, known);
			}
		}
		return Optional.ofNullable(known);
	}

}
