package io.github.pendingmigrations.autoconfigure;

import java.time.Duration;

import io.github.pendingmigrations.actuate.HealthDownOn;
import io.github.pendingmigrations.actuate.ShowSql;
import io.github.pendingmigrations.run.ExecutionProfile;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Configuration properties for pending migrations.
 *
 * @since 0.1.0
 */
@ConfigurationProperties("pending-migrations")
public class PendingMigrationsProperties {

	/**
	 * Whether to enable pending migrations. If not, Flyway is left as it is.
	 */
	private boolean enabled = true;

	/**
	 * Prefix of pending migrations, as in P3__drop_issue_source.sql.
	 */
	private String sqlPrefix = "P";

	/**
	 * What to do with pending migrations on an empty database.
	 */
	private OnEmptyDatabase onEmptyDatabase = OnEmptyDatabase.APPLY;

	/**
	 * What to do at start-up if a versioned migration is due that needs a pending one.
	 */
	private Order order = Order.STRICT;

	/**
	 * When to show the SQL of migrations.
	 */
	private ShowSql showSql = ShowSql.WHEN_AUTHORIZED;

	/**
	 * Version of the application, if neither 'spring.application.version' nor its build
	 * information has it.
	 */
	private @Nullable String applicationVersion;

	private final Jdbc jdbc = new Jdbc();

	private final Security security = new Security();

	private final Health health = new Health();

	private final Execution execution = new Execution();

	private final Rollout rollout = new Rollout();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public String getSqlPrefix() {
		return this.sqlPrefix;
	}

	public void setSqlPrefix(String sqlPrefix) {
		this.sqlPrefix = sqlPrefix;
	}

	public OnEmptyDatabase getOnEmptyDatabase() {
		return this.onEmptyDatabase;
	}

	public void setOnEmptyDatabase(OnEmptyDatabase onEmptyDatabase) {
		this.onEmptyDatabase = onEmptyDatabase;
	}

	public Order getOrder() {
		return this.order;
	}

	public void setOrder(Order order) {
		this.order = order;
	}

	public ShowSql getShowSql() {
		return this.showSql;
	}

	public void setShowSql(ShowSql showSql) {
		this.showSql = showSql;
	}

	public @Nullable String getApplicationVersion() {
		return this.applicationVersion;
	}

	public void setApplicationVersion(@Nullable String applicationVersion) {
		this.applicationVersion = applicationVersion;
	}

	public Jdbc getJdbc() {
		return this.jdbc;
	}

	public Security getSecurity() {
		return this.security;
	}

	public Health getHealth() {
		return this.health;
	}

	public Execution getExecution() {
		return this.execution;
	}

	public Rollout getRollout() {
		return this.rollout;
	}

	/**
	 * What to do with pending migrations on an empty database.
	 */
	public enum OnEmptyDatabase {

		/** Run them with the others, in version order. */
		APPLY,

		/** Let them wait as on a database in use. */
		HOLD

	}

	/**
	 * What to do if a versioned migration is due that needs a pending one.
	 */
	public enum Order {

		/** Refuse to start, and apply nothing. */
		STRICT,

		/** Run what comes before it, and start. */
		LENIENT

	}

	/**
	 * Tables of this library.
	 */
	public static class Jdbc {

		/**
		 * Prefix of the tables, which live beside the history table of Flyway.
		 */
		private String tablePrefix = "pending_migration";

		public String getTablePrefix() {
			return this.tablePrefix;
		}

		public void setTablePrefix(String tablePrefix) {
			this.tablePrefix = tablePrefix;
		}

	}

	/**
	 * Who may apply migrations.
	 */
	public static class Security {

		/**
		 * Authority that a user needs to apply, cancel, retry or mark migrations.
		 */
		private String applyAuthority = "ROLE_PENDING_MIGRATIONS";

		/**
		 * Whether anybody may do so in an application without Spring Security.
		 */
		private boolean allowUnauthenticatedWrites = false;

		public String getApplyAuthority() {
			return this.applyAuthority;
		}

		public void setApplyAuthority(String applyAuthority) {
			this.applyAuthority = applyAuthority;
		}

		public boolean isAllowUnauthenticatedWrites() {
			return this.allowUnauthenticatedWrites;
		}

		public void setAllowUnauthenticatedWrites(boolean allowUnauthenticatedWrites) {
			this.allowUnauthenticatedWrites = allowUnauthenticatedWrites;
		}

	}

	/**
	 * Health of the application.
	 */
	public static class Health {

		/**
		 * When pending migrations make the application unhealthy.
		 */
		private HealthDownOn downOn = HealthDownOn.NEVER;

		/**
		 * Age from which a pending migration counts as overdue.
		 */
		private Duration overdueAfter = Duration.ofDays(30);

		public HealthDownOn getDownOn() {
			return this.downOn;
		}

		public void setDownOn(HealthDownOn downOn) {
			this.downOn = downOn;
		}

		public Duration getOverdueAfter() {
			return this.overdueAfter;
		}

		public void setOverdueAfter(Duration overdueAfter) {
			this.overdueAfter = overdueAfter;
		}

	}

	/**
	 * Execution of pending migrations.
	 */
	public static class Execution {

		/**
		 * How hard a run tries to get the locks of a migration.
		 */
		private ExecutionProfile profile = ExecutionProfile.BALANCED;

		/**
		 * Longest time for which a statement may wait for a lock, while every query
		 * behind it waits, too. By default 500ms, and 2s with the profile 'firm'.
		 */
		private @Nullable Duration maxLockTimeout;

		/**
		 * How long a statement may hold its locks, where the database can limit it.
		 */
		private Duration holdBudget = Duration.ofSeconds(5);

		/**
		 * How long a run tries to get the locks of a migration.
		 */
		private Duration deadline = Duration.ofMinutes(30);

		/**
		 * How long a worker may be silent before its run counts as interrupted.
		 */
		private Duration lease = Duration.ofSeconds(30);

		/**
		 * How often a worker renews its lease, and looks for runs that wait.
		 */
		private Duration heartbeat = Duration.ofSeconds(5);

		/**
		 * How long a statement may go on while the application shuts down.
		 */
		private Duration shutdownTimeout = Duration.ofSeconds(20);

		public ExecutionProfile getProfile() {
			return this.profile;
		}

		public void setProfile(ExecutionProfile profile) {
			this.profile = profile;
		}

		public @Nullable Duration getMaxLockTimeout() {
			return this.maxLockTimeout;
		}

		public void setMaxLockTimeout(@Nullable Duration maxLockTimeout) {
			this.maxLockTimeout = maxLockTimeout;
		}

		public Duration getHoldBudget() {
			return this.holdBudget;
		}

		public void setHoldBudget(Duration holdBudget) {
			this.holdBudget = holdBudget;
		}

		public Duration getDeadline() {
			return this.deadline;
		}

		public void setDeadline(Duration deadline) {
			this.deadline = deadline;
		}

		public Duration getLease() {
			return this.lease;
		}

		public void setLease(Duration lease) {
			this.lease = lease;
		}

		public Duration getHeartbeat() {
			return this.heartbeat;
		}

		public void setHeartbeat(Duration heartbeat) {
			this.heartbeat = heartbeat;
		}

		public Duration getShutdownTimeout() {
			return this.shutdownTimeout;
		}

		public void setShutdownTimeout(Duration shutdownTimeout) {
			this.shutdownTimeout = shutdownTimeout;
		}

	}

	/**
	 * Whether a deployment is finished.
	 */
	public static class Rollout {

		/**
		 * Whether a migration waits as long as an instance is alive that does not know
		 * it.
		 */
		private Gate gate = Gate.ON;

		/**
		 * How long a migration waits after the last instance was seen that does not know
		 * it.
		 */
		private Duration soak = Duration.ofMinutes(1);

		/**
		 * How long an instance may be silent before it counts as gone. It gives four
		 * signs of life in that time.
		 */
		private Duration instanceTimeout = Duration.ofMinutes(1);

		public Gate getGate() {
			return this.gate;
		}

		public void setGate(Gate gate) {
			this.gate = gate;
		}

		public Duration getSoak() {
			return this.soak;
		}

		public void setSoak(Duration soak) {
			this.soak = soak;
		}

		public Duration getInstanceTimeout() {
			return this.instanceTimeout;
		}

		public void setInstanceTimeout(Duration instanceTimeout) {
			this.instanceTimeout = instanceTimeout;
		}

		/**
		 * Whether the gate is there.
		 */
		public enum Gate {

			/** A migration waits for the end of its rollout. */
			ON,

			/** It does not, and delays begin when an instance first sees a migration. */
			OFF

		}

	}

}
