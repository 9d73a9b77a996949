package io.github.pendingmigrations.flyway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import io.github.pendingmigrations.MigrationChecker;
import io.github.pendingmigrations.MigrationChecker.Clash;
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

	private final DueScripts due;

	private final MigrationChecker checker;

	OrderConflicts(FlywayScripts scripts, DueScripts due, MigrationChecker checker) {
		this.scripts = scripts;
		this.due = due;
		this.checker = checker;
	}

	/**
	 * Find them.
	 * @param applied the versions of the pending migrations that need not run any more
	 * @return the conflicts, in the order of the versioned migrations
	 */
	List<Conflict> find(Set<MigrationVersion> applied) {
		Map<MigrationVersion, PendingScript> known = new TreeMap<>();
		this.scripts.all().forEach((script) -> known.put(script.version(), script));
		if (applied.containsAll(known.keySet())) {
			return List.of();
		}
		List<Conflict> conflicts = new ArrayList<>();
		for (MigrationVersion version : this.scripts.outstandingVersioned()) {
			VersionedMigration migration = this.scripts.versionedMigrations().get(version);
			if (migration != null) {
				required(version, migration, known, applied)
					.forEach((script, declaration) -> conflicts.add(new Conflict(migration.location(), version, script,
							declaration, chain(script, known, applied))));
			}
		}
		return conflicts;
	}

	private Map<PendingScript, String> required(MigrationVersion version, VersionedMigration migration,
			Map<MigrationVersion, PendingScript> known, Set<MigrationVersion> applied) {
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
		known.values()
			.stream()
			.filter((script) -> script.version().compareTo(version) < 0 && !applied.contains(script.version())
					&& !required.containsKey(script))
			.forEach((script) -> clash(script, version, migration)
				.ifPresent((declaration) -> required.put(script, declaration)));
		return required;
	}

	private Optional<String> clash(PendingScript pending, MigrationVersion version, VersionedMigration migration) {
		LoadableResource resource = migration.script();
		if (resource == null || this.checker == MigrationChecker.NONE) {
			return Optional.empty();
		}
		return this.due.pending(pending)
			.map((waiting) -> this.checker.clashes(waiting, this.due.versioned(version, resource), this.due.database()))
			.filter((clashes) -> !clashes.isEmpty())
			.map((clashes) -> clashes.stream()
				.map((clash) -> describe(clash, migration, pending))
				.distinct()
				.collect(Collectors.joining(", and ")));
	}

	private static String describe(Clash clash, VersionedMigration migration, PendingScript pending) {
		String place = migration.location() + ":" + clash.line();
		String other = pending.location() + ":" + clash.waitingLine();
		return clash.addsAgain()
				? place + " adds " + clash.object() + " again, which " + other
						+ " drops: applied afterwards, that would drop the new one"
				: place + " uses " + clash.object() + ", which " + other + " removes or renames";
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
