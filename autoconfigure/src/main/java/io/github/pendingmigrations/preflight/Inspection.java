package io.github.pendingmigrations.preflight;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Blocker;
import io.github.pendingmigrations.Preflight.Dependant;
import io.github.pendingmigrations.Preflight.InvalidIndex;
import io.github.pendingmigrations.Preflight.Lock;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.PreparedTransaction;
import io.github.pendingmigrations.Preflight.Replica;
import io.github.pendingmigrations.Preflight.StatementLock;
import io.github.pendingmigrations.Preflight.Table;
import io.github.pendingmigrations.Preflight.Vacuum;
import io.github.pendingmigrations.TableName;

/**
 * Collects what is found. A thread may ask for what has been found so far while another
 * one still looks.
 */
class Inspection {

	private final Subject subject;

	private final LockModes modes;

	private final List<Lock> locks = new ArrayList<>();

	private final List<Blocker> blockers = new ArrayList<>();

	private final List<PreparedTransaction> preparedTransactions = new ArrayList<>();

	private final List<Vacuum> vacuums = new ArrayList<>();

	private final List<InvalidIndex> invalidIndexes = new ArrayList<>();

	private final List<Dependant> dependants = new ArrayList<>();

	private final List<Table> tables = new ArrayList<>();

	private final List<Replica> replicas = new ArrayList<>();

	private final List<Notice> notices = new ArrayList<>();

	Inspection(Subject subject, LockModes modes) {
		this.subject = subject;
		this.modes = modes;
		this.locks.addAll(subject.locks());
	}

	Subject subject() {
		return this.subject;
	}

	LockModes modes() {
		return this.modes;
	}

	/**
	 * Return the locks with the names that the catalog has for their tables, the
	 * strongest for each.
	 */
	synchronized List<Lock> locks() {
		Map<TableName, Lock> strongest = new LinkedHashMap<>();
		for (Lock lock : this.locks) {
			strongest.merge(lock.table(), lock, this::strongest);
		}
		return List.copyOf(strongest.values());
	}

	private Lock strongest(Lock one, Lock other) {
		TreeSet<Integer> statements = new TreeSet<>(one.statements());
		statements.addAll(other.statements());
		String mode = (this.modes.strength(other.mode()) > this.modes.strength(one.mode())) ? other.mode() : one.mode();
		return new Lock(one.table(), mode, (other.work().compareTo(one.work()) > 0) ? other.work() : one.work(),
				List.copyOf(statements), one.implied() && other.implied());
	}

	/**
	 * Take the place of the locks with the names that statements use.
	 */
	synchronized void setLocks(List<Lock> resolved) {
		this.locks.clear();
		this.locks.addAll(resolved);
	}

	synchronized void add(Lock lock) {
		this.locks.add(lock);
	}

	synchronized void add(Blocker blocker) {
		this.blockers.add(blocker);
	}

	synchronized void add(PreparedTransaction transaction) {
		this.preparedTransactions.add(transaction);
	}

	synchronized void add(Vacuum vacuum) {
		this.vacuums.add(vacuum);
	}

	synchronized void add(InvalidIndex index) {
		this.invalidIndexes.add(index);
	}

	synchronized void add(Dependant dependant) {
		this.dependants.add(dependant);
	}

	synchronized void add(Table table) {
		this.tables.add(table);
	}

	synchronized void add(Replica replica) {
		this.replicas.add(replica);
	}

	synchronized void add(Notice notice) {
		this.notices.add(notice);
	}

	/**
	 * Return what has been found so far.
	 */
	synchronized Preflight toPreflight() {
		List<StatementLock> statements = this.subject.statements()
			.stream()
			.map((statement) -> new StatementLock(statement.number(), statement.reading().understood(),
					statement.reading().locks()))
			.toList();
		List<Blocker> oldestFirst = this.blockers.stream()
			.sorted(Comparator.comparing(Blocker::isCertain)
				.thenComparing((blocker) -> (blocker.age() != null) ? blocker.age() : Duration.ZERO)
				.reversed())
			.toList();
		List<Notice> all = new ArrayList<>(this.notices);
		all.addAll(new NoticeWriter(this.modes).write(
				new Preflight(statements, locks(), oldestFirst, this.preparedTransactions, this.vacuums,
						this.invalidIndexes, this.dependants, this.tables, this.replicas, List.of()),
				this.subject.type()));
		all.sort(Comparator.comparing(Notice::effect));
		return new Preflight(statements, locks(), oldestFirst, List.copyOf(this.preparedTransactions),
				List.copyOf(this.vacuums), List.copyOf(this.invalidIndexes), List.copyOf(this.dependants),
				List.copyOf(this.tables), List.copyOf(this.replicas), List.copyOf(all));
	}

}
