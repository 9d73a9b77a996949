package io.github.pendingmigrations;

import java.util.EnumSet;
import java.util.Set;

/**
 * Status of a {@link MigrationRun}.
 *
 * @since 0.1.0
 */
public enum MigrationRunStatus {

	/** Accepted, and waits for a worker. */
	QUEUED,

	/** A worker has it. */
	RUNNING,

	/** Waits for its window or for a person, and no worker has it. */
	HELD,

	/** A person asked to cancel it; the worker has not confirmed yet. */
	CANCELLING,

	/** Every migration of it took effect. */
	SUCCEEDED,

	/** It ended with an error. */
	FAILED,

	/** It ended because a person asked for it. */
	CANCELLED,

	/** Its worker disappeared. */
	INTERRUPTED;

	/**
	 * Return whether a run in this status occupies the database: there is at most one.
	 * @return {@code true} if active
	 */
	public boolean isActive() {
		return switch (this) {
			case QUEUED, RUNNING, HELD, CANCELLING -> true;
			case SUCCEEDED, FAILED, CANCELLED, INTERRUPTED -> false;
		};
	}

	/**
	 * Return whether a worker holds the lease of a run in this status.
	 * @return {@code true} if leased
	 */
	public boolean isLeased() {
		return this == RUNNING || this == CANCELLING;
	}

	/**
	 * Return the statuses that may follow this one.
	 * @return the possible successors, empty if this status is final
	 */
	public Set<MigrationRunStatus> successors() {
		return switch (this) {
			case QUEUED -> EnumSet.of(RUNNING, HELD, CANCELLED);
			case RUNNING -> EnumSet.of(HELD, CANCELLING, SUCCEEDED, FAILED, INTERRUPTED);
			case HELD -> EnumSet.of(QUEUED, RUNNING, CANCELLED);
			case CANCELLING -> EnumSet.of(CANCELLED, SUCCEEDED, FAILED, INTERRUPTED);
			case INTERRUPTED -> EnumSet.of(QUEUED);
			case SUCCEEDED, FAILED, CANCELLED -> EnumSet.noneOf(MigrationRunStatus.class);
		};
	}

	/**
	 * Return the statuses that this one may follow.
	 * @return the possible predecessors
	 */
	public Set<MigrationRunStatus> predecessors() {
		Set<MigrationRunStatus> predecessors = EnumSet.noneOf(MigrationRunStatus.class);
		for (MigrationRunStatus candidate : values()) {
			if (candidate.successors().contains(this)) {
				predecessors.add(candidate);
			}
		}
		return predecessors;
	}

}
