package io.github.pendingmigrations.flyway;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.MigrationScript.Kind;
import io.github.pendingmigrations.OrderConflictException.Conflict;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.StartupStep;
import io.github.pendingmigrations.flyway.ManagedFlyway.Settings;
import io.github.pendingmigrations.flyway.SchemaHistory.History;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.pattern.ValidatePattern;
import org.jspecify.annotations.Nullable;

/**
 * Says what {@link SafeStartup} would run, without running it.
 */
class StartupPreview {

	private final FlywayScripts scripts;

	private final SchemaHistory history;

	private final DueScripts due;

	private final Settings settings;

	StartupPreview(FlywayScripts scripts, SchemaHistory history, DueScripts due, Settings settings) {
		this.scripts = scripts;
		this.history = history;
		this.due = due;
		this.settings = settings;
	}

	/**
	 * Validate what has been applied as a start-up does, but without callbacks, which may
	 * change something.
	 * @param flyway the Flyway
	 * @throws org.flywaydb.core.api.exception.FlywayValidateException if a start-up would
	 * fail
	 */
	void requireValid(SafeFlyway flyway) {
		Configuration configuration = flyway.getConfiguration();
		if (configuration.isValidateOnMigrate()) {
			List<ValidatePattern> ignored = new ArrayList<>(List.of(configuration.getIgnoreMigrationPatterns()));
			ignored.add(ValidatePattern.fromPattern("*:pending"));
			Flyway.configure(configuration.getClassLoader())
				.configuration(configuration)
				.callbacks(new Callback[0])
				.skipDefaultCallbacks(true)
				.ignoreMigrationPatterns(ignored.toArray(ValidatePattern[]::new))
				.load()
				.validate();
		}
	}

	/**
	 * Return what runs on a database in use.
	 * @param flyway the Flyway
	 * @param conflicts the versioned migrations that must wait
	 * @return the migrations, in the order in which they run
	 */
	List<StartupStep> inUse(SafeFlyway flyway, List<Conflict> conflicts) {
		if (conflicts.isEmpty()) {
			return pending(flyway).stream().map(this::step).toList();
		}
		MigrationVersion first = conflicts.get(0).version();
		if (!this.settings.lenientOrder() || this.scripts.versionedMigrations().headMap(first).isEmpty()) {
			return List.of();
		}
		return pending(flyway).stream()
			.filter((info) -> info.getVersion() != null && info.getVersion().compareTo(first) < 0)
			.map(this::step)
			.toList();
	}

	/**
	 * Return what runs on an empty database.
	 * @param flyway the Flyway
	 * @param wanted the pending migrations that run there
	 * @param snapshot what the ledger has, if an initialization was cut off
	 * @return the migrations, in the order in which they run
	 */
	List<StartupStep> initialization(SafeFlyway flyway, List<PendingScript> wanted, Optional<Snapshot> snapshot) {
		Set<MigrationVersion> applied = SafeStartup.applied(snapshot);
		History known = this.history.read();
		Deque<PendingScript> remaining = new ArrayDeque<>(wanted.stream()
			.filter((script) -> !applied.contains(script.version()) && !known.includesPending(script.version()))
			.toList());
		List<StartupStep> steps = new ArrayList<>();
		for (MigrationInfo info : pending(flyway)) {
			MigrationVersion version = info.getVersion();
			if (info.getType().isBaseline()) {
				remaining.removeIf((script) -> script.version().compareTo(version) <= 0);
			}
			while (comesBefore(remaining.peek(), version)) {
				steps.add(step(remaining.remove()));
			}
			steps.add(step(info));
		}
		remaining.forEach((script) -> steps.add(step(script)));
		return steps;
	}

	private List<MigrationInfo> pending(SafeFlyway flyway) {
		List<MigrationInfo> pending = List.of(flyway.info().pending());
		Baseline baseline = Baseline.of(flyway, this.history);
		return pending.stream().filter((info) -> !baseline.hides(info.getVersion())).toList();
	}

	private static boolean comesBefore(@Nullable PendingScript script, @Nullable MigrationVersion next) {
		return script != null && (next == null || script.version().compareTo(next) < 0);
	}

	private StartupStep step(MigrationInfo info) {
		MigrationVersion version = info.getVersion();
		return new StartupStep((version != null) ? Kind.VERSIONED : Kind.REPEATABLE,
				(version != null) ? version.getVersion() : null, info.getDescription(), this.due.locationOf(info));
	}

	private static StartupStep step(PendingScript script) {
		return new StartupStep(Kind.PENDING, script.versionText(), script.description(), script.location());
	}

}
