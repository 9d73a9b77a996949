package io.github.pendingmigrations;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Why a migration cannot be applied yet.
 *
 * @param code the kind of obstacle
 * @param message the obstacle and what to do about it, for people
 * @param by the versions that stand in the way, prefixed by their kind ({@code P3},
 * {@code V4}) in the message only, or the ids of the instances that do; empty if none
 * does
 * @param until when the obstacle goes away by itself, or {@code null} if it does not
 * @since 0.1.0
 */
public record PendingReason(Code code, String message, List<String> by, @Nullable Instant until) {

	/**
	 * Kind of obstacle.
	 */
	public enum Code {

		/** Its delay has not passed. */
		DELAYED,

		/** Another migration comes first. */
		BLOCKED,

		/**
		 * An instance that does not know it is still alive, or was a moment ago; or no
		 * instance is registered as alive, so that nobody can tell.
		 */
		ROLLOUT_INCOMPLETE,

		/** The current time lies outside its window. */
		OUT_OF_WINDOW,

		/** Statements that already took effect were changed in the script. */
		EXECUTED_PART_CHANGED,

		/**
		 * The outcome of a statement is not known. Only a request that names the
		 * migration, or a retry of the run that stopped there, executes it again.
		 */
		IN_DOUBT

	}

	/**
	 * Return whether a run waits for this obstacle to go away. One that does not is a
	 * reason to refuse a request.
	 * @return {@code true} if a request is accepted nevertheless
	 */
	public boolean isAwaited() {
		return this.code == Code.OUT_OF_WINDOW;
	}

	/**
	 * Return whether a request that overrides something is accepted in spite of this
	 * obstacle.
	 * @param force what the request overrides
	 * @return {@code true} if it does not count
	 */
	public boolean isOverriddenBy(Force force) {
		return force == Force.ROLLOUT && this.code == Code.ROLLOUT_INCOMPLETE;
	}

	/**
	 * Return whether a run that was accepted waits for this obstacle to go away, if it
	 * comes up meanwhile. One that does not ends the run.
	 * @return {@code true} if the run is held
	 */
	public boolean isHeldFor() {
		return isAwaited() || this.code == Code.ROLLOUT_INCOMPLETE;
	}

	/**
	 * Create a reason that names the versions in the way.
	 * @param message the text for people
	 * @param by the versions in the way
	 * @return the reason
	 */
	public static PendingReason blocked(String message, List<String> by) {
		return new PendingReason(Code.BLOCKED, message, by, null);
	}

}
