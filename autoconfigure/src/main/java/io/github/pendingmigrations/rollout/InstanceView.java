package io.github.pendingmigrations.rollout;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.pendingmigrations.ApplicationInstance;
import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.PendingReason.Code;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.Rollout;
import org.jspecify.annotations.Nullable;

/**
 * The instances at one moment, as this one sees them. It never stands in its own way:
 * what it has in its code is what would be applied.
 */
class InstanceView implements Rollout.View {

	private static final int MAX_NAMES = 3;

	private final List<ApplicationInstance> instances;

	private final Knowledge knowledge;

	private final RolloutSettings settings;

	InstanceView(List<ApplicationInstance> instances, Knowledge knowledge, RolloutSettings settings) {
		this.instances = instances;
		this.knowledge = knowledge;
		this.settings = settings;
	}

	@Override
	public Optional<PendingReason> obstacle(PendingScript script, Instant now) {
		if (!this.settings.gate()) {
			return Optional.empty();
		}
		List<ApplicationInstance> older = this.instances.stream()
			.filter((instance) -> !knows(instance, script))
			.toList();
		List<ApplicationInstance> alive = older.stream().filter(this::mayBeAlive).toList();
		if (!alive.isEmpty()) {
			return Optional.of(incomplete(script, alive));
		}
		return isSomebodyAlive() ? soaking(script, older, now) : Optional.of(unknown());
	}

	/**
	 * An instance that asks is one. Where nobody is, those of the previous release may be
	 * alive that do not use this library yet.
	 */
	private boolean isSomebodyAlive() {
		return this.settings.serving() || this.instances.stream().anyMatch(ApplicationInstance::alive);
	}

	private static PendingReason unknown() {
		return new PendingReason(Code.ROLLOUT_INCOMPLETE,
				"No instance of the application is registered as alive, so it "
						+ "is not known whether a rollout is complete: instances of a release that does not use this library "
						+ "yet are not seen. Start the release that has this migration first. If nobody needs what it removes, "
						+ "use --pending-migrations.command.force=rollout, which is recorded with the run.",
				List.of(), null);
	}

	/**
	 * Return whether no instance is alive that does not know a migration.
	 * @param script the migration
	 * @return {@code true} if its rollout is complete
	 */
	boolean isComplete(PendingScript script) {
		return this.instances.stream().filter(this::mayBeAlive).allMatch((instance) -> knows(instance, script));
	}

	/**
	 * Silence proves nothing if nobody could be heard, because the database was away: so
	 * somebody must have been heard of all the time that another one was silent.
	 */
	private boolean mayBeAlive(ApplicationInstance instance) {
		return instance.alive() || (instance.isSilent() && this.instances.stream()
			.noneMatch((witness) -> witness.alive() && isWitness(witness, instance.lastSeenAt())));
	}

	/**
	 * Return those of which it is known that they crashed.
	 * @return the instances
	 */
	List<ApplicationInstance> gone() {
		return this.instances.stream().filter((instance) -> instance.isSilent() && !mayBeAlive(instance)).toList();
	}

	private boolean isWitness(ApplicationInstance witness, Instant silence) {
		Instant since = witness.aliveSince();
		if (since == null) {
			return false;
		}
		Instant from = since.isAfter(silence) ? since : silence;
		return Duration.between(from, witness.lastSeenAt()).compareTo(this.settings.instanceTimeout()) >= 0;
	}

	private boolean knows(ApplicationInstance instance, PendingScript script) {
		return instance.id().equals(this.settings.instanceId()) || this.knowledge.isSharedBy(instance, script);
	}

	private PendingReason incomplete(PendingScript script, List<ApplicationInstance> alive) {
		boolean one = alive.size() == 1;
		boolean heardOf = alive.stream().anyMatch(ApplicationInstance::alive);
		String message = (one ? "An instance is" : alive.size() + " instances are")
				+ (heardOf ? " alive that " : " not known to be gone that ") + (one ? "does" : "do") + " not know "
				+ script.displayName() + ", or not this content of it: " + names(alive)
				+ ". Finish the rollout; an instance that crashed counts as gone when it has been silent "
				+ "for its instance-timeout and another one has been heard of all that time. If "
				+ (one ? "it does" : "they do") + " not need what this removes, "
				+ (this.settings.serving() ? "request it with \"force\": \"rollout\"."
						: "use --pending-migrations.command.force=rollout.");
		return new PendingReason(Code.ROLLOUT_INCOMPLETE, message, alive.stream().map(ApplicationInstance::id).toList(),
				null);
	}

	private static String names(List<ApplicationInstance> instances) {
		String names = instances.stream()
			.limit(MAX_NAMES)
			.map((instance) -> instance.id() + " (" + version(instance) + "last seen at "
					+ instance.lastSeenAt().truncatedTo(ChronoUnit.SECONDS) + ")")
			.collect(Collectors.joining(", "));
		return (instances.size() > MAX_NAMES) ? names + " and " + (instances.size() - MAX_NAMES) + " more" : names;
	}

	private static String version(ApplicationInstance instance) {
		return (instance.applicationVersion() != null) ? "application version " + instance.applicationVersion() + ", "
				: "";
	}

	private Optional<PendingReason> soaking(PendingScript script, List<ApplicationInstance> gone, Instant now) {
		ApplicationInstance last = gone.stream()
			.max(Comparator.comparing(ApplicationInstance::lastSeenAt))
			.orElse(null);
		Instant until = (last != null) ? last.lastSeenAt().plus(this.settings.soak()) : now;
		return (last != null && now.isBefore(until)) ? Optional.of(new PendingReason(Code.ROLLOUT_INCOMPLETE,
				"The last instance that does not know " + script.displayName() + " has just gone: "
						+ names(List.of(last)) + ". It is waited until " + until.truncatedTo(ChronoUnit.SECONDS)
						+ ", in case it comes back (pending-migrations.rollout.soak).",
				List.of(last.id()), until)) : Optional.empty();
	}

	@Override
	public @Nullable Instant delayBegan(Entry entry) {
		return this.settings.gate() ? entry.rolledOutAt() : entry.firstSeenAt();
	}

	@Override
	public List<Rollout.Member> members(Collection<PendingScript> outstanding, Collection<String> unknownHere) {
		return this.instances.stream()
			.filter(this::mayBeAlive)
			.map((instance) -> new Rollout.Member(instance, lacks(instance, outstanding, unknownHere)))
			.toList();
	}

	private List<String> lacks(ApplicationInstance instance, Collection<PendingScript> outstanding,
			Collection<String> unknownHere) {
		return Stream
			.concat(outstanding.stream().filter((script) -> !knows(instance, script)).map(PendingScript::versionText),
					unknownHere.stream().filter((version) -> instance.find(version).isEmpty()))
			.toList();
	}

}
