package io.github.pendingmigrations.flyway;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.pendingmigrations.InitialMigrationRunner;
import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.AppliedRecord;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.OlderThanDatabaseException;
import io.github.pendingmigrations.OlderThanDatabaseException.Missing;
import io.github.pendingmigrations.OrderConflictException;
import io.github.pendingmigrations.OrderConflictException.Conflict;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingMigration.Application;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PointOfNoReturn;
import io.github.pendingmigrations.flyway.ManagedFlyway.Collaborators;
import io.github.pendingmigrations.flyway.ManagedFlyway.Settings;
import io.github.pendingmigrations.flyway.SchemaHistory.History;
import io.github.pendingmigrations.flyway.SchemaHistory.Row;
import io.github.pendingmigrations.flyway.ScriptReader.VersionedMigration;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.api.output.MigrateResult;
import org.flywaydb.core.api.pattern.ValidatePattern;

/**
 * The safe start-up of one Flyway bean: versioned and repeatable migrations run as ever,
 * pending ones are only registered, unless the database is empty. It never waits for a
 * run that is active elsewhere, and takes no lock if nothing is due.
 */
class SafeStartup {

	private static final Log logger = LogFactory.getLog(SafeStartup.class);

	/** How long after its last sign of life an initialization is continued. */
	private static final Duration CONTINUE_WITHIN = Duration.ofHours(1);

	/** A prefix that no repeatable migration has. */
	private static final String NO_PREFIX = "pending-migrations-not-yet-";

	private final FlywayScripts scripts;

	private final SchemaHistory history;

	private final MigrationLedger ledger;

	private final InitialMigrationRunner runner;

	private final Consumer<List<PendingScript>> migrated;

	private final InitializationCallback callback;

	private final OrderConflicts conflicts;

	private final StartupCheck check;

	private final Settings settings;

	SafeStartup(FlywayScripts scripts, SchemaHistory history, Collaborators collaborators,
			InitializationCallback callback, OrderConflicts conflicts, StartupCheck check, Settings settings) {
		this.scripts = scripts;
		this.history = history;
		this.ledger = collaborators.ledger();
		this.runner = collaborators.initialRunner();
		this.migrated = collaborators.migrated();
		this.callback = callback;
		this.conflicts = conflicts;
		this.check = check;
		this.settings = settings;
	}

	/**
	 * Start up.
	 * @param flyway the Flyway, which has just scanned its locations
	 * @param somethingDue whether it would do anything
	 * @return what Flyway did
	 */
	MigrateResult migrate(SafeFlyway flyway, boolean somethingDue) {
		List<PendingScript> pending = this.scripts.all();
		Optional<Snapshot> before = this.ledger.load();
		before.ifPresent((snapshot) -> {
			requireOwnHistory(flyway, snapshot);
			requireNotOlder(pending, snapshot);
		});
		if (!somethingDue && before.isPresent() && before.get().inUse()) {
			this.check.beforeRegister(unseen(flyway, pending, before));
			register(flyway, pending, before.get());
			return nothingToDo(flyway);
		}
		MigrateResult result = isInUse(flyway, before) ? migrateVersioned(flyway, pending, before)
				: initialize(flyway, wantedAtOnce(flyway, before));
		if (before.isPresent() || this.history.read().exists()) {
			register(flyway, pending, markInUse());
		}
		return result;
	}

	private Snapshot markInUse() {
		Optional<Snapshot> known = this.ledger.load();
		if (known.filter(Snapshot::inUse).isPresent()) {
			return known.get();
		}
		this.ledger.createTables();
		this.ledger.endInitialization();
		return this.ledger.load().orElseThrow(() -> new IllegalStateException("The tables were removed just now"));
	}

	static MigrateResult nothingToDo(SafeFlyway flyway) {
		return new MigrateResult(Flyway.class.getPackage().getImplementationVersion(), null,
				String.join(", ", flyway.getConfiguration().getSchemas()), null);
	}

	private static void requireOwnHistory(SafeFlyway flyway, Snapshot snapshot) {
		String table = flyway.getConfiguration().getTable();
		if (!snapshot.historyTable().equalsIgnoreCase(table)) {
			throw new InvalidPendingMigrationException(List.of(new Problem("pending-migrations.jdbc.table-prefix", 0,
					"the tables of this name belong to the history table '" + snapshot.historyTable() + "', not to '"
							+ table + "'",
					"choose another prefix for this application, or another schema for one of the two.")));
		}
	}

	private void requireNotOlder(List<PendingScript> pending, Snapshot snapshot) {
		if (!this.settings.failIfOlder()) {
			return;
		}
		Set<String> known = pending.stream().map(PendingScript::versionText).collect(Collectors.toSet());
		List<Missing> missing = snapshot.entries()
			.stream()
			.filter((entry) -> !known.contains(entry.version()) && tookEffect(entry))
			.sorted(Comparator.comparing((Entry entry) -> MigrationVersion.fromVersion(entry.version())))
			.map((entry) -> new Missing(entry.version(), entry.description(), entry.firstSeenApplicationVersion()))
			.toList();
		if (!missing.isEmpty()) {
			throw new OlderThanDatabaseException(missing, this.settings.applicationVersion());
		}
	}

	private static boolean tookEffect(Entry entry) {
		Application application = entry.application();
		return application != null && PointOfNoReturn.tookEffect(application.origin());
	}

	/**
	 * Return whether code may be using the database. It is not if it is empty or its
	 * initialization was cut off a moment ago.
	 * @param flyway the Flyway
	 * @param before what the ledger has
	 * @return {@code true} if the database is in use
	 */
	boolean isInUse(SafeFlyway flyway, Optional<Snapshot> before) {
		if (before.filter(Snapshot::inUse).isPresent()) {
			return true;
		}
		if (before.filter((snapshot) -> snapshot.initializingSince() != null).isPresent()) {
			return !canContinue(flyway, before.get());
		}
		// The mark is read after the look at the tables: whoever fills them sets it
		// first.
		return !looksEmpty(flyway) && this.ledger.load().filter((snapshot) -> canContinue(flyway, snapshot)).isEmpty();
	}

	/**
	 * Return the pending migrations that run on a database that is not in use. Those that
	 * are to be held back there run nevertheless if a versioned one needs them, since it
	 * must not overtake them and there is nothing to lose yet.
	 * @param flyway the Flyway
	 * @param before what the ledger has
	 * @return the migrations, in version order
	 */
	List<PendingScript> wantedAtOnce(SafeFlyway flyway, Optional<Snapshot> before) {
		Predicate<PendingScript> wanted = (script) -> isWithinTarget(flyway, script.version());
		if (!this.settings.applyOnEmptyDatabase()) {
			Set<PendingScript> needed = this.conflicts.find(flyway, applied(before))
				.stream()
				.filter((conflict) -> isWithinTarget(flyway, conflict.version()))
				.flatMap((conflict) -> conflict.applyFirst().stream())
				.collect(Collectors.toSet());
			wanted = wanted.and(needed::contains);
		}
		return this.scripts.all().stream().filter(wanted).toList();
	}

	/**
	 * Return whether an initialization is under way, or was cut off a moment ago. If it
	 * was long ago, or if something ran out of order since, then somebody has finished it
	 * by other means, and the database may be in use.
	 */
	private boolean canContinue(SafeFlyway flyway, Snapshot snapshot) {
		Instant since = snapshot.initializingSince();
		if (since == null || snapshot.inUse()) {
			return false;
		}
		List<Row> rows = this.history.read().rows();
		// Read after the history: what others have applied before its rows is in it.
		Optional<Snapshot> current = this.ledger.load();
		Set<MigrationVersion> done = applied(current);
		boolean inOrder = wantedAtOnce(flyway, current).stream()
			.filter((script) -> !done.contains(script.version()))
			.noneMatch((script) -> rows.stream().anyMatch((row) -> row.isAfter(script.version())));
		if (inOrder && Duration.between(since, snapshot.now()).compareTo(CONTINUE_WITHIN) < 0) {
			return true;
		}
		logger
			.warn("The initialization of this database, last seen at " + since + ", was cut off and is not continued: "
					+ (inOrder ? "that was too long ago" : "later migrations have run since")
					+ ". The database counts as in use, and pending migrations wait");
		return false;
	}

	private boolean looksEmpty(SafeFlyway flyway) {
		boolean nothingApplied = flyway.info().getInfoResult().allSchemasEmpty;
		if (!nothingApplied) {
			History applied = this.history.read();
			nothingApplied = applied.exists() && applied.isEmpty();
		}
		return nothingApplied && !this.history.hasOtherTables(this.ledger::ownsTable);
	}

	private MigrateResult initialize(SafeFlyway flyway, List<PendingScript> wanted) {
		logger.info("The database is being initialized: " + (this.settings.applyOnEmptyDatabase()
				? "pending migrations run in version order with the others" : "pending migrations are held back"
						+ (wanted.isEmpty() ? "" : ", except for those that versioned ones need: " + names(wanted))));
		this.callback.activate(wanted, this.ledger, this.runner);
		MigrateResult result;
		try {
			for (PendingScript script : wanted) {
				if (!script.load().inTransaction()) {
					initializeUpTo(flyway, script);
				}
			}
			result = flyway.migratePlain();
		}
		finally {
			this.callback.deactivate();
		}
		History applied = this.history.read();
		if (applied.exists()) {
			this.ledger.createTables();
			Optional<Snapshot> snapshot = this.ledger.load();
			Set<MigrationVersion> done = applied(snapshot);
			wanted.stream()
				.filter((script) -> !done.contains(script.version()) && !applied.includesPending(script.version()))
				.forEach(this.runner::apply);
		}
		return result;
	}

	/**
	 * Return the pending migrations that need not run any more.
	 * @param ledger what the ledger has
	 * @return their versions
	 */
	static Set<MigrationVersion> applied(Optional<Snapshot> ledger) {
		return ledger.map(Snapshot::appliedVersions)
			.orElse(Set.of())
			.stream()
			.map(MigrationVersion::fromVersion)
			.collect(Collectors.toSet());
	}

	/**
	 * Flyway holds a lock in a transaction while it migrates, for which statements that
	 * cannot run in a transaction, such as {@code CREATE INDEX CONCURRENTLY}, would wait
	 * for ever. So they run between two calls, behind the pending ones before them.
	 */
	private void initializeUpTo(SafeFlyway flyway, PendingScript script) {
		SortedMap<MigrationVersion, VersionedMigration> before = new TreeMap<>(this.scripts.versionedMigrations());
		before.keySet().removeIf((version) -> version.compareTo(script.version()) > 0);
		if (before.isEmpty()) {
			return;
		}
		upTo(flyway, before.lastKey()).load().migrate();
		this.callback.takeUpTo(script).forEach(this.runner::apply);
	}

	private static String names(List<PendingScript> scripts) {
		return scripts.stream().map(PendingScript::displayName).collect(Collectors.joining(", "));
	}

	private static boolean isWithinTarget(SafeFlyway flyway, MigrationVersion wanted) {
		MigrationVersion target = flyway.getConfiguration().getTarget();
		if (target == null || target == MigrationVersion.LATEST) {
			return true;
		}
		boolean version = target != MigrationVersion.CURRENT && target != MigrationVersion.NEXT;
		return version && wanted.compareTo(target) <= 0;
	}

	private MigrateResult migrateVersioned(SafeFlyway flyway, List<PendingScript> pending, Optional<Snapshot> before) {
		List<Conflict> found = this.conflicts.find(flyway, applied(before));
		if (!found.isEmpty() && !this.settings.lenientOrder()) {
			throw new OrderConflictException(found);
		}
		this.check.beforeMigrate(flyway, found.isEmpty() ? null : found.get(0).version(),
				unseen(flyway, pending, before));
		return found.isEmpty() ? flyway.migratePlain() : migrateBefore(flyway, found);
	}

	private List<PendingScript> unseen(SafeFlyway flyway, List<PendingScript> pending, Optional<Snapshot> before) {
		Set<String> seen = before.map(Snapshot::entries)
			.orElse(List.of())
			.stream()
			.map(Entry::version)
			.collect(Collectors.toSet());
		List<PendingScript> unseen = pending.stream().filter((script) -> !seen.contains(script.versionText())).toList();
		if (unseen.isEmpty()) {
			return unseen;
		}
		Baseline baseline = Baseline.of(flyway, this.history);
		return unseen.stream().filter((script) -> !baseline.includesPending(script.version())).toList();
	}

	private MigrateResult migrateBefore(SafeFlyway flyway, List<Conflict> found) {
		MigrationVersion first = found.get(0).version();
		List<String> waiting = this.scripts.outstandingVersioned()
			.stream()
			.filter((version) -> version.compareTo(first) >= 0)
			.map((version) -> configuration(flyway).getSqlMigrationPrefix() + version)
			.collect(Collectors.toCollection(ArrayList::new));
		List<String> repeatable = Arrays.stream(flyway.info().pending())
			.filter((info) -> info.getVersion() == null)
			.map((info) -> configuration(flyway).getRepeatableSqlMigrationPrefix() + " " + info.getDescription())
			.toList();
		waiting.addAll(repeatable);
		found.forEach((conflict) -> logger.warn(conflict.describe() + " Apply " + conflict.applyFirstText()
				+ " and restart; until then these wait: " + String.join(", ", waiting)));
		SortedMap<MigrationVersion, VersionedMigration> runnable = this.scripts.versionedMigrations().headMap(first);
		return runnable.isEmpty() ? nothingToDo(flyway) : upTo(flyway, runnable.lastKey()).load().migrate();
	}

	private static Configuration configuration(SafeFlyway flyway) {
		return flyway.getConfiguration();
	}

	/**
	 * Flyway would run repeatable migrations behind any target, and they may need what
	 * waits. Those that it does not find then are not missing.
	 */
	private static FluentConfiguration upTo(SafeFlyway flyway, MigrationVersion last) {
		Configuration configuration = configuration(flyway);
		return Flyway.configure(configuration.getClassLoader())
			.configuration(configuration)
			.target(last)
			.repeatableSqlMigrationPrefix(NO_PREFIX)
			.javaMigrations(Arrays.stream(configuration.getJavaMigrations())
				.filter((migration) -> migration.getVersion() != null)
				.toArray(JavaMigration[]::new))
			.ignoreMigrationPatterns(Stream
				.concat(Arrays.stream(configuration.getIgnoreMigrationPatterns()),
						Stream.of(ValidatePattern.fromPattern("repeatable:missing")))
				.toArray(ValidatePattern[]::new));
	}

	private void register(SafeFlyway flyway, List<PendingScript> pending, Snapshot snapshot) {
		Map<String, Entry> entries = snapshot.entries()
			.stream()
			.collect(Collectors.toMap(Entry::version, Function.identity()));
		List<PendingScript> unseen = pending.stream()
			.filter((script) -> !entries.containsKey(script.versionText()))
			.toList();
		List<String> registered = List.of();
		if (!unseen.isEmpty()) {
			// This tells the author at the first start, not the operator at night. Those
			// in
			// Java may be beans that wait for Flyway.
			unseen.stream().filter((script) -> script.type() == PendingMigrationType.SQL).forEach(PendingScript::load);
			registered = this.ledger.register(unseen, this.settings.applicationVersion());
			skipWhatBaselineIncludes(flyway, unseen);
		}
		Set<String> own = Set.copyOf(registered);
		this.migrated.accept(unseen.stream().filter((script) -> own.contains(script.versionText())).toList());
		// Others count with this instance from here on, and not before: what was applied
		// until now was applied without it.
		boolean readAgain = !unseen.isEmpty() || this.settings.failIfOlder();
		Snapshot current = readAgain ? this.ledger.load().orElse(snapshot) : snapshot;
		requireNotOlder(pending, current);
		StartupReport.log(pending, current);
	}

	private void skipWhatBaselineIncludes(SafeFlyway flyway, List<PendingScript> unseen) {
		History applied = this.history.read();
		List<PendingScript> included = unseen.stream()
			.filter((script) -> applied.includesPending(script.version()))
			.toList();
		if (included.isEmpty()) {
			return;
		}
		try (Connection connection = flyway.getConfiguration().getDataSource().getConnection()) {
			for (PendingScript script : included) {
				this.ledger.recordApplied(connection, AppliedRecord.belowBaseline(script));
			}
			if (!connection.getAutoCommit()) {
				connection.commit();
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The ledger cannot be written: " + ex.getMessage(), ex);
		}
	}

}
