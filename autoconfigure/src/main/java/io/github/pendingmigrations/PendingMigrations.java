package io.github.pendingmigrations;

import org.flywaydb.core.api.MigrationVersion;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Lists the pending migrations of one Flyway bean and applies them. Every method reads or
 * writes the database of that bean; those that change something return at once and leave
 * the work to a background worker.
 *
 * @since 0.1.0
 */
public interface PendingMigrations {

	/**
	 * Return the name of the Flyway bean.
	 * @return the name
	 */
	String flywayBean();

	/**
	 * Return everything that is known: migrations in version order and the active run.
	 * @return the overview
	 */
	Overview overview();

	/**
	 * Return one migration.
	 * @param version the version in any notation that Flyway understands
	 * @return the migration, or empty if there is none
	 */
	Optional<PendingMigration> find(String version);

	/**
	 * Return the statements of a migration as they would be sent to the database.
	 * @param version the version
	 * @return the statements, empty if it is written in Java or not in this application
	 */
	List<Statement> statements(String version);

	/**
	 * Look, without changing anything, at what a migration would meet if it ran now. Asks
	 * the catalog of the database for about two seconds at most.
	 * @param version the version
	 * @return what was found, or empty if the migration has been applied or is not in
	 * this application
	 */
	Optional<Preflight> preflight(String version);

	/**
	 * Request that one migration be applied.
	 * @param version the version
	 * @param checksum the checksum that was reviewed
	 * @param requester who asks and why
	 * @return the queued run
	 * @throws RequestRefusedException if it cannot be applied now
	 */
	default MigrationRun apply(String version, int checksum, Requester requester) {
		return apply(version, checksum, requester, Force.NONE);
	}

	/**
	 * Request that one migration be applied, whatever is overridden.
	 * @param version the version
	 * @param checksum the checksum that was reviewed
	 * @param requester who asks and why
	 * @param force what to override
	 * @return the queued run
	 * @throws RequestRefusedException if it cannot be applied now
	 */
	MigrationRun apply(String version, int checksum, Requester requester, Force force);

	/**
	 * Request that all migrations up to a version be applied, in order, as one run.
	 * @param plan the {@link Overview#plan() plan} that was reviewed
	 * @param version the version of the last one to apply
	 * @param requester who asks and why
	 * @return the queued run
	 * @throws RequestRefusedException if one of them cannot be applied now
	 */
	default MigrationRun applyUpTo(String plan, String version, Requester requester) {
		return applyUpTo(plan, version, requester, Force.NONE);
	}

	/**
	 * Request that all migrations up to a version be applied, in order, as one run,
	 * whatever is overridden. If the outcome of a statement is not known, only a request
	 * whose version is that of its migration executes it again.
	 * @param plan the {@link Overview#plan() plan} that was reviewed
	 * @param version the version of the last one to apply
	 * @param requester who asks and why
	 * @param force what to override
	 * @return the queued run
	 * @throws RequestRefusedException if one of them cannot be applied now
	 */
	MigrationRun applyUpTo(String plan, String version, Requester requester, Force force);

	/**
	 * Ask an active run to stop. One that waits stops at once; a statement that works
	 * goes on to its end unless that is forced. A real outcome beats the request.
	 * @param runId the run
	 * @param requester who asks and why
	 * @param force whether to cancel a statement that works, too; what it had done is
	 * taken back by the database
	 * @return the run
	 * @throws RequestRefusedException if there is no such run or it has ended
	 */
	MigrationRun cancel(UUID runId, Requester requester, boolean force);

	/**
	 * Ask an active run to wait for a person. One that works does so as soon as it can,
	 * between two attempts, statements that commit by themselves, or migrations.
	 * @param runId the run
	 * @param requester who asks and why
	 * @return the run
	 * @throws RequestRefusedException if there is no such run, or it has ended or is held
	 */
	MigrationRun hold(UUID runId, Requester requester);

	/**
	 * Let a run go on that a person has held.
	 * @param runId the run
	 * @param requester who asks and why
	 * @return the run
	 * @throws RequestRefusedException if there is no such run, or nobody holds it
	 */
	MigrationRun resume(UUID runId, Requester requester);

	/**
	 * Request the unapplied rest of an ended run again, with the content that was
	 * reviewed then. A partially applied migration continues at its failed statement, and
	 * if the run stopped at one whose outcome is not known, that is executed again. What
	 * that request has overridden is not overridden again by itself.
	 * @param runId the run
	 * @param requester who asks and why
	 * @param force what to override
	 * @return the new run
	 * @throws RequestRefusedException if there is no such run or it cannot be repeated
	 */
	MigrationRun retry(UUID runId, Requester requester, Force force);

	/**
	 * Request the unapplied rest of an ended run again, and override nothing.
	 * @param runId the run
	 * @param requester who asks and why
	 * @return the new run
	 * @throws RequestRefusedException if there is no such run or it cannot be repeated
	 */
	default MigrationRun retry(UUID runId, Requester requester) {
		return retry(runId, requester, Force.NONE);
	}

	/**
	 * Record that the migration at which a run ended shall not run, although nobody has
	 * done its work. What comes after it can be applied then.
	 * @param runId the run
	 * @param requester who says so and why
	 * @return the run
	 * @throws RequestRefusedException if there is no such run or nothing of it is open
	 */
	MigrationRun skip(UUID runId, Requester requester);

	/**
	 * Record that the migration at which a run ended needs not run any more, because a
	 * person has done its work.
	 * @param runId the run
	 * @param requester who says so and why
	 * @return the run
	 * @throws RequestRefusedException if there is no such run or nothing of it is open
	 */
	MigrationRun markApplied(UUID runId, Requester requester);

	/**
	 * Return runs, newest first.
	 * @param query which ones
	 * @return the runs
	 */
	List<MigrationRun> runs(RunQuery query);

	/**
	 * Return one run.
	 * @param runId the id
	 * @return the run, or empty if there is none
	 */
	Optional<MigrationRun> run(UUID runId);

	/**
	 * Return the events of a run in their order.
	 * @param runId the id
	 * @return the events, empty if there is no such run
	 */
	List<MigrationRunEvent> events(UUID runId);

	/**
	 * The migrations of one Flyway bean.
	 *
	 * @param plan the hash over version, description and content of the outstanding ones
	 * in their order: it changes when any of that does
	 * @param migrations all that are known, in version order
	 * @param activeRun the run that occupies the database, or {@code null}
	 * @param lastRun the newest run that has ended, or {@code null}
	 * @param members the instances of the application that are alive
	 */
	record Overview(String plan, List<PendingMigration> migrations, @Nullable MigrationRun activeRun,
			@Nullable MigrationRun lastRun, List<Rollout.Member> members) {

		/**
		 * Return which of some versions no pending migration has.
		 * @param versions the versions
		 * @return those of them, in order
		 */
		public Set<MigrationVersion> lacking(Set<MigrationVersion> versions) {
			Set<MigrationVersion> lacking = new TreeSet<>(versions);
			this.migrations.forEach((migration) -> lacking.remove(MigrationVersion.fromVersion(migration.version())));
			return lacking;
		}

		/**
		 * Return below which release the application cannot be rolled back any more.
		 * @return the point, or {@code null} if there is none
		 */
		public @Nullable PointOfNoReturn pointOfNoReturn() {
			return PointOfNoReturn.of(this.migrations).orElse(null);
		}

		/**
		 * Return those that still have to be applied.
		 * @return the outstanding migrations, in version order
		 */
		public List<PendingMigration> outstanding() {
			return this.migrations.stream().filter((migration) -> migration.state().isOutstanding()).toList();
		}

	}

	/**
	 * A statement of a script.
	 *
	 * @param number its number, counted from 1
	 * @param line its line in the script, counted from 1
	 * @param sql the text that is sent to the database
	 * @param inTransaction whether it can run in a transaction
	 */
	record Statement(int number, int line, String sql, boolean inTransaction) {
	}

	/**
	 * Which runs to return.
	 *
	 * @param status only those in this status, or {@code null} for any
	 * @param version only those that apply this version, or {@code null} for any
	 * @param offset how many to leave out
	 * @param limit how many to return at most
	 */
	record RunQuery(@Nullable MigrationRunStatus status, @Nullable String version, int offset, int limit) {
	}

}
