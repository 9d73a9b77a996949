package io.github.pendingmigrations;

import java.time.Duration;
import java.util.List;

import io.github.pendingmigrations.ApplicationInstance.Known;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the instances of the application that work with the database. Times are those of
 * the database's clock.
 *
 * @since 0.1.0
 */
public interface InstanceRepository {

	/**
	 * Record an instance, or what it knows by now.
	 * @param registration the instance
	 */
	void save(Registration registration);

	/**
	 * Record that an instance is alive. One statement.
	 * @param id the instance
	 * @param timeout how long it counts as alive from now
	 * @return {@code false} if it is not recorded
	 */
	boolean heartbeat(String id, Duration timeout);

	/**
	 * Record that an instance has ended. It is kept until it is removed, because it tells
	 * when it was last seen.
	 * @param id the instance
	 */
	void end(String id);

	/**
	 * Return every recorded instance, whether it is alive or not.
	 * @return the instances in the order of their start
	 */
	List<ApplicationInstance> findAll();

	/**
	 * Record that an instance is known to be gone, as if it had said goodbye when it was
	 * last heard of, unless it has been heard of again.
	 * @param id the id
	 */
	void recordGone(String id);

	/**
	 * Remove instances that are not alive.
	 * @param age how long they have not been at least
	 * @return how many were removed
	 */
	int removeEnded(Duration age);

	/**
	 * An instance to record.
	 *
	 * @param id the id
	 * @param applicationVersion the version of the application, or {@code null} if
	 * unknown
	 * @param newestVersioned the newest versioned migration that it has, or {@code null}
	 * @param newestPending the newest pending migration that it has, or {@code null}
	 * @param known the pending migrations that it has and the database has not
	 * @param timeout how long it counts as alive from now
	 */
	record Registration(String id, @Nullable String applicationVersion, @Nullable String newestVersioned,
			@Nullable String newestPending, List<Known> known, Duration timeout) {
	}

}
