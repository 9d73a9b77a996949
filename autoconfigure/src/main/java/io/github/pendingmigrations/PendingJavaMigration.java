package io.github.pendingmigrations;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Base class of pending migrations that are written in Java. The name of the class
 * follows the name of a script: {@code P5__Backfill_origin}. Make it a Spring bean, or
 * put it into a location of Flyway with a no-argument constructor.
 * <p>
 * A bean is instantiated when it is applied, not at start-up, and can therefore use
 * anything that the application offers. Only on an empty database, where it runs at
 * start-up, must it not depend on beans that wait for Flyway.
 *
 * @since 0.1.0
 */
public abstract class PendingJavaMigration {

	/**
	 * Do the work. On a database with transactional DDL the connection is in the
	 * transaction that also records the migration as applied: to end it is refused.
	 * Otherwise, and if {@link #canExecuteInTransaction()} says {@code false}, it commits
	 * each statement by itself and an interrupted migration starts again from the
	 * beginning, so make it repeatable.
	 * @param context the connection and the means to report progress
	 * @throws Exception if it fails
	 */
	public abstract void migrate(Context context) throws Exception;

	/**
	 * Return whether the work can be done in one transaction with its record.
	 * @return {@code true} by default
	 */
	public boolean canExecuteInTransaction() {
		return true;
	}

	/**
	 * Return whether it may be started again by itself after it was cut off, although
	 * what it had committed has taken effect: the next start has to find that done. It
	 * matters only where its work is not one transaction with its record. If not, a
	 * person is asked to look at the database first.
	 * @return {@code false} by default
	 */
	public boolean isRepeatable() {
		return false;
	}

	/**
	 * Return how long each of its statements may take while it holds locks, where the
	 * database can limit that and the work is done in one transaction.
	 * @return the time, or {@code null} for the configured one
	 */
	public @Nullable Duration holdBudget() {
		return null;
	}

	/**
	 * What a migration can use while it runs.
	 */
	public interface Context {

		/**
		 * Return the connection to work on. It must not be closed. Where it is in the
		 * transaction of the run, methods that would end that throw an
		 * {@link IllegalStateException}.
		 * @return the connection
		 */
		java.sql.Connection connection();

		/**
		 * Do a part of the work in batches, each in a transaction of its own, until one
		 * finds nothing more to do. With each batch it is recorded how many batches and
		 * rows are done. Between two batches the run can be cancelled or held, and the
		 * application can shut down; a repeatable migration is started again later if its
		 * window closes or an older instance starts. A batch that waits for a lock in
		 * vain is taken back and tried again. For a migration whose
		 * {@link PendingJavaMigration#canExecuteInTransaction()} says {@code false}.
		 * @param pause how long to pause between two batches, so that others get their
		 * turn; can be zero
		 * @param batch the work
		 * @return how many rows the batches of this call have changed
		 * @throws Exception what the batch throws
		 * @throws java.util.concurrent.CancellationException if the run should stop: let
		 * it pass
		 * @throws IllegalStateException if the migration runs in one transaction
		 */
		long repeatUntilNoRows(Duration pause, Batch batch) throws Exception;

		/**
		 * Report progress. Cheap enough for every row: it is persisted at most once a
		 * second.
		 * @param done how much is done
		 * @param total how much there is in all, or 0 if unknown
		 */
		void progress(long done, long total);

		/**
		 * Return whether the run should stop, because a person cancelled it or the
		 * application shuts down. Call it now and then, and return early by throwing what
		 * {@link #checkCancelled()} throws.
		 * @return {@code true} if the work should stop
		 */
		boolean isCancelled();

		/**
		 * Stop here if the run should stop.
		 * @throws java.util.concurrent.CancellationException if it should
		 */
		void checkCancelled();

	}

	/**
	 * A part of the work that is small enough for one transaction.
	 */
	@FunctionalInterface
	public interface Batch {

		/**
		 * Do the next part. What has been done must not be found again: a batch that was
		 * taken back, and a migration that was cut off, go on with what is left.
		 * @param connection the connection, in a transaction that is committed
		 * afterwards: to end it is refused
		 * @return how many rows were changed, or 0 if there is nothing more to do
		 * @throws Exception if it fails, which takes the batch back and ends the
		 * migration
		 */
		long execute(java.sql.Connection connection) throws Exception;

	}

}
