package io.github.pendingmigrations.actuate;

import java.time.Duration;
import java.util.List;

import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Blocker;
import io.github.pendingmigrations.Preflight.Dependant;
import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.Lock;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.Replica;
import io.github.pendingmigrations.StatementLocks.TableLock;
import io.github.pendingmigrations.StatementLocks.Work;
import io.github.pendingmigrations.TableName;
import org.jspecify.annotations.Nullable;

/**
 * Description of what a pending migration would meet if it ran now.
 *
 * @param locks the locks that it takes, the strongest for each table
 * @param blockers the sessions in the way
 * @param preparedTransactions the prepared transactions
 * @param vacuums the vacuums that work on its tables
 * @param invalidIndexes the invalid indexes of its tables
 * @param dependants what depends on what it removes
 * @param tables the tables
 * @param replicas the replicas
 * @param notices what all that means and what to do about it, the gravest first
 */
public record PreflightDescriptor(List<LockDescriptor> locks, List<PreflightBlockerDescriptor> blockers,
		List<PreparedTransactionDescriptor> preparedTransactions, List<VacuumDescriptor> vacuums,
		List<InvalidIndexDescriptor> invalidIndexes, List<DependantDescriptor> dependants, List<TableDescriptor> tables,
		List<ReplicaDescriptor> replicas, List<NoticeDescriptor> notices) {

	static PreflightDescriptor of(Preflight preflight, boolean sql) {
		return new PreflightDescriptor(preflight.locks().stream().map(LockDescriptor::of).toList(),
				preflight.blockers().stream().map((blocker) -> PreflightBlockerDescriptor.of(blocker, sql)).toList(),
				preflight.preparedTransactions()
					.stream()
					.map((transaction) -> new PreparedTransactionDescriptor(transaction.id(), transaction.owner(),
							transaction.age(), text(transaction.table()), transaction.holds()))
					.toList(),
				preflight.vacuums()
					.stream()
					.map((vacuum) -> new VacuumDescriptor(vacuum.session(), vacuum.table().toString(),
							vacuum.wraparound(), vacuum.certain(), vacuum.age()))
					.toList(),
				preflight.invalidIndexes()
					.stream()
					.map((index) -> new InvalidIndexDescriptor(index.name().toString(), index.table().toString(),
							index.building()))
					.toList(),
				preflight.dependants()
					.stream()
					.map((dependant) -> new DependantDescriptor(dependant.description(), dependant.of(),
							dependant.consequence(), dependant.statement()))
					.toList(),
				preflight.tables()
					.stream()
					.map((table) -> new TableDescriptor(table.name().toString(), table.bytes(), table.rows(),
							table.estimated()))
					.toList(),
				preflight.replicas()
					.stream()
					.map((replica) -> new ReplicaDescriptor(replica.name(), replica.source(), replica.state(),
							replica.lag(), replica.oldestQuery()))
					.toList(),
				preflight.notices()
					.stream()
					.map((notice) -> new NoticeDescriptor(notice.code(), notice.effect(), notice.message()))
					.toList());
	}

	private static @Nullable String text(@Nullable TableName name) {
		return (name != null) ? name.toString() : null;
	}

	/**
	 * Description of a lock.
	 *
	 * @param table the table
	 * @param mode the mode
	 * @param work what is done while it is held
	 * @param statements the numbers of the statements that take it, if several are
	 * described
	 * @param implied whether the catalog rather than a statement names the table
	 */
	public record LockDescriptor(String table, String mode, Work work, @Nullable List<Integer> statements,
			@Nullable Boolean implied) {

		static LockDescriptor of(Lock lock) {
			return new LockDescriptor(lock.table().toString(), lock.mode(), lock.work(), lock.statements(),
					lock.implied());
		}

		static LockDescriptor of(TableLock lock) {
			return new LockDescriptor(lock.table().toString(), lock.mode(), lock.work(), null, null);
		}

	}

	/**
	 * Description of a session in the way.
	 *
	 * @param session the id of the session
	 * @param user its user
	 * @param application the name that it gave itself
	 * @param state what it does
	 * @param age how long its transaction has been open
	 * @param certain whether the database says that it is in the way
	 * @param table the table that it has locked
	 * @param holds in which mode
	 * @param query its statement, if it may be shown
	 */
	public record PreflightBlockerDescriptor(long session, @Nullable String user, @Nullable String application,
			@Nullable String state, @Nullable Duration age, boolean certain, @Nullable String table,
			@Nullable String holds, @Nullable String query) {

		static PreflightBlockerDescriptor of(Blocker blocker, boolean sql) {
			return new PreflightBlockerDescriptor(blocker.session(), blocker.user(), blocker.application(),
					blocker.state(), blocker.age(), blocker.isCertain(), PreflightDescriptor.text(blocker.table()),
					blocker.holds(), (sql) ? blocker.query() : null);
		}

	}

	/**
	 * Description of a prepared transaction.
	 *
	 * @param id its global id
	 * @param owner who prepared it
	 * @param age how long ago
	 * @param table the table that it has locked in a conflicting mode
	 * @param holds that mode
	 */
	public record PreparedTransactionDescriptor(String id, @Nullable String owner, @Nullable Duration age,
			@Nullable String table, @Nullable String holds) {
	}

	/**
	 * Description of a vacuum.
	 *
	 * @param session the id of the session
	 * @param table the table
	 * @param wraparound whether it does not give way
	 * @param certain whether the database says so
	 * @param age how long it has been running
	 */
	public record VacuumDescriptor(long session, String table, boolean wraparound, boolean certain,
			@Nullable Duration age) {
	}

	/**
	 * Description of an invalid index.
	 *
	 * @param name its name
	 * @param table its table
	 * @param building whether it is being built
	 */
	public record InvalidIndexDescriptor(String name, String table, boolean building) {
	}

	/**
	 * Description of something that depends on what would be removed.
	 *
	 * @param description what it is
	 * @param of what it depends on
	 * @param consequence what becomes of it
	 * @param statement the number of the statement that removes that
	 */
	public record DependantDescriptor(String description, String of, Dependant.Consequence consequence, int statement) {
	}

	/**
	 * Description of a table.
	 *
	 * @param name its name
	 * @param bytes its size with indexes
	 * @param rows about how many rows it has
	 * @param estimated whether the size is an estimate
	 */
	public record TableDescriptor(String name, @Nullable Long bytes, @Nullable Long rows, boolean estimated) {
	}

	/**
	 * Description of a replica.
	 *
	 * @param name its name
	 * @param source how it is known
	 * @param state what it does
	 * @param lag how far it is behind
	 * @param oldestQuery how long its oldest query has been running
	 */
	public record ReplicaDescriptor(String name, Replica.Source source, @Nullable String state, @Nullable Duration lag,
			@Nullable Duration oldestQuery) {
	}

	/**
	 * Description of what a finding means.
	 *
	 * @param code the kind of finding
	 * @param effect what it does to a run
	 * @param message the finding and the next step
	 */
	public record NoticeDescriptor(Notice.Code code, Effect effect, String message) {
	}

}
