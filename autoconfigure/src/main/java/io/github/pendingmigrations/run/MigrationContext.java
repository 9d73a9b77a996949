package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.BiConsumer;

import io.github.pendingmigrations.PendingJavaMigration;
import io.github.pendingmigrations.PendingJavaMigration.Batch;

/**
 * What a migration written in Java can use.
 *
 * @param connection the connection
 * @param monitor tells when to stop
 * @param progress is told how far it is
 * @param repetition repeats batches
 */
record MigrationContext(Connection connection, RunMonitor monitor, BiConsumer<Long, Long> progress,
		Repetition repetition) implements PendingJavaMigration.Context {

	private static final Repetition NOT_IN_A_TRANSACTION = (pause, batch) -> {
		throw new IllegalStateException("Each batch is a transaction of its own, but this migration runs in one: let "
				+ "its method canExecuteInTransaction() return false");
	};

	/**
	 * Create the context of a migration that runs in one transaction.
	 * @param connection the connection
	 * @param monitor tells when to stop
	 * @param progress is told how far it is
	 * @return the context
	 */
	static MigrationContext inTransaction(Connection connection, RunMonitor monitor, BiConsumer<Long, Long> progress) {
		return new MigrationContext(OwnedTransaction.of(connection), monitor, progress, NOT_IN_A_TRANSACTION);
	}

	/**
	 * Refuse on every database what one of them would refuse.
	 * @param migration the migration
	 * @param repetition repeats batches outside a transaction
	 * @return repeats them if the migration does not run in one
	 */
	static Repetition outsideTransaction(PendingJavaMigration migration, Repetition repetition) {
		return (pause, batch) -> (migration.canExecuteInTransaction() ? NOT_IN_A_TRANSACTION : repetition).repeat(pause,
				batch);
	}

	@Override
	public long repeatUntilNoRows(Duration pause, Batch batch) throws Exception {
		return this.repetition.repeat(pause, batch);
	}

	@Override
	public void progress(long done, long total) {
		this.progress.accept(done, total);
	}

	@Override
	public boolean isCancelled() {
		return this.monitor.stopRequested() != null;
	}

	@Override
	public void checkCancelled() {
		if (isCancelled()) {
			throw new CancellationException("The run was asked to stop");
		}
	}

	/**
	 * Repeats batches.
	 */
	@FunctionalInterface
	interface Repetition {

		/**
		 * Repeat a batch until it finds nothing more to do.
		 * @param pause how long to pause between two batches
		 * @param batch the batch
		 * @return how many rows were changed
		 * @throws Exception what the batch throws
		 */
		long repeat(Duration pause, Batch batch) throws Exception;

	}

}
