package io.github.pendingmigrations;

import java.util.List;

import javax.sql.DataSource;

/**
 * Judges migrations by their SQL. The start-up asks it, before anything is applied, and
 * {@link MigrationChecks}. It may be asked by several threads, and before beans exist
 * that wait for Flyway.
 *
 * @since 0.1.0
 */
public interface MigrationChecker {

	/**
	 * Reads nothing and finds nothing.
	 */
	MigrationChecker NONE = new MigrationChecker() {

		@Override
		public List<CheckedMigration> check(List<MigrationScript> scripts, CheckedDatabase database) {
			return scripts.stream()
				.map((script) -> new CheckedMigration(script, List.of(), List.of(), List.of()))
				.toList();
		}

		@Override
		public List<Clash> clashes(MigrationScript waiting, MigrationScript later, CheckedDatabase database) {
			return List.of();
		}

	};

	/**
	 * Judge scripts. What one of them creates is new to those behind it, since no code
	 * uses it yet; pending ones are judged each by itself.
	 * @param scripts the scripts, in the order in which they run
	 * @param database where they run
	 * @return what was found, one for each script, in the same order
	 */
	List<CheckedMigration> check(List<MigrationScript> scripts, CheckedDatabase database);

	/**
	 * Find what a script uses although a pending one of a lower version, which has not
	 * been applied, removes or renames it.
	 * @param waiting the pending script
	 * @param later the script that would overtake it
	 * @param database where they run
	 * @return what was found, in the order of the later script
	 */
	List<Clash> clashes(MigrationScript waiting, MigrationScript later, CheckedDatabase database);

	/**
	 * Where scripts run.
	 *
	 * @param product the product
	 * @param majorVersion the major version of the server, or 0 if it is not known
	 * @param transactionalLock whether Flyway holds its own lock in an open transaction
	 * while it migrates
	 * @param schema the schema in which scripts run
	 * @param dataSource the database, which may be asked and must not be changed
	 */
	record CheckedDatabase(DatabaseProduct product, int majorVersion, boolean transactionalLock, String schema,
			DataSource dataSource) {
	}

	/**
	 * Something that a script uses although a pending one removes or renames it.
	 *
	 * @param object such as {@code issue.source}
	 * @param waitingLine the line in the pending script
	 * @param line the line in the script that would overtake it
	 * @param addsAgain whether that line adds the object again, so that the pending
	 * script would remove the new one
	 */
	record Clash(String object, int waitingLine, int line, boolean addsAgain) {
	}

}
