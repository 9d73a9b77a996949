package io.github.pendingmigrations.rollout;

import java.util.List;
import java.util.Set;

import io.github.pendingmigrations.ApplicationInstance;
import io.github.pendingmigrations.ApplicationInstance.Known;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.Snapshot;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScripts;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * The migrations in the code of this instance. Reading the same scripts again makes no
 * difference.
 *
 * @param versioned the versioned ones, in order
 * @param pending the pending ones, in version order
 */
record Knowledge(List<MigrationVersion> versioned, List<Known> pending) {

	static Knowledge of(PendingScripts scripts) {
		List<MigrationVersion> versioned = scripts.versioned();
		return new Knowledge(versioned, scripts.all().stream().map((script) -> known(versioned, script)).toList());
	}

	/**
	 * Return the pending migrations that the database has not got.
	 * @param ledger what the database has
	 * @return the outstanding ones
	 */
	List<Known> outstanding(MigrationLedger ledger) {
		Set<String> applied = ledger.load().map(Snapshot::appliedVersions).orElse(Set.of());
		return this.pending.stream().filter((known) -> !applied.contains(known.version())).toList();
	}

	/**
	 * Return whether an instance knows a migration as this one does. The checksum of a
	 * class depends on the compiler, so it is not compared.
	 * @param instance the other instance
	 * @param script the migration
	 * @return {@code true} if it has that content, and has what comes before it
	 */
	boolean isSharedBy(ApplicationInstance instance, PendingScript script) {
		Known mine = known(this.versioned, script);
		return instance.find(script.versionText())
			.filter((theirs) -> script.type() == PendingMigrationType.JAVA || theirs.checksum() == mine.checksum())
			.filter((theirs) -> compare(theirs.versioned(), mine.versioned()) >= 0)
			.isPresent();
	}

	@Nullable String newestVersioned() {
		return this.versioned.isEmpty() ? null : this.versioned.get(this.versioned.size() - 1).getVersion();
	}

	@Nullable String newestPending() {
		return this.pending.isEmpty() ? null : this.pending.get(this.pending.size() - 1).version();
	}

	private static Known known(List<MigrationVersion> versioned, PendingScript script) {
		String newest = null;
		for (MigrationVersion version : versioned) {
			if (version.compareTo(script.version()) <= 0) {
				newest = version.getVersion();
			}
		}
		return new Known(script.versionText(), script.checksum(), newest);
	}

	private static int compare(@Nullable String one, @Nullable String other) {
		return version(one).compareTo(version(other));
	}

	private static MigrationVersion version(@Nullable String text) {
		return (text != null) ? MigrationVersion.fromVersion(text) : MigrationVersion.EMPTY;
	}

}
