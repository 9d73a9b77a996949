package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

import javax.sql.DataSource;

import io.github.pendingmigrations.run.LockSchedule.Rung;
import io.github.pendingmigrations.run.Sighting.Obstacle;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Looks at the session that executes, from a second connection that it borrows for each
 * look, while a statement waits or works.
 */
class ContentionSampler {

	private static final Log logger = LogFactory.getLog(ContentionSampler.class);

	/** A wait that is shorter is over before somebody could look. */
	private static final Duration SHORTEST_WAIT = Duration.ofMillis(20);

	private static final Duration IDLE = Duration.ofSeconds(10);

	private static final Duration INTERVAL = Duration.ofMillis(250);

	private final DataSource dataSource;

	private final ContentionProbe probe;

	private final ScheduledThreadPoolExecutor scheduler;

	private final boolean showsQueries;

	private final IntConsumer blockedSessions;

	private volatile boolean blind;

	ContentionSampler(DataSource dataSource, ContentionProbe probe, String flywayBean, boolean showsQueries,
			IntConsumer blockedSessions) {
		this.showsQueries = showsQueries;
		this.blockedSessions = blockedSessions;
		this.dataSource = dataSource;
		this.probe = probe;
		this.scheduler = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "pending-migrations-" + flywayBean + "-sampler");
			thread.setDaemon(true);
			return thread;
		});
		// No thread while nothing executes.
		this.scheduler.setKeepAliveTime(IDLE.toMillis(), TimeUnit.MILLISECONDS);
		this.scheduler.allowCoreThreadTimeOut(true);
		this.scheduler.setRemoveOnCancelPolicy(true);
	}

	/**
	 * Look at a session from now on.
	 * @param session the session
	 * @param rung how long it may wait
	 * @param seen is told what is seen
	 * @return ends that
	 */
	Watch watch(String session, Rung rung, Consumer<Sighting> seen) {
		if (this.probe == ContentionProbe.NONE) {
			return () -> {
			};
		}
		Duration first = (rung.lockTimeout().compareTo(SHORTEST_WAIT) < 0) ? INTERVAL : rung.lockTimeout().dividedBy(2);
		if (first.compareTo(INTERVAL) > 0) {
			first = INTERVAL;
		}
		ScheduledFuture<?> looks = this.scheduler.scheduleWithFixedDelay(() -> look(session, seen), first.toMillis(),
				INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
		return () -> looks.cancel(false);
	}

	@SuppressWarnings("IllegalCatch")
	private void look(String session, Consumer<Sighting> seen) {
		if (this.blind) {
			return;
		}
		try (Connection connection = this.dataSource.getConnection()) {
			Sighting sighting = this.probe.look(connection, session);
			seen.accept(this.showsQueries ? sighting : sighting.withoutQueries());
			this.blockedSessions.accept(sighting.blockedSessions());
		}
		catch (SQLException ex) {
			// Most likely a missing privilege, without which the work goes on.
			this.blind = ex.getSQLState() != null && ex.getSQLState().startsWith("42");
			if (this.blind) {
				logger.warn("Who stands in the way of a migration cannot be seen: " + ex.getMessage());
			}
			logger.debug("A look at session " + session + " failed", ex);
		}
		catch (Throwable ex) {
			logger.debug("A look at session " + session + " failed", ex);
		}
	}

	/**
	 * Look which obstacles are still there.
	 * @param obstacles what was seen before
	 * @return those that are, as far as that can be seen
	 */
	List<Obstacle> stillThere(List<Obstacle> obstacles) {
		if (obstacles.isEmpty() || this.blind) {
			return List.of();
		}
		try (Connection connection = this.dataSource.getConnection()) {
			return this.probe.stillThere(connection, obstacles);
		}
		catch (SQLException ex) {
			logger.debug("Who stands in the way cannot be seen", ex);
			return List.of();
		}
	}

	/**
	 * Looks until it is closed.
	 */
	@FunctionalInterface
	interface Watch extends AutoCloseable {

		@Override
		void close();

	}

}
