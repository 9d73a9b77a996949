package io.github.pendingmigrations;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

import io.github.pendingmigrations.MigrationLedger.Entry;
import org.jspecify.annotations.Nullable;

/**
 * Answers whether a deployment is finished: whether an instance is still alive that
 * predates a pending migration.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface Rollout {

	/**
	 * Look at which instances there are. One query.
	 * @return what is seen
	 */
	View look();

	/**
	 * The instances at one moment.
	 */
	interface View {

		/** There are no instances, as before the tables exist. */
		View NOBODY = new View() {

			@Override
			public Optional<PendingReason> obstacle(PendingScript script, Instant now) {
				return Optional.empty();
			}

			@Override
			public @Nullable Instant delayBegan(Entry entry) {
				return null;
			}

			@Override
			public List<Member> members(Collection<PendingScript> outstanding, Collection<String> unknownHere) {
				return List.of();
			}

		};

		/**
		 * Return why a migration cannot be applied as long as the rollout goes on.
		 * @param script the migration
		 * @param now the time of the database
		 * @return the reason, with the code
		 * {@link PendingReason.Code#ROLLOUT_INCOMPLETE}, or empty if there is none
		 */
		Optional<PendingReason> obstacle(PendingScript script, Instant now);

		/**
		 * Return when the delay of a migration began.
		 * @param entry what the ledger has about it
		 * @return the time, or {@code null} if it has not begun
		 */
		@Nullable Instant delayBegan(Entry entry);

		/**
		 * Return the instances that are alive.
		 * @param outstanding the migrations of this application that wait
		 * @param unknownHere the versions of those that wait and this application does
		 * not have
		 * @return the instances in the order of their start
		 */
		List<Member> members(Collection<PendingScript> outstanding, Collection<String> unknownHere);

	}

	/**
	 * An instance that is alive, and what it lacks.
	 *
	 * @param instance the instance
	 * @param lacks the versions of the waiting migrations that it does not know
	 */
	record Member(ApplicationInstance instance, List<String> lacks) {

		/**
		 * Return whether it knows every migration that waits.
		 * @return {@code true} if so
		 */
		public boolean knowsAll() {
			return this.lacks.isEmpty();
		}

	}

}
