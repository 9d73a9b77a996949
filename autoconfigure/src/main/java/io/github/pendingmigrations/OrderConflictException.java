package io.github.pendingmigrations;

import java.util.List;
import java.util.stream.Collectors;

import org.flywaydb.core.api.MigrationVersion;

import org.springframework.boot.ExitCodeGenerator;

/**
 * Thrown at start-up when a versioned migration is due that needs a pending one which has
 * not been applied. Nothing was applied.
 *
 * @since 0.1.0
 */
public class OrderConflictException extends RuntimeException implements ExitCodeGenerator {

	private final transient List<Conflict> conflicts;

	public OrderConflictException(List<Conflict> conflicts) {
		super(conflicts.stream()
			.map(Conflict::describe)
			.collect(Collectors.joining("\n  ", "Migrations are due that must wait; nothing was applied:\n  ", "")));
		this.conflicts = List.copyOf(conflicts);
	}

	/**
	 * Return the conflicts.
	 * @return the conflicts, in the order of the versioned migrations
	 */
	public List<Conflict> getConflicts() {
		return this.conflicts;
	}

	/**
	 * Return the exit code of an application that does not start because of this, so that
	 * whoever started it can tell.
	 * @return 14
	 */
	@Override
	public int getExitCode() {
		return 14;
	}

	/**
	 * A versioned migration and the pending one that it waits for.
	 *
	 * @param script the script of the versioned migration
	 * @param version its version
	 * @param pending the pending migration
	 * @param declaration where the dependency is declared
	 * @param applyFirst what to apply, in this order: the pending migration and what it
	 * needs itself
	 */
	public record Conflict(String script, MigrationVersion version, PendingScript pending, String declaration,
			List<PendingScript> applyFirst) {

		/**
		 * Return both migrations and why each is where it is.
		 * @return the text
		 */
		public String describe() {
			return this.script + " is due at start-up because it is a versioned migration, but " + this.declaration
					+ ", and " + this.pending.location()
					+ " has not been applied: it waits for a person because its name says that it is pending.";
		}

		/**
		 * Return the pending migrations to apply first.
		 * @return such as {@code P2, P3}
		 */
		public String applyFirstText() {
			return this.applyFirst.stream()
				.map((script) -> "P" + script.versionText())
				.collect(Collectors.joining(", "));
		}

	}

}
