package io.github.pendingmigrations;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.github.pendingmigrations.StatementLocks.TableLock;
import io.github.pendingmigrations.StatementLocks.Work;
import org.jspecify.annotations.Nullable;

/**
 * What a pending migration would meet if it ran now. Everything here is a snapshot that
 * can be wrong a moment later, so it advises and never takes the place of the limits
 * under which a migration runs.
 *
 * @param statements the locks of each remaining statement
 * @param locks the locks of all of them, the strongest for each table
 * @param blockers the sessions that hold something which conflicts with these locks, the
 * oldest transaction first
 * @param preparedTransactions the prepared transactions of the database
 * @param vacuums the vacuums that work on the tables
 * @param invalidIndexes the invalid indexes of the tables
 * @param dependants what depends on what would be removed
 * @param tables the tables
 * @param replicas the replicas
 * @param notices what all this means and what to do about it, the gravest first
 * @since 0.1.0
 */
public record Preflight(List<StatementLock> statements, List<Lock> locks, List<Blocker> blockers,
		List<PreparedTransaction> preparedTransactions, List<Vacuum> vacuums, List<InvalidIndex> invalidIndexes,
		List<Dependant> dependants, List<Table> tables, List<Replica> replicas, List<Notice> notices) {

	/**
	 * Return why a run should wait until something has ended that no attempt to get a
	 * lock can outlast.
	 * @return the notice, or empty if a run may try
	 */
	public Optional<Notice> holdReason() {
		return this.notices.stream().filter((notice) -> notice.effect() == Effect.HOLDS).findFirst();
	}

	/**
	 * The locks of a statement.
	 *
	 * @param number the number of the statement, counted from 1
	 * @param understood whether all of it was understood. If not, it may lock more
	 * @param locks the locks
	 */
	public record StatementLock(int number, boolean understood, List<TableLock> locks) {
	}

	/**
	 * A lock that will be taken.
	 *
	 * @param table the table
	 * @param mode the mode in the terms of the database
	 * @param work what is done while others wait for the lock
	 * @param statements the numbers of the statements that take it
	 * @param implied whether no statement names the table: it is locked because of a
	 * foreign key, a partition or something else that the catalog knows
	 */
	public record Lock(TableName table, String mode, Work work, List<Integer> statements, boolean implied) {
	}

	/**
	 * A session in the way.
	 *
	 * @param session the id of the session, such as the pid of a PostgreSQL backend
	 * @param user the database user, or {@code null} if unknown
	 * @param application the name that the session gave itself, or {@code null}
	 * @param state what it does, such as {@code idle in transaction}, or {@code null}
	 * @param age how long its transaction has been open, or {@code null} if unknown
	 * @param table the table that it has locked, or {@code null} if the database does not
	 * tell: the session may then have nothing to do with the migration
	 * @param holds the mode in which it has locked the table, or {@code null}
	 * @param query the text of its current or last statement, or {@code null}. It can
	 * contain data: show it only to those who may see SQL, and do not store it
	 */
	public record Blocker(long session, @Nullable String user, @Nullable String application, @Nullable String state,
			@Nullable Duration age, @Nullable TableName table, @Nullable String holds, @Nullable String query) {

		/**
		 * Return whether the database said that it holds a lock in the way.
		 * @return {@code false} if it only may
		 */
		public boolean isCertain() {
			return this.table != null;
		}

	}

	/**
	 * A prepared transaction (the first phase of a two-phase commit), which keeps its
	 * locks although no session belongs to it.
	 *
	 * @param id its global id
	 * @param owner the user who prepared it, or {@code null} if unknown
	 * @param age how long ago it was prepared, or {@code null} if unknown
	 * @param table the table that it has locked in a conflicting mode, or {@code null} if
	 * it has not, or the database does not tell
	 * @param holds that mode, or {@code null}
	 */
	public record PreparedTransaction(String id, @Nullable String owner, @Nullable Duration age,
			@Nullable TableName table, @Nullable String holds) {
	}

	/**
	 * A vacuum at work.
	 *
	 * @param session the id of the session
	 * @param table the table
	 * @param wraparound whether it prevents a wraparound of transaction ids, and so does
	 * not give way
	 * @param certain whether the database says that it does; if not, it is concluded from
	 * the age of the table
	 * @param age how long it has been running, or {@code null} if unknown
	 */
	public record Vacuum(long session, TableName table, boolean wraparound, boolean certain, @Nullable Duration age) {
	}

	/**
	 * An index that a failed statement left behind.
	 *
	 * @param name its name
	 * @param table its table
	 * @param building whether a session seems to be building it right now
	 */
	public record InvalidIndex(TableName name, TableName table, boolean building) {
	}

	/**
	 * Something that depends on what would be removed.
	 *
	 * @param description what it is, in the words of the database, such as
	 * {@code view open_issue}
	 * @param of what it depends on
	 * @param consequence what becomes of it
	 * @param statement the number of the statement that removes that
	 */
	public record Dependant(String description, String of, Consequence consequence, int statement) {

		/**
		 * What becomes of it.
		 */
		public enum Consequence {

			/** It goes too, because the statement says {@code CASCADE}. */
			CASCADES,

			/** It goes too, without being asked for. */
			GOES_TOO,

			/** The statement fails as long as it exists. */
			FAILS,

			/** It stays, and does not work any more. */
			BREAKS

		}

	}

	/**
	 * A table that will be locked.
	 *
	 * @param name its name
	 * @param bytes its size with indexes in bytes, or {@code null} if unknown
	 * @param rows its number of rows, or {@code null} if unknown
	 * @param estimated whether the size is an estimate; the number of rows always is
	 */
	public record Table(TableName name, @Nullable Long bytes, @Nullable Long rows, boolean estimated) {
	}

	/**
	 * A replica of the database.
	 *
	 * @param name the name of its {@code DataSource} bean, or the one that it gives
	 * itself to the primary
	 * @param source how it is known
	 * @param state what it does, such as {@code streaming}, or {@code null} if unknown
	 * @param lag how far it is behind, or {@code null} if unknown
	 * @param oldestQuery how long its oldest transaction or query has been running, or
	 * {@code null} if unknown or there is none
	 */
	public record Replica(String name, Source source, @Nullable String state, @Nullable Duration lag,
			@Nullable Duration oldestQuery) {

		/**
		 * How a replica is known.
		 */
		public enum Source {

			/** The primary says so. */
			PRIMARY,

			/** It is configured, and was asked. */
			CONFIGURED

		}

	}

	/**
	 * What a finding means and what to do about it.
	 *
	 * @param code the kind of finding
	 * @param effect what it does to a run
	 * @param message the finding and the next step, for people. Never contains data or
	 * the text of a query
	 */
	public record Notice(Code code, Effect effect, String message) {

		/**
		 * Kind of finding.
		 */
		public enum Code {

			/** An anti-wraparound vacuum works on a table. */
			WRAPAROUND_VACUUM,

			/** An ordinary vacuum works on a table. */
			VACUUM,

			/** A prepared transaction exists. */
			PREPARED_TRANSACTION,

			/** A session holds a conflicting lock, or may. */
			BLOCKED,

			/** Something depends on what would be removed. */
			DEPENDANT,

			/** An index is invalid. */
			INVALID_INDEX,

			/** A large table is read or written while it is locked. */
			LONG_HOLD,

			/** A replica would stall. */
			REPLICA,

			/** A statement was not understood. */
			NOT_UNDERSTOOD,

			/** A table does not exist. */
			NO_SUCH_TABLE,

			/** The database user must not see something. */
			NOT_VISIBLE,

			/** This database does not offer something. */
			NOT_AVAILABLE,

			/** Something could not be found out, or not in time. */
			NOT_INSPECTED

		}

	}

	/**
	 * What a finding does to a run, the gravest first.
	 */
	public enum Effect {

		/** A statement will fail. */
		FAILS,

		/** A run has to wait for the end of something that no attempt can outlast. */
		HOLDS,

		/** A run waits for its locks, or others wait for it. */
		DELAYS,

		/** Good to know. */
		INFORMS

	}

}
