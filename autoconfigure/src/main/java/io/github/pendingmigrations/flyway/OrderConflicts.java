package io.github.pendingmigrations.flyway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import io.github.pendingmigrations.MigrationChecker;
import io.github.pendingmigrations.MigrationChecker.Clash;
import io.github.pendingmigrations.MigrationScript;
import io.github.pendingmigrations.OrderConflictException.Conflict;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.flyway.ScriptReader.VersionedMigration;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/**
 * Finds the versioned migrations that are due and must not run yet, because a pending one
 * that they need has not been applied. The edges are those that people declare:
 * {@code requires=P3} in a versioned script, {@code precedes=V5} in a pending one, and
 * the order of pending ones among themselves; and those that the SQL has: what a pending
 * one of a lower version removes or renames.
 */
class OrderConflicts {

	private final FlywayScripts scripts;

	private final SchemaHistory history;

	private final DueScripts due;

	private final MigrationChecker checker;

	OrderConflicts(FlywayScripts scripts, SchemaHistory history, DueScripts due, MigrationChecker checker) {
		this.scripts = scripts;
		this.history = history;
		this.due = due;
		this.checker = checker;
	}

	/**
	 * Find them.
	 * @param flyway the Flyway
	 * @param recorded the versions of the pending migrations that need not run any more
	 * @return the conflicts, in the order of the versioned migrations
	 */
	List<Conflict> find(SafeFlyway flyway, Set<MigrationVersion> recorded) {
		Map<MigrationVersion, PendingScript> known = new TreeMap<>();
		this.scripts.all().forEach((script) -> known.put(script.version(), script));
		if (recorded.containsAll(known.keySet())) {
			return List.of();
		}
		Baseline baseline = Baseline.of(flyway, this.history);
		Set<MigrationVersion> applied = new HashSet<>(recorded);
		this.scripts.all().stream().map(PendingScript::version).filter(baseline::includesPending).forEach(applied::add);
		Map<MigrationVersion, VersionedMigration> due = new LinkedHashMap<>();
		for (MigrationVersion version : this.scripts.outstandingVersioned()) {
			VersionedMigration migration = this.scripts.versionedMigrations().get(version);
			if (migration != null && !baseline.hides(version)) {
				due.put(version, migration);
			}
		}
		List<PendingScript> waiting = known.values()
			.stream()
			.filter((script) -> !applied.contains(script.version()))
			.toList();
		List<Clash> clashes = clashes(waiting, due);
		List<Conflict> conflicts = new ArrayList<>();
		due.forEach((version, migration) -> required(version, migration, known, applied, clashes)
			.forEach((script, declaration) -> conflicts
				.add(new Conflict(migration.location(), version, script, declaration, chain(script, known, applied)))));
		return conflicts;
	}

	private List<Clash> clashes(List<PendingScript> waiting, Map<MigrationVersion, VersionedMigration> due) {
		if (waiting.isEmpty() || this.checker == MigrationChecker.NONE) {
			return List.of();
		}
		MigrationVersion first = waiting.get(0).version();
		List<MigrationScript> later = new ArrayList<>();
		due.forEach((version, migration) -> {
			if (migration.script() != null && first.compareTo(version) < 0) {
				later.add(this.due.versioned(version, migration.script()));
			}
		});
		return later.isEmpty() ? List.of() : this.checker.clashes(
				waiting.stream().map(this.due::pending).flatMap(Optional::stream).toList(), later, this.due.database());
	}

	private Map<PendingScript, String> required(MigrationVersion version, VersionedMigration migration,
			Map<MigrationVersion, PendingScript> known, Set<MigrationVersion> applied, List<Clash> clashes) {
		Map<PendingScript, String> required = new LinkedHashMap<>();
		List<Problem> problems = new ArrayList<>();
		for (MigrationVersion pending : declared(migration, problems)) {
			PendingScript script = known.get(pending);
			String name = this.scripts.prefix() + pending;
			if (script != null && !applied.contains(pending)) {
				required.put(script, migration.location() + " says 'requires=" + name + "'");
			}
			else if (script == null && !applied.contains(pending)) {
				problems.add(new Problem(migration.location(), 1, "requires " + name + ", which does not exist",
						"correct the version, or add the pending migration."));
			}
		}
		if (!problems.isEmpty()) {
			throw new InvalidPendingMigrationException(problems);
		}
		known.values()
			.stream()
			.filter((script) -> script.directives().precedes().contains(version) && !applied.contains(script.version()))
			.forEach((script) -> required.putIfAbsent(script,
					script.location() + " says 'precedes=" + configuration().getSqlMigrationPrefix() + version + "'"));
		clashes.stream()
			.filter((clash) -> version.equals(clash.later().version()))
			.collect(Collectors.groupingBy((clash) -> Objects.requireNonNull(clash.waiting().version()), TreeMap::new,
					Collectors.toList()))
			.forEach((pending, found) -> required.putIfAbsent(Objects.requireNonNull(known.get(pending)),
					describe(found)));
		return required;
	}

	private static String describe(List<Clash> clashes) {
		return clashes.stream().map(Clash::describe).distinct().collect(Collectors.joining(", and "));
	}

	private List<MigrationVersion> declared(VersionedMigration migration, List<Problem> problems) {
		LoadableResource script = migration.script();
		if (script == null) {
			return List.of();
		}
		try {
			return DirectiveParser.parseVersioned(migration.location(), ScriptReader.text(script),
					this.scripts.prefix(), configuration().getSqlMigrationPrefix(), problems);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private Configuration configuration() {
		return this.scripts.context().configuration;
	}

	/**
	 * Return what has to be applied, in this order, before a script and with it.
	 */
	private static List<PendingScript> chain(PendingScript script, Map<MigrationVersion, PendingScript> known,
			Set<MigrationVersion> applied) {
		Set<PendingScript> chain = new LinkedHashSet<>();
		collect(script, known, applied, chain, new LinkedHashSet<>());
		return List.copyOf(chain);
	}

	private static void collect(@Nullable PendingScript script, Map<MigrationVersion, PendingScript> known,
			Set<MigrationVersion> applied, Set<PendingScript> chain, Set<PendingScript> visiting) {
		if (script == null || applied.contains(script.version()) || !visiting.add(script)) {
			return;
		}
		List<MigrationVersion> requires = script.directives().requires();
		Iterable<MigrationVersion> before = (requires != null) ? requires
				: known.keySet().stream().filter((version) -> version.compareTo(script.version()) < 0).toList();
		before.forEach((version) -> collect(known.get(version), known, applied, chain, visiting));
		chain.add(script);
	}

}
