package io.github.pendingmigrations.online;

import java.sql.SQLException;
import java.time.Duration;

import io.github.pendingmigrations.test.TestDatabase;

/**
 * The load of an application: on the table that is migrated, and as much on another one
 * that no migration touches. What the second one sees at the same time is the noise of
 * the machine.
 */
final class Traffic implements AutoCloseable {

	/** As 8 clients that issue a statement every 20 ms. */
	private static final int PER_SECOND = 400;

	private static final int CLIENTS = 48;

	private static final int WITNESSES = 16;

	private static final Duration WARM_UP = Duration.ofMillis(700);

	private static final Duration TAIL = Duration.ofMillis(300);

	private final OpenLoopLoad table;

	private final OpenLoopLoad witness;

	private final long calmFrom;

	private final long calmTo;

	private Traffic(TestDatabase database, Duration calibration) throws SQLException {
		this.table = OpenLoopLoad.start("table", PER_SECOND, ApplicationStatements.on(database, "item", CLIENTS));
		this.witness = OpenLoopLoad.start("witness", PER_SECOND,
				ApplicationStatements.on(database, "witness", WITNESSES));
		Pause.of(WARM_UP);
		this.calmFrom = System.nanoTime();
		Pause.of(calibration);
		this.calmTo = System.nanoTime();
	}

	/**
	 * Start the load and let it run without any migration for a while.
	 * @param database the database, which has the tables of {@link Stage}
	 * @param calibration for how long
	 * @return the load
	 * @throws SQLException if the database cannot be reached
	 */
	static Traffic start(TestDatabase database, Duration calibration) throws SQLException {
		return new Traffic(database, calibration);
	}

	/**
	 * Stop the load.
	 * @param since when the migration began
	 * @return what was felt of it
	 */
	Felt stop(long since) {
		Pause.of(TAIL);
		long until = System.nanoTime();
		Observations onTable = this.table.stop();
		Observations onWitness = this.witness.stop();
		return new Felt(onTable.between(since, until), onWitness.between(since, until),
				onTable.between(this.calmFrom, this.calmTo));
	}

	@Override
	public void close() {
		this.table.close();
		this.witness.close();
	}

}
