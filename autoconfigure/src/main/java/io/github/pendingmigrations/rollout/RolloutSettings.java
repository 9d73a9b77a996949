package io.github.pendingmigrations.rollout;

import java.time.Duration;
import java.util.Set;

import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Settings of the rollout gate.
 *
 * @param instanceId the id of this instance
 * @param applicationVersion the version of the application, or {@code null} if unknown
 * @param serving whether this process is an instance itself, and not one that executes a
 * command and ends
 * @param gate whether a migration has to wait for the end of its rollout
 * @param soak how long it has to wait after the last instance was seen that does not know
 * it
 * @param instanceTimeout after what silence an instance counts as gone
 * @param automatic whether migrations are applied by themselves
 * @param requireApproval those that are not, although others are: none is if one of them
 * does not exist
 * @since 0.1.0
 */
public record RolloutSettings(String instanceId, @Nullable String applicationVersion, boolean serving, boolean gate,
		Duration soak, Duration instanceTimeout, boolean automatic, Set<MigrationVersion> requireApproval) {

	/** Three heartbeats may be lost before an instance counts as gone. */
	private static final int HEARTBEATS_PER_TIMEOUT = 4;

	/** Traces of an instance outlast its soak by this time, for people who look. */
	private static final Duration KEPT_BEYOND_SOAK = Duration.ofHours(1);

	public RolloutSettings {
		Assert.isTrue(!soak.isNegative(), "'soak' must not be negative");
		Assert.isTrue(instanceTimeout.toMillis() >= HEARTBEATS_PER_TIMEOUT, "'instanceTimeout' is too short");
	}

	Duration heartbeat() {
		return this.instanceTimeout.dividedBy(HEARTBEATS_PER_TIMEOUT);
	}

	Duration retention() {
		return this.soak.plus(KEPT_BEYOND_SOAK);
	}

}
