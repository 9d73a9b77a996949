package io.github.pendingmigrations.rollout;

import java.util.List;

import io.github.pendingmigrations.InstanceRepository;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScripts;
import io.github.pendingmigrations.Rollout;

/**
 * {@link Rollout} by the instances that have registered themselves.
 */
class RolloutGate implements Rollout {

	private final InstanceRepository instances;

	private final PendingScripts scripts;

	private final RolloutSettings settings;

	RolloutGate(InstanceRepository instances, PendingScripts scripts, RolloutSettings settings) {
		this.instances = instances;
		this.scripts = scripts;
		this.settings = settings;
	}

	@Override
	public InstanceView look() {
		return new InstanceView(this.instances.findAll(), Knowledge.of(this.scripts), this.settings);
	}

	/**
	 * Return the migrations of some whose rollout is complete.
	 * @param scripts the migrations
	 * @return those that no instance lacks that is alive
	 */
	List<PendingScript> complete(List<PendingScript> scripts) {
		InstanceView view = look();
		return scripts.stream().filter(view::isComplete).toList();
	}

}
