package io.github.pendingmigrations.flyway;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import io.github.pendingmigrations.InitialMigrationRunner;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationLedger.AppliedRecord;
import io.github.pendingmigrations.PendingScript;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.jspecify.annotations.Nullable;

/**
 * While an empty database is initialized, runs the pending migrations that come before a
 * versioned one, on Flyway's own connection and in its transaction: a connection of our
 * own would need a larger pool. Flyway holds its lock meanwhile, so that several
 * instances that initialize together keep one order. Does nothing at any other time.
 */
class InitializationCallback implements Callback {

	private volatile @Nullable Initialization initialization;

	/**
	 * Begin to run pending migrations.
	 * @param scripts those to run, in version order
	 * @param ledger the ledger
	 * @param runner runs them
	 */
	void activate(List<PendingScript> scripts, MigrationLedger ledger, InitialMigrationRunner runner) {
		this.initialization = new Initialization(new ArrayDeque<>(scripts), ledger, runner);
	}

	/**
	 * Hand over a migration and those before it, because they are run by other means.
	 * @param last the migration
	 * @return what is left of them, in version order
	 */
	List<PendingScript> takeUpTo(PendingScript last) {
		List<PendingScript> taken = new ArrayList<>();
		Initialization active = this.initialization;
		while (active != null && !active.remaining.isEmpty()
				&& active.remaining.element().version().compareTo(last.version()) <= 0) {
			taken.add(active.remaining.remove());
		}
		return taken;
	}

	/**
	 * Stop to run pending migrations.
	 */
	void deactivate() {
		this.initialization = null;
	}

	@Override
	public boolean supports(Event event, Context context) {
		return event == Event.BEFORE_EACH_MIGRATE && this.initialization != null;
	}

	@Override
	public boolean canHandleInTransaction(Event event, Context context) {
		return true;
	}

	@Override
	public void handle(Event event, Context context) {
		Initialization active = this.initialization;
		if (active == null) {
			return;
		}
		try {
			active.runBefore(context.getMigrationInfo(), context.getConnection());
		}
		catch (SQLException ex) {
			throw new FlywayException(
					"The ledger could not be written while the empty database was initialized: " + ex.getMessage(), ex);
		}
	}

	@Override
	public String getCallbackName() {
		return "pending migrations of an empty database";
	}

	/**
	 * An initialization under way.
	 */
	private static final class Initialization {

		private final Deque<PendingScript> remaining;

		private final MigrationLedger ledger;

		private final InitialMigrationRunner runner;

		private boolean begun;

		Initialization(Deque<PendingScript> remaining, MigrationLedger ledger, InitialMigrationRunner runner) {
			this.remaining = remaining;
			this.ledger = ledger;
			this.runner = runner;
		}

		void runBefore(MigrationInfo next, Connection connection) throws SQLException {
			if (!this.begun) {
				this.ledger.createTables(connection);
				this.begun = true;
				continueUnlessInUse(connection);
			}
			if (next.getType().isBaseline()) {
				skipWhatBaselineIncludes(next.getVersion(), connection);
			}
			MigrationVersion version = next.getVersion();
			while (comesBefore(this.remaining.peek(), version) && continueUnlessInUse(connection)) {
				this.runner.applyOn(connection, this.remaining.element());
				this.remaining.remove();
			}
		}

		/**
		 * Another instance may have finished meanwhile and serve requests: then what this
		 * one brings waits.
		 */
		private boolean continueUnlessInUse(Connection connection) throws SQLException {
			boolean initializing = this.ledger.beginInitialization(connection);
			if (!initializing) {
				this.remaining.clear();
			}
			return initializing;
		}

		private void skipWhatBaselineIncludes(MigrationVersion baseline, Connection connection) throws SQLException {
			for (PendingScript script = this.remaining.peek(); script != null
					&& script.version().compareTo(baseline) <= 0; script = this.remaining.peek()) {
				this.ledger.recordApplied(connection, AppliedRecord.belowBaseline(script));
				this.remaining.remove();
			}
		}

		private static boolean comesBefore(@Nullable PendingScript script, @Nullable MigrationVersion next) {
			return script != null && (next == null || script.version().compareTo(next) < 0);
		}

	}

}
