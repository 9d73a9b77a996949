package io.github.pendingmigrations;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import io.github.pendingmigrations.PendingMigration.Application;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigration.Origin;
import org.jspecify.annotations.Nullable;

/**
 * What the database knows about pending migrations. Times are those of the database's
 * clock. Methods that take a connection take part in its transaction.
 *
 * @since 0.1.0
 */
public interface MigrationLedger {

	/**
	 * Create the tables of this library, or bring them up to date, unless they are. Safe
	 * while other instances do the same. Must not be called before Flyway has created its
	 * history table, because Flyway refuses a schema that holds only ours.
	 */
	void createTables();

	/**
	 * Create the tables on a connection and in its transaction, if there is one.
	 * @param connection the connection
	 * @throws SQLException if that fails
	 */
	void createTables(Connection connection) throws SQLException;

	/**
	 * Return whether a table belongs to this library.
	 * @param name the name of a table in the schema of the ledger
	 * @return {@code true} if it does
	 */
	boolean ownsTable(String name);

	/**
	 * Read everything.
	 * @return the content, or empty if the tables do not exist
	 */
	Optional<Snapshot> load();

	/**
	 * Register scripts that the ledger does not have yet. Those that it has stay as they
	 * are, also if another instance registers them at the same time.
	 * @param scripts the scripts
	 * @param applicationVersion the version of this application, or {@code null} if
	 * unknown
	 * @return the versions that this call registered
	 */
	List<String> register(Collection<PendingScript> scripts, @Nullable String applicationVersion);

	/**
	 * Record that no instance is alive any more that does not know some migrations. Those
	 * of which that is recorded stay as they are.
	 * @param versions the migrations
	 * @return the versions of which this call recorded it
	 */
	List<String> recordRolledOut(Collection<String> versions);

	/**
	 * Remember that an empty database is being initialized, unless an initialization has
	 * ended before: then the database is in use, for ever.
	 * @param connection the connection
	 * @return {@code false} if the database is in use
	 * @throws SQLException if that fails
	 */
	boolean beginInitialization(Connection connection) throws SQLException;

	/**
	 * Return whether the initialization has ended.
	 * @param connection the connection
	 * @return {@code true} if the database is in use
	 * @throws SQLException if it cannot be read
	 */
	boolean isInUse(Connection connection) throws SQLException;

	/**
	 * Remember that the database is in use from now on.
	 */
	void endInitialization();

	/**
	 * Read one entry and keep it locked until the transaction of the connection ends,
	 * where the database can do that.
	 * @param connection the connection
	 * @param version the version
	 * @return the entry, or empty if the ledger has none
	 * @throws SQLException if that fails
	 */
	Optional<Entry> lock(Connection connection, String version) throws SQLException;

	/**
	 * Record that a migration needs not run any more. Inserts the entry if there is none.
	 * @param connection the connection
	 * @param record the record
	 * @return {@code false} if it was recorded before, in which case nothing is changed
	 * @throws SQLException if that fails
	 */
	boolean recordApplied(Connection connection, AppliedRecord record) throws SQLException;

	/**
	 * Record how far the statements of a migration got. Inserts the entry if there is
	 * none.
	 * @param connection the connection
	 * @param script the migration
	 * @param checkpoint the checkpoint
	 * @throws SQLException if that fails
	 */
	void saveCheckpoint(Connection connection, PendingScript script, Checkpoint checkpoint) throws SQLException;

	/**
	 * Record which run is about to apply a migration.
	 * @param version the version
	 * @param runId the run
	 * @param owner the worker
	 * @return {@code false} if the lease is lost, and nothing was recorded
	 */
	boolean recordAttempt(String version, UUID runId, String owner);

	/**
	 * Everything that the ledger has.
	 *
	 * @param now the time of the database
	 * @param initializingSince when the initialization of an empty database was begun or
	 * continued that is under way or was cut off, or {@code null} if there is none
	 * @param inUse whether the database has ever been in use
	 * @param historyTable the history table of Flyway that the entries belong to
	 * @param entries the entries, in no particular order
	 */
	record Snapshot(Instant now, @Nullable Instant initializingSince, boolean inUse, String historyTable,
			List<Entry> entries) {

		/**
		 * Return the migrations that need not run any more.
		 * @return their versions
		 */
		public Set<String> appliedVersions() {
			return this.entries.stream()
				.filter((entry) -> entry.application() != null)
				.map(Entry::version)
				.collect(Collectors.toSet());
		}

	}

	/**
	 * What the ledger has about one migration.
	 *
	 * @param version the version
	 * @param description the description
	 * @param script the path of the script, or the name of the class
	 * @param type how it is written
	 * @param checksum the checksum when it was registered or applied
	 * @param firstSeenAt when it was registered
	 * @param firstSeenApplicationVersion the version of the application that registered
	 * it
	 * @param rolledOutAt when no instance was alive any more that did not know it, or
	 * {@code null} if that has not happened
	 * @param application how it was applied, or {@code null}
	 * @param checkpoint how far an unfinished execution got, or {@code null}
	 * @param lastRunId the last run that tried to apply it, or {@code null}
	 * @param lastRunFailed whether that run failed at this migration
	 */
	record Entry(String version, String description, String script, PendingMigrationType type, int checksum,
			Instant firstSeenAt, @Nullable String firstSeenApplicationVersion, @Nullable Instant rolledOutAt,
			@Nullable Application application, @Nullable Checkpoint checkpoint, @Nullable UUID lastRunId,
			boolean lastRunFailed) {

		/**
		 * Return whether a script was changed after it had run. That the class file of a
		 * Java migration differs says nothing, because it depends on the compiler.
		 * @param script the script as it is now
		 * @return {@code true} if another content ran than the script has
		 */
		public boolean ranWithOtherContent(PendingScript script) {
			Application applied = this.application;
			boolean ran = applied != null && (applied.origin() == Origin.INITIAL || applied.origin() == Origin.RUN);
			return ran && script.type() == PendingMigrationType.SQL && script.checksum() != this.checksum;
		}

	}

	/**
	 * Record of an application.
	 *
	 * @param script the script
	 * @param by who asked for it
	 * @param origin where the record comes from
	 * @param runId the run, or {@code null}
	 * @param executionTime how long the statements took
	 * @param statements how many statements were executed
	 * @param reason the reason, or {@code null}
	 * @param applicationVersion the version of this application, or {@code null}
	 */
	record AppliedRecord(PendingScript script, String by, Origin origin, @Nullable UUID runId, Duration executionTime,
			int statements, @Nullable String reason, @Nullable String applicationVersion) {

		/**
		 * Create the record of a migration that lies below the baseline of the database.
		 * @param script the script
		 * @return the record
		 */
		public static AppliedRecord belowBaseline(PendingScript script) {
			return new AppliedRecord(script, "start-up", Origin.BASELINE, null, Duration.ZERO, 0,
					"lies below the baseline of the database", null);
		}

	}

}
