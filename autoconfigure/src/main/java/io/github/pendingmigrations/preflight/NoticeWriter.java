package io.github.pendingmigrations.preflight;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Blocker;
import io.github.pendingmigrations.Preflight.Dependant;
import io.github.pendingmigrations.Preflight.Dependant.Consequence;
import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.InvalidIndex;
import io.github.pendingmigrations.Preflight.Lock;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.PreparedTransaction;
import io.github.pendingmigrations.Preflight.Replica;
import io.github.pendingmigrations.Preflight.StatementLock;
import io.github.pendingmigrations.Preflight.Table;
import io.github.pendingmigrations.Preflight.Vacuum;
import io.github.pendingmigrations.StatementLocks.Work;
import org.jspecify.annotations.Nullable;

/**
 * Says in words what the findings mean and what to do about them.
 */
final class NoticeWriter {

	/** What is younger ends before anybody could do something about it. */
	private static final Duration LONG = Duration.ofSeconds(5);

	/**
	 * Rewriting 3 million rows took 5.8 s on PostgreSQL 15, which makes 0.2 s of these.
	 */
	private static final long MANY_ROWS = 100_000;

	private static final int NAMED = 5;

	private final LockModes modes;

	private final List<Notice> notices = new ArrayList<>();

	NoticeWriter(LockModes modes) {
		this.modes = modes;
	}

	List<Notice> write(Preflight found, PendingMigrationType type) {
		statements(found.statements(), type);
		found.vacuums().forEach(this::vacuum);
		found.preparedTransactions().forEach(this::preparedTransaction);
		blockers(found.blockers());
		dependants(found.dependants());
		found.invalidIndexes().forEach(this::invalidIndex);
		found.tables().forEach((table) -> table(table, found.locks()));
		boolean stopsReaders = found.locks().stream().anyMatch((lock) -> this.modes.stopsReaders(lock.mode()));
		found.replicas().forEach((replica) -> replica(replica, stopsReaders));
		return this.notices;
	}

	private void add(Notice.Code code, Effect effect, String message) {
		this.notices.add(new Notice(code, effect, message));
	}

	private void statements(List<StatementLock> statements, PendingMigrationType type) {
		if (type == PendingMigrationType.JAVA) {
			add(Notice.Code.NOT_UNDERSTOOD, Effect.INFORMS,
					"It is written in Java: what it locks cannot be told. Look at its source.");
			return;
		}
		String numbers = statements.stream()
			.filter((statement) -> !statement.understood())
			.map((statement) -> String.valueOf(statement.number()))
			.collect(Collectors.joining(", "));
		if (!numbers.isEmpty()) {
			add(Notice.Code.NOT_UNDERSTOOD, Effect.INFORMS, "Not understood: statement " + numbers
					+ ". It may lock or remove more than what is listed. Look at it yourself.");
		}
	}

	private void vacuum(Vacuum vacuum) {
		if (vacuum.wraparound()) {
			add(Notice.Code.WRAPAROUND_VACUUM, Effect.HOLDS,
					"A vacuum" + (vacuum.certain() ? "" : ", most likely one")
							+ " that prevents a wraparound of transaction ids works on " + vacuum.table() + " (session "
							+ vacuum.session() + since(vacuum.age())
							+ "). It does not give way, and must not be stopped. Wait until it has ended: "
							+ "pg_stat_progress_vacuum shows how far it is.");
		}
		else {
			add(Notice.Code.VACUUM, Effect.INFORMS, "An ordinary autovacuum works on " + vacuum.table() + " (session "
					+ vacuum.session() + since(vacuum.age()) + "). PostgreSQL stops it for the migration by itself.");
		}
	}

	private void preparedTransaction(PreparedTransaction transaction) {
		if (transaction.table() != null) {
			// Only PostgreSQL tells the table
			String name = "'" + transaction.id().replace("'", "''") + "'";
			boolean old = transaction.age() != null && transaction.age().compareTo(LONG) >= 0;
			add(Notice.Code.PREPARED_TRANSACTION, old ? Effect.HOLDS : Effect.DELAYS, "The prepared transaction '"
					+ transaction.id() + "' holds " + transaction.holds() + " on " + transaction.table()
					+ since(transaction.age())
					+ ". It keeps that until somebody ends it, even over a restart. End it with COMMIT PREPARED " + name
					+ " or ROLLBACK PREPARED " + name + ", or let its transaction manager do so.");
		}
		else {
			add(Notice.Code.PREPARED_TRANSACTION, Effect.INFORMS, "There is a prepared transaction '" + transaction.id()
					+ "'" + since(transaction.age())
					+ ". It is not known to hold a lock that is in the way. End it with COMMIT PREPARED or ROLLBACK "
					+ "PREPARED (XA COMMIT or XA ROLLBACK), or let its transaction manager do so.");
		}
	}

	private void blockers(List<Blocker> blockers) {
		List<Blocker> certain = blockers.stream().filter(Blocker::isCertain).toList();
		if (!certain.isEmpty()) {
			boolean old = certain.stream().anyMatch(NoticeWriter::isOld);
			add(Notice.Code.BLOCKED, old ? Effect.DELAYS : Effect.INFORMS,
					count(certain.size(), "session holds a lock", "sessions hold locks") + " in the way: "
							+ names(certain)
							+ (old ? ". The migration cannot begin before they have ended. Wait for them or end them."
									: ". They are young, so the migration should get in soon."));
		}
		List<Blocker> possible = blockers.stream().filter((blocker) -> !blocker.isCertain() && isOld(blocker)).toList();
		if (!possible.isEmpty()) {
			add(Notice.Code.BLOCKED, Effect.DELAYS,
					count(possible.size(), "open transaction", "open transactions") + " may have used the tables: "
							+ names(possible)
							+ ". If so, the migration cannot begin before they have ended. Wait for them or end them.");
		}
	}

	private static boolean isOld(Blocker blocker) {
		Duration age = blocker.age();
		return age == null || age.compareTo(LONG) >= 0;
	}

	private static String names(List<Blocker> blockers) {
		String names = blockers.stream().limit(NAMED).map(NoticeWriter::name).collect(Collectors.joining("; "));
		return (blockers.size() > NAMED) ? names + " and " + (blockers.size() - NAMED) + " more" : names;
	}

	private static String name(Blocker blocker) {
		StringBuilder name = new StringBuilder("session ").append(blocker.session());
		if (blocker.user() != null) {
			name.append(" of ").append(blocker.user());
		}
		if (blocker.application() != null) {
			name.append(" (").append(blocker.application()).append(')');
		}
		if (blocker.table() != null) {
			name.append(" on ").append(blocker.table());
		}
		if (blocker.state() != null) {
			name.append(", ").append(blocker.state());
		}
		return name.append(since(blocker.age())).toString();
	}

	private void dependants(List<Dependant> dependants) {
		for (Consequence consequence : Consequence.values()) {
			List<Dependant> those = dependants.stream()
				.filter((dependant) -> dependant.consequence() == consequence)
				.toList();
			if (!those.isEmpty()) {
				String names = those.stream()
					.map((dependant) -> dependant.description() + " (on " + dependant.of() + ")")
					.distinct()
					.collect(Collectors.joining(", "));
				Effect effect = (consequence == Consequence.FAILS) ? Effect.FAILS : Effect.INFORMS;
				add(Notice.Code.DEPENDANT, effect, switch (consequence) {
					case CASCADES -> "CASCADE removes these as well: " + names + ". Look whether anybody needs them.";
					case GOES_TOO -> "These go too: " + names + ". Look whether anybody needs them.";
					case FAILS -> "The statement fails as long as these exist: " + names
							+ ". Remove or change them first, in this script or before.";
					case BREAKS -> "These stay, but do not work any more: " + names
							+ ". Remove or change them first, in this script or before.";
				});
			}
		}
	}

	private void invalidIndex(InvalidIndex index) {
		if (index.building()) {
			add(Notice.Code.INVALID_INDEX, Effect.DELAYS, "The index " + index.name() + " of " + index.table()
					+ " is being built. Wait until that has ended.");
		}
		else {
			add(Notice.Code.INVALID_INDEX, Effect.INFORMS, "The index " + index.name() + " of " + index.table()
					+ " is invalid, as a failed CREATE INDEX CONCURRENTLY leaves it: it costs writes and serves nobody. "
					+ "Drop it with DROP INDEX CONCURRENTLY, or build it with REINDEX INDEX CONCURRENTLY.");
		}
	}

	private void table(Table table, List<Lock> locks) {
		Long rows = table.rows();
		if (rows == null || rows < MANY_ROWS) {
			return;
		}
		locks.stream()
			.filter((lock) -> lock.table().equals(table.name()) && lock.work() != Work.NONE)
			.forEach((lock) -> add(Notice.Code.LONG_HOLD, Effect.DELAYS,
					table.name() + " has about " + String.format(Locale.ROOT, "%,d", rows) + " rows and is "
							+ ((lock.work() == Work.REWRITE) ? "written anew" : "read from end to end")
							+ " while it is locked (" + lock.mode() + "). Others wait all the while. "
							+ "Look whether this can be split into steps that lock it only briefly."));
	}

	private void replica(Replica replica, boolean stopsReaders) {
		Duration oldest = replica.oldestQuery();
		if (stopsReaders && oldest != null && oldest.compareTo(LONG) >= 0) {
			add(Notice.Code.REPLICA, Effect.DELAYS, "Replica " + replica.name() + " has been busy with a query for "
					+ text(oldest)
					+ ". When the migration arrives there, it waits for that query, and everybody else on these "
					+ "tables waits for it, until max_standby_streaming_delay has passed. Wait for the query or end it.");
		}
		Duration lag = replica.lag();
		if (lag != null && lag.compareTo(LONG) >= 0) {
			add(Notice.Code.REPLICA, Effect.INFORMS, "Replica " + replica.name() + " is " + text(lag)
					+ " behind: the migration takes effect there later. Find out why, before it gets worse.");
		}
	}

	private static String count(int count, String one, String several) {
		return count + " " + ((count == 1) ? one : several);
	}

	private static String since(@Nullable Duration age) {
		return (age != null) ? " for " + text(age) : "";
	}

	private static String text(Duration duration) {
		long seconds = duration.toSeconds();
		if (seconds < 1) {
			return "less than 1 s";
		}
		if (seconds < 120) {
			return seconds + " s";
		}
		return (seconds < 7200) ? seconds / 60 + " min" : seconds / 3600 + " h";
	}

}
