package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.ScriptDirectives.Repeat;
import io.github.pendingmigrations.run.Attempt.Work;
import io.github.pendingmigrations.run.RunMonitor.Stop;
import io.github.pendingmigrations.run.SessionControl.Restore;
import org.jspecify.annotations.Nullable;

/**
 * Repeats a statement until it changes no row. Gives the connection back now and then,
 * and for every longer pause.
 */
class RepeatedStep {

	/** How long to keep the connection and the fence. */
	private static final Duration SHIFT = Duration.ofSeconds(10);

	private static final Duration LONG_PAUSE = Duration.ofSeconds(1);

	private final RunResources resources;

	private final BodyExecutor executor;

	private final Batches batches;

	private final Repeat repeat;

	RepeatedStep(RunResources resources, BodyExecutor executor, Batches batches, Repeat repeat) {
		this.resources = resources;
		this.executor = executor;
		this.batches = batches;
		this.repeat = repeat;
	}

	/**
	 * Repeat a statement.
	 * @param borrowed the connection
	 * @param work what to execute
	 * @param statements all statements
	 * @param statement the one to repeat
	 * @return why it has not come to its end yet, or {@code null} if it has
	 * @throws SQLException if a statement of our own fails
	 */
	@Nullable AttemptResult execute(BorrowedConnection borrowed, Work work, List<Statement> statements, Statement statement)
			throws SQLException {
		work.progress().startStatement(statement.number());
		Restore restore = this.batches.limit();
		long began = System.nanoTime();
		try {
			while (!work.monitor().isWindowClosed()) {
				long started = System.nanoTime();
				OptionalLong rows;
				try {
					rows = executeBatch(borrowed.connection(), work, statements, statement);
				}
				catch (StatementFailedException ex) {
					return work.failed(ex, ex.kind(this.resources.product()), RunMonitor.since(started),
							this.batches.limits().work());
				}
				if (rows.isEmpty()) {
					return new AttemptResult.Stopped(Stop.LEASE_LOST);
				}
				if (rows.getAsLong() == 0) {
					return null;
				}
				if (work.progress().atStatement().compareTo(this.repeat.limit()) > 0) {
					return endless(work, statement);
				}
				if (this.repeat.pause().compareTo(LONG_PAUSE) > 0 || RunMonitor.since(began).compareTo(SHIFT) > 0) {
					return new AttemptResult.Unfinished(this.repeat.pause());
				}
				if (!work.monitor().pause(this.repeat.pause())) {
					return stopped(work);
				}
			}
			return new AttemptResult.Unfinished(Duration.ZERO);
		}
		finally {
			borrowed.restore(restore);
		}
	}

	private OptionalLong executeBatch(Connection connection, Work work, List<Statement> statements, Statement statement)
			throws StatementFailedException, SQLException {
		Checkpoint reached = this.batches.checkpoint();
		Checkpoint last = new Checkpoint(statement.number(), false, StatementHash.of(statements, statement.number()),
				reached.batches(), reached.rows());
		Wait byDriver = this.resources.session().limitsWork() ? Wait.UNLIMITED : this.batches.limits().work();
		return this.batches.execute(() -> this.executor.executeBatch(connection, statement, byDriver, work.monitor()),
				last);
	}

	private static AttemptResult stopped(Work work) {
		Stop stop = work.monitor().stopRequested();
		// Whoever asked for it has taken it back since.
		return (stop != null) ? new AttemptResult.Stopped(stop) : new AttemptResult.Unfinished(Duration.ZERO);
	}

	private AttemptResult endless(Work work, Statement statement) {
		Checkpoint reached = this.batches.checkpoint();
		return new AttemptResult.Refused("REPEAT_LIMIT_EXCEEDED", "The statement at " + work.script().location() + ":"
				+ statement.line() + " still changes rows after " + this.repeat.limit()
				+ ", and most likely always will: " + reached.rows() + " rows in " + reached.batches()
				+ " batches have taken effect and are recorded. See whether its WHERE leaves out what is done. If it "
				+ "only needs more time, the action 'retry' of this run goes on from there, and "
				+ "'-- pending: repeat-limit=72h' gives it more.");
	}

}
