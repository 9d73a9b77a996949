package io.github.pendingmigrations;

import java.time.Instant;
import java.util.UUID;

/**
 * Something that happened to a {@link MigrationRun}. Events are only ever appended.
 *
 * @param runId the run
 * @param sequence the number of the event within the run, counted from 1
 * @param at when, by the clock of the database
 * @param type the type
 * @param detail what happened, for people
 * @since 0.1.0
 */
public record MigrationRunEvent(UUID runId, int sequence, Instant at, Type type, String detail) {

	/**
	 * Type of event.
	 */
	public enum Type {

		/** The status changed. */
		TRANSITION,

		/** An attempt failed and is repeated. */
		ATTEMPT,

		/** A statement took effect. */
		STATEMENT,

		/** Somebody stands in the way. */
		BLOCKERS,

		/** A gate said no, or was overridden. */
		GATE,

		/** Anything else worth knowing. */
		NOTE

	}

}
