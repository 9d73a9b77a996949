package io.github.pendingmigrations;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a request is refused. Nothing was changed.
 *
 * @since 0.1.0
 */
public class RequestRefusedException extends RuntimeException {

	private final Code code;

	private final transient List<PendingReason> reasons;

	private final transient @Nullable MigrationRun activeRun;

	public RequestRefusedException(Code code, String message) {
		this(code, message, List.of(), null);
	}

	public RequestRefusedException(Code code, String message, List<PendingReason> reasons,
			@Nullable MigrationRun activeRun) {
		super(message);
		this.code = code;
		this.reasons = List.copyOf(reasons);
		this.activeRun = activeRun;
	}

	/**
	 * Return the kind of refusal.
	 * @return the code
	 */
	public Code getCode() {
		return this.code;
	}

	/**
	 * Return every reason why a migration is not ready.
	 * @return the reasons, empty unless the code is {@link Code#NOT_READY} or
	 * {@link Code#ROLLOUT_INCOMPLETE}
	 */
	public List<PendingReason> getReasons() {
		return this.reasons;
	}

	/**
	 * Return the run that occupies the database.
	 * @return the run, or {@code null} unless the code is {@link Code#RUN_ACTIVE}
	 */
	public @Nullable MigrationRun getActiveRun() {
		return this.activeRun;
	}

	/**
	 * Kind of refusal.
	 */
	public enum Code {

		/** An argument is missing or malformed. */
		BAD_REQUEST,

		/** There is no such migration. */
		UNKNOWN_VERSION,

		/** There is no such run. */
		UNKNOWN_RUN,

		/** The content is not the one that was reviewed. */
		CHECKSUM_MISMATCH,

		/** The list is not the one that was reviewed. */
		PLAN_MISMATCH,

		/** Another run occupies the database. */
		RUN_ACTIVE,

		/** Something stands in the way. */
		NOT_READY,

		/** Nothing but the rollout stands in the way, which is not complete. */
		ROLLOUT_INCOMPLETE,

		/** It has already been applied. */
		ALREADY_APPLIED,

		/** The status of the run does not allow it. */
		ILLEGAL_STATE,

		/** The caller may not do that. */
		FORBIDDEN

	}

}
