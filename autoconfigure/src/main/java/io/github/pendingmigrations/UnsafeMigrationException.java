package io.github.pendingmigrations;

import java.util.List;
import java.util.stream.Collectors;

import org.springframework.boot.ExitCodeGenerator;

/**
 * Thrown at start-up when a migration is due that must not run on a database in use, or a
 * new pending one that could not run as it is. Nothing was applied.
 *
 * @since 0.1.0
 */
public class UnsafeMigrationException extends RuntimeException implements ExitCodeGenerator {

	private final transient List<CheckedMigration> refused;

	public UnsafeMigrationException(List<CheckedMigration> refused) {
		super(refused.stream()
			.map(CheckedMigration::describe)
			.collect(Collectors.joining(System.lineSeparator(),
					"Migrations must not run as they are; nothing was applied:" + System.lineSeparator(), "")));
		this.refused = List.copyOf(refused);
	}

	/**
	 * Return what was refused.
	 * @return the migrations, in the order in which they would have run
	 */
	public List<CheckedMigration> getRefused() {
		return this.refused;
	}

	/**
	 * Return the exit code of an application that does not start because of this, so that
	 * whoever started it can tell.
	 * @return 13
	 */
	@Override
	public int getExitCode() {
		return 13;
	}

}
