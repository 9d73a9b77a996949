package io.github.pendingmigrations.run;

import java.time.Duration;

import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRunStatus;
import org.jspecify.annotations.Nullable;

/**
 * How a run ends.
 */
sealed interface RunEnd {

	static RunEnd failed(Failure failure, @Nullable Throwable cause) {
		return new Ended(MigrationRunStatus.FAILED, failure, "P" + failure.version() + " failed: " + failure.kind(),
				cause);
	}

	/** The end was recorded in the transaction of the last migration. */
	record Recorded() implements RunEnd {
	}

	/** Somebody else may have it. */
	record LeaseLost() implements RunEnd {
	}

	/** It waits for a person, as that person has asked for. */
	record Held() implements RunEnd {
	}

	/**
	 * It waits for a while.
	 *
	 * @param reason why, for people
	 * @param duration for how long
	 */
	record HeldUntil(String reason, Duration duration) implements RunEnd {
	}

	/**
	 * It is given back.
	 *
	 * @param detail why, for people
	 */
	record GivenBack(String detail) implements RunEnd {
	}

	/**
	 * It has ended.
	 *
	 * @param status its last status
	 * @param failure why it failed, or {@code null}
	 * @param detail what happened, for people
	 * @param cause the error, for the log, or {@code null}
	 */
	record Ended(MigrationRunStatus status, @Nullable Failure failure, String detail,
			@Nullable Throwable cause) implements RunEnd {
	}

}
