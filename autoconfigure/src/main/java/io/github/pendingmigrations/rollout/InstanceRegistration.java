package io.github.pendingmigrations.rollout;

import io.github.pendingmigrations.InstanceRepository;
import io.github.pendingmigrations.InstanceRepository.Registration;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.PendingScripts;
import org.jspecify.annotations.Nullable;

/**
 * The row that says that this instance is alive, and what it knows.
 */
class InstanceRegistration {

	private final InstanceRepository instances;

	private final PendingScripts scripts;

	private final MigrationLedger ledger;

	private final RolloutSettings settings;

	private @Nullable Knowledge recorded;

	InstanceRegistration(InstanceRepository instances, PendingScripts scripts, MigrationLedger ledger,
			RolloutSettings settings) {
		this.instances = instances;
		this.scripts = scripts;
		this.ledger = ledger;
		this.settings = settings;
	}

	/**
	 * Record what this instance knows.
	 */
	void save() {
		Knowledge knowledge = Knowledge.of(this.scripts);
		this.instances.save(new Registration(this.settings.instanceId(), this.settings.applicationVersion(),
				knowledge.newestVersioned(), knowledge.newestPending(), knowledge.outstanding(this.ledger),
				this.settings.instanceTimeout()));
		this.recorded = knowledge;
	}

	/**
	 * Return whether it has been recorded.
	 * @return {@code true} if so
	 */
	boolean isSaved() {
		return this.recorded != null;
	}

	/**
	 * Return whether somebody has migrated the database with this library.
	 * @return {@code true} if the tables exist
	 */
	boolean hasTables() {
		return this.ledger.load().isPresent();
	}

	/**
	 * Record that this instance is alive, and what it knows if that has changed.
	 * @return {@code false} if it had been forgotten, and was recorded anew
	 */
	boolean renew() {
		boolean found = this.instances.heartbeat(this.settings.instanceId(), this.settings.instanceTimeout());
		if (!found || !Knowledge.of(this.scripts).equals(this.recorded)) {
			save();
		}
		return found;
	}

	/**
	 * Record that this instance has ended.
	 */
	void end() {
		if (isSaved()) {
			this.instances.end(this.settings.instanceId());
		}
	}

	/**
	 * Record that another instance is known to have crashed.
	 * @param instanceId the id of that instance
	 */
	void recordGone(String instanceId) {
		this.instances.recordGone(instanceId);
	}

	/**
	 * Remove the traces of instances that ended long ago.
	 */
	void removeOld() {
		this.instances.removeEnded(this.settings.retention());
	}

}
