package io.github.pendingmigrations.flyway;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import io.github.pendingmigrations.OrderConflictException;
import io.github.pendingmigrations.OrderConflictException.Conflict;
import io.github.pendingmigrations.PendingScript;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Finds the versioned migrations that are due and must not run yet, because a pending one
 * that they need has not been applied. The edges are those that people declare:
 * {@code requires=P3} in a versioned script, {@code precedes=V5} in a pending one, and
 * the order of pending ones among themselves.
 */
class OrderConflicts {

	private final ScriptReader reader;

	private final String prefix;

	OrderConflicts(ScriptReader reader, String prefix) {
		this.reader = reader;
		this.prefix = prefix;
	}

	/**
	 * Find them.
	 * @param scripts the pending migrations of this application
	 * @param applied the versions of those that need not run any more
	 * @param due the migrations that Flyway is about to run, in their order
	 * @param context where scripts are read from
	 * @return the conflicts, in the order of the versioned migrations
	 */
	List<Conflict> find(List<PendingScript> scripts, Set<MigrationVersion> applied, List<MigrationInfo> due,
			org.flywaydb.core.api.resolver.MigrationResolver.Context context) {
		Map<MigrationVersion, PendingScript> known = new TreeMap<>();
		scripts.forEach((script) -> known.put(script.version(), script));
		List<Conflict> conflicts = new ArrayList<>();
		for (MigrationInfo migration : due) {
			Map<MigrationVersion, String> required = declaredIn(migration, known, applied, context);
			for (PendingScript script : scripts) {
				if (migration.getVersion() != null && script.directives().precedes().contains(migration.getVersion())) {
					required.putIfAbsent(script.version(),
							script.location() + " says 'precedes=V" + migration.getVersion() + "'");
				}
			}
			required.forEach((version, declaration) -> {
				PendingScript script = known.get(version);
				if (script != null && !applied.contains(version)) {
					conflicts.add(new Conflict(migration.getScript(), migration.getVersion(), script, declaration,
							chain(script, known, applied)));
				}
			});
		}
		return conflicts;
	}

	private Map<MigrationVersion, String> declaredIn(MigrationInfo migration,
			Map<MigrationVersion, PendingScript> known, Set<MigrationVersion> applied,
			org.flywaydb.core.api.resolver.MigrationResolver.Context context) {
		String text = this.reader.versionedText(context, migration.getScript());
		Map<MigrationVersion, String> required = new LinkedHashMap<>();
		if (text == null) {
			return required;
		}
		List<Problem> problems = new ArrayList<>();
		for (MigrationVersion version : DirectiveParser.parseVersioned(migration.getScript(), text, this.prefix,
				context.configuration.getSqlMigrationPrefix(), problems)) {
			if (!known.containsKey(version) && !applied.contains(version)) {
				problems.add(new Problem(migration.getScript(), 1,
						"requires " + this.prefix + version + ", which does not exist",
						"correct the version, or add the pending migration."));
			}
			required.put(version, migration.getScript() + " says 'requires=" + this.prefix + version + "'");
		}
		if (!problems.isEmpty()) {
			throw new InvalidPendingMigrationException(problems);
		}
		return required;
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
