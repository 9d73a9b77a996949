package io.github.pendingmigrations.run;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigration.Application;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.PendingReason.Code;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.Rollout;
import io.github.pendingmigrations.ScriptDirectives;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Derives the state of each pending migration from the scripts, the ledger and the active
 * run. Reads nothing and changes nothing.
 */
class MigrationPlanner {

	private final Map<MigrationVersion, PendingScript> scripts = new TreeMap<>();

	private final Map<MigrationVersion, Entry> entries = new HashMap<>();

	private final List<MigrationVersion> outstandingVersioned;

	private final Optional<MigrationRun> activeRun;

	private final Rollout.View rollout;

	private final Set<MigrationVersion> requiresApproval;

	private final Instant now;

	/**
	 * Create a planner.
	 * @param scripts the pending migrations in this application
	 * @param ledger what the database knows
	 * @param outstandingVersioned the versioned migrations that have not run yet
	 * @param activeRun the run that occupies the database
	 * @param rollout the instances of the application
	 * @param requiresApproval those that only a person may request, besides those whose
	 * script says so
	 */
	MigrationPlanner(Collection<PendingScript> scripts, Snapshot ledger, List<MigrationVersion> outstandingVersioned,
			Optional<MigrationRun> activeRun, Rollout.View rollout, Set<MigrationVersion> requiresApproval) {
		scripts.forEach((script) -> this.scripts.put(script.version(), script));
		ledger.entries().forEach((entry) -> this.entries.put(MigrationVersion.fromVersion(entry.version()), entry));
		this.outstandingVersioned = outstandingVersioned;
		this.activeRun = activeRun;
		this.rollout = rollout;
		this.requiresApproval = requiresApproval;
		this.now = ledger.now();
	}

	/**
	 * Return every migration that the application or the database knows.
	 * @return the migrations in version order
	 */
	List<PendingMigration> migrations() {
		Set<MigrationVersion> versions = new TreeSet<>(this.scripts.keySet());
		versions.addAll(this.entries.keySet());
		return versions.stream().map(this::migration).toList();
	}

	/**
	 * Return the hash over the outstanding migrations: their order, names and content.
	 * @return the hash
	 */
	String planHash() {
		List<String> texts = new ArrayList<>();
		for (PendingScript script : this.scripts.values()) {
			if (!isApplied(script.version())) {
				texts.add(script.versionText());
				texts.add(script.description());
				texts.add(script.type().name());
				texts.add(Integer.toString(script.checksum()));
			}
		}
		return StatementHash.of(texts);
	}

	/**
	 * Return whether a migration needs not run any more.
	 * @param version the version
	 * @return {@code true} if the ledger says so
	 */
	boolean isApplied(MigrationVersion version) {
		Entry entry = this.entries.get(version);
		return entry != null && entry.application() != null;
	}

	/**
	 * Return why a migration cannot be applied now.
	 * @param script the migration
	 * @param together the migrations that the same run applies before it
	 * @return the reasons, empty if it can
	 */
	List<PendingReason> reasons(PendingScript script, Set<MigrationVersion> together) {
		List<PendingReason> reasons = new ArrayList<>();
		blockedByVersioned(script).ifPresent(reasons::add);
		requiresMissing(script).ifPresent(reasons::add);
		blockedByPending(script, together).ifPresent(reasons::add);
		this.rollout.obstacle(script, this.now).ifPresent(reasons::add);
		delayed(script).ifPresent(reasons::add);
		outOfWindow(script).ifPresent(reasons::add);
		executedPartChanged(script).ifPresent(reasons::add);
		inDoubt(script).ifPresent(reasons::add);
		return reasons;
	}

	/**
	 * Return whether the outcome of a statement is not known, so that only a person can
	 * decide how it goes on.
	 * @param wanted the migrations to look at
	 * @return {@code true} if one has such a statement
	 */
	boolean hasStatementInDoubt(Collection<PendingScript> wanted) {
		return wanted.stream().map((script) -> this.entries.get(script.version())).anyMatch((entry) -> {
			Checkpoint checkpoint = (entry != null) ? entry.checkpoint() : null;
			return checkpoint != null && checkpoint.inDoubt();
		});
	}

	/**
	 * Return the instances of the application that are alive.
	 * @return the instances in the order of their start
	 */
	List<Rollout.Member> members() {
		List<PendingScript> outstanding = this.scripts.values()
			.stream()
			.filter((script) -> !isApplied(script.version()))
			.toList();
		List<String> unknownHere = this.entries.entrySet()
			.stream()
			.filter((entry) -> !this.scripts.containsKey(entry.getKey()) && !isApplied(entry.getKey()))
			.map((entry) -> entry.getValue().version())
			.toList();
		return this.rollout.members(outstanding, unknownHere);
	}

	private PendingMigration migration(MigrationVersion version) {
		PendingScript script = this.scripts.get(version);
		Entry entry = this.entries.get(version);
		if (script != null) {
			return known(script, entry);
		}
		if (entry == null) {
			throw new IllegalArgumentException("There is no migration P" + version);
		}
		return unknownHere(entry);
	}

	private PendingMigration known(PendingScript script, @Nullable Entry entry) {
		Application application = (entry != null) ? entry.application() : null;
		List<PendingReason> reasons = (application != null) ? List.of() : reasons(script, Set.of());
		PendingMigrationState state = (entry != null && application != null) ? appliedState(script, entry, application)
				: outstandingState(script, entry, reasons);
		return new PendingMigration(script.versionText(), script.description(), script.location(), script.type(),
				script.checksum(), state, reasons, script.directives().reason(),
				application == null && requiresApproval(script), (entry != null) ? entry.firstSeenAt() : null,
				(entry != null) ? entry.firstSeenApplicationVersion() : null,
				(entry != null) ? entry.rolledOutAt() : null, application,
				(entry != null) ? effective(entry.checkpoint()) : null, (entry != null) ? entry.lastRunId() : null);
	}

	private boolean requiresApproval(PendingScript script) {
		return Boolean.TRUE.equals(script.directives().requiresApproval())
				|| this.requiresApproval.contains(script.version());
	}

	private static PendingMigration unknownHere(Entry entry) {
		String message = "This instance is older than the database: it does not have this migration"
				+ ((entry.firstSeenApplicationVersion() != null)
						? ", which application version " + entry.firstSeenApplicationVersion() + " brought" : "")
				+ ". Ask an instance of that version.";
		List<PendingReason> reasons = (entry.application() != null) ? List.of()
				: List.of(PendingReason.blocked(message, List.of()));
		return new PendingMigration(entry.version(), entry.description(), entry.script(), entry.type(),
				entry.checksum(), PendingMigrationState.UNKNOWN_HERE, reasons, null, false, entry.firstSeenAt(),
				entry.firstSeenApplicationVersion(), entry.rolledOutAt(), entry.application(),
				effective(entry.checkpoint()), entry.lastRunId());
	}

	private static PendingMigrationState appliedState(PendingScript script, Entry entry, Application application) {
		return switch (application.origin()) {
			case MANUAL, LEFT_OUT, BASELINE -> PendingMigrationState.SKIPPED;
			case INITIAL, RUN ->
				entry.ranWithOtherContent(script) ? PendingMigrationState.CHANGED : PendingMigrationState.APPLIED;
		};
	}

	private PendingMigrationState outstandingState(PendingScript script, @Nullable Entry entry,
			List<PendingReason> reasons) {
		if (isRunning(script)) {
			return PendingMigrationState.RUNNING;
		}
		if (entry != null && effective(entry.checkpoint()) != null) {
			return PendingMigrationState.PARTIALLY_APPLIED;
		}
		if (entry != null && entry.lastRunFailed()) {
			return PendingMigrationState.FAILED;
		}
		return reasons.isEmpty() ? PendingMigrationState.READY : PendingMigrationState.PENDING;
	}

	/** A checkpoint before the first statement says that nothing has happened. */
	private static @Nullable Checkpoint effective(@Nullable Checkpoint checkpoint) {
		return (checkpoint != null && checkpoint.isPartial()) ? checkpoint : null;
	}

	private boolean isRunning(PendingScript script) {
		return this.activeRun
			.filter((run) -> run.status().isLeased() && script.versionText().equals(run.position().version()))
			.isPresent();
	}

	private Optional<PendingReason> blockedByVersioned(PendingScript script) {
		List<String> first = this.outstandingVersioned.stream()
			.filter((version) -> version.compareTo(script.version()) <= 0)
			.map(MigrationVersion::getVersion)
			.toList();
		return first.isEmpty() ? Optional.empty()
				: Optional.of(PendingReason.blocked(
						names("V", first)
								+ " has not run yet. Versioned migrations run when an instance that has them starts.",
						first));
	}

	private Optional<PendingReason> requiresMissing(PendingScript script) {
		List<MigrationVersion> required = script.directives().requires();
		List<String> missing = (required != null) ? required.stream()
			.filter((version) -> !this.scripts.containsKey(version) && !isApplied(version))
			.map(MigrationVersion::getVersion)
			.toList() : List.of();
		return missing.isEmpty() ? Optional.empty() : Optional.of(PendingReason
			.blocked("It requires " + names("P", missing) + ", which does not exist; correct the directive.", missing));
	}

	private Optional<PendingReason> blockedByPending(PendingScript script, Set<MigrationVersion> together) {
		List<MigrationVersion> required = script.directives().requires();
		List<String> first = this.scripts.keySet()
			.stream()
			.filter((version) -> (required != null) ? required.contains(version)
					: version.compareTo(script.version()) < 0)
			.filter((version) -> !isApplied(version) && !together.contains(version)
					&& !version.equals(script.version()))
			.map(MigrationVersion::getVersion)
			.toList();
		return first.isEmpty() ? Optional.empty() : Optional.of(PendingReason
			.blocked(names("P", first) + ((first.size() == 1) ? " comes" : " come") + " first.", first));
	}

	private static String names(String prefix, List<String> versions) {
		return versions.stream().map((version) -> prefix + version).collect(Collectors.joining(", "));
	}

	private Optional<PendingReason> delayed(PendingScript script) {
		Duration delay = script.directives().delay();
		if (delay == null) {
			return Optional.empty();
		}
		Entry entry = this.entries.get(script.version());
		Instant began = (entry != null) ? this.rollout.delayBegan(entry) : null;
		if (began == null) {
			return Optional.of(new PendingReason(Code.DELAYED,
					"Its delay of " + text(delay)
							+ " begins when its rollout is complete and an instance that has it has started.",
					List.of(), null));
		}
		Instant until = began.plus(delay);
		return this.now.isBefore(until) ? Optional.of(new PendingReason(Code.DELAYED,
				"Its delay of " + text(delay) + " began at " + began.truncatedTo(ChronoUnit.SECONDS) + " and ends at "
						+ until.truncatedTo(ChronoUnit.SECONDS) + ", in " + text(Duration.between(this.now, until))
						+ ".",
				List.of(), until)) : Optional.empty();
	}

	/** The two largest units, as in {@code 6d 23h}. */
	private static String text(Duration duration) {
		long[] amounts = { duration.toDays(), duration.toHoursPart(), duration.toMinutesPart(),
				duration.toSecondsPart() };
		List<String> parts = new ArrayList<>();
		for (int i = 0; i < amounts.length && parts.size() < 2; i++) {
			if (amounts[i] > 0) {
				parts.add(amounts[i] + "dhms".substring(i, i + 1));
			}
			else if (!parts.isEmpty()) {
				break;
			}
		}
		return parts.isEmpty() ? "0s" : String.join(" ", parts);
	}

	private Optional<PendingReason> outOfWindow(PendingScript script) {
		ScriptDirectives.Window window = script.directives().window();
		if (window == null || window.contains(this.now)) {
			return Optional.empty();
		}
		Instant opens = window.opensAfter(this.now);
		return Optional.of(new PendingReason(Code.OUT_OF_WINDOW,
				"It may start only at " + window + ", next at " + opens + ".", List.of(), opens));
	}

	private Optional<PendingReason> executedPartChanged(PendingScript script) {
		Entry entry = this.entries.get(script.version());
		Checkpoint checkpoint = (entry != null) ? entry.checkpoint() : null;
		if (checkpoint == null || checkpoint.statementsDone() == 0 || !(script.load() instanceof SqlBody body)) {
			return Optional.empty();
		}
		int done = checkpoint.statementsDone();
		if (StatementHash.matches(body.statements(), checkpoint)) {
			return Optional.empty();
		}
		return Optional.of(new PendingReason(Code.EXECUTED_PART_CHANGED, "Its first " + done
				+ " statement(s) have taken effect and were changed afterwards. Restore them: only what follows may be "
				+ "corrected.", List.of(), null));
	}

	/** While a statement executes, that is nothing to decide about. */
	private Optional<PendingReason> inDoubt(PendingScript script) {
		Entry entry = this.entries.get(script.version());
		Checkpoint checkpoint = (entry != null) ? entry.checkpoint() : null;
		if (entry == null || checkpoint == null || !checkpoint.inDoubt() || isRunning(script)) {
			return Optional.empty();
		}
		String run = (entry.lastRunId() != null) ? "run " + entry.lastRunId() : null;
		return Optional.of(new PendingReason(Code.IN_DOUBT,
				startedStatement(script, checkpoint) + ((run != null) ? ", which " + run + " was at" : "")
						+ ". Look at the database, and decide: a request that names P" + script.versionText()
						+ " as its last version" + ((run != null) ? ", or the action 'retry' of that run," : "")
						+ " executes it again; one that names a later version, or all, does not." + ((run != null)
								? " The actions 'mark-applied' and 'skip' of that run leave it as it is." : ""),
				List.of(), null));
	}

	private static String startedStatement(PendingScript script, Checkpoint checkpoint) {
		if (!(script.load() instanceof SqlBody body)) {
			return "It is not known how far " + script.location() + " got";
		}
		int done = checkpoint.statementsDone();
		String line = (done < body.size()) ? ":" + body.statements().get(done).line() : "";
		return "It is not known whether its statement " + (done + 1) + " (" + script.location() + line
				+ ") took effect";
	}

}
