package io.github.pendingmigrations.command;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * How a command ends. The numbers are documented and do not change.
 *
 * @since 0.1.0
 */
public enum ExitCode {

	/** The command has done what it was asked for, and nothing of that is left. */
	DONE(0),

	/** Something went wrong. */
	FAILED(1),

	/** A start-up would run something, and may. */
	SAFE_WORK_DUE(10),

	/** Pending migrations are left, and one of them at least can be applied now. */
	PENDING_LEFT(11),

	/** Something is left, and none of it can be applied now. */
	BLOCKED(12),

	/** A migration is refused because of its SQL. */
	UNSAFE(13),

	/**
	 * A migration is due that must wait for a pending one, or a pending one cannot be
	 * used as it is.
	 */
	CONFLICT(14),

	/** The process was asked to end (SIGTERM), and gave its work back. */
	TERMINATED(143);

	private static final List<ExitCode> WORST_FIRST = List.of(TERMINATED, FAILED, CONFLICT, UNSAFE, SAFE_WORK_DUE,
			BLOCKED, PENDING_LEFT, DONE);

	private final int code;

	ExitCode(int code) {
		this.code = code;
	}

	/**
	 * Return the number.
	 * @return the exit code of the process
	 */
	public int code() {
		return this.code;
	}

	/**
	 * Return the one that matters most. What stops a start-up comes first, then what has
	 * to be done first.
	 * @param codes the codes
	 * @return one of them, or {@link #DONE} if there is none
	 */
	static ExitCode worst(Collection<ExitCode> codes) {
		return codes.stream().min(Comparator.comparing(WORST_FIRST::indexOf)).orElse(DONE);
	}

}
