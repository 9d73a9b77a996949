package io.github.pendingmigrations.autoconfigure;

import org.flywaydb.core.api.MigrationVersion;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.pendingmigrations.Force;
import io.github.pendingmigrations.actuate.HealthDownOn;
import io.github.pendingmigrations.actuate.ShowSql;
import io.github.pendingmigrations.command.CommandMode;
import io.github.pendingmigrations.command.ReportFormat;
import io.github.pendingmigrations.check.CheckLevel;
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
	 * What to do at start-up if migrations were applied that this application does not
	 * have, because it is older than the database.
	 */
	private Rollback rollback = Rollback.WARN;

	/**
	 * Who applies pending migrations.
	 */
	private Apply apply = Apply.MANUAL;

	/**
	 * Versions of migrations that only a person may apply, separated by commas.
	 */
	private Set<String> requiresApproval = new LinkedHashSet<>();

	/**
	 * When to show the SQL of migrations.
	 */
	private ShowSql showSql = ShowSql.WHEN_AUTHORIZED;

	/**
	 * Version of the application, if neither 'spring.application.version' nor its build
	 * information has it.
	 */
	private @Nullable String applicationVersion;

	/**
	 * What the application does when it is started.
	 */
	private CommandMode mode = CommandMode.SERVE;

	/**
	 * How the report is written if the application does not serve.
	 */
	private ReportFormat report = ReportFormat.TEXT;

	private final Command command = new Command();

	private final Jdbc jdbc = new Jdbc();

	private final Security security = new Security();

	private final Health health = new Health();

	private final Execution execution = new Execution();

	private final Retention retention = new Retention();

	private final Rollout rollout = new Rollout();

	private final Check check = new Check();

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

	public Rollback getRollback() {
		return this.rollback;
	}

	public void setRollback(Rollback rollback) {
		this.rollback = rollback;
	}

	public Apply getApply() {
		return this.apply;
	}

	public void setApply(Apply apply) {
		this.apply = apply;
	}

	public Set<String> getRequiresApproval() {
		return this.requiresApproval;
	}

	public void setRequiresApproval(Set<String> requiresApproval) {
		this.requiresApproval = requiresApproval;
	}

	Set<MigrationVersion> versionsThatRequireApproval() {
		return this.requiresApproval.stream().map(MigrationVersion::fromVersion).collect(Collectors.toSet());
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

	public CommandMode getMode() {
		return this.mode;
	}

	public void setMode(CommandMode mode) {
		this.mode = mode;
	}

	public ReportFormat getReport() {
		return this.report;
	}

	public void setReport(ReportFormat report) {
		this.report = report;
	}

	public Command getCommand() {
		return this.command;
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

	public Retention getRetention() {
		return this.retention;
	}

	public Rollout getRollout() {
		return this.rollout;
	}

	public Check getCheck() {
		return this.check;
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
	 * What to do if the code is older than the database.
	 */
	public enum Rollback {

		/** Say so in the log, and start. */
		WARN,

		/** Refuse to start, and apply nothing. */
		FAIL

	}

	/**
	 * Who applies pending migrations.
	 */
	public enum Apply {

		/** A person, or whoever else requests it. */
		MANUAL,

		/** The application, as soon as the rollout of one is complete and it is ready. */
		AFTER_ROLLOUT

	}

	/**
	 * What the application does instead of serving.
	 */
	public static class Command {

		/**
		 * Name of the Flyway bean whose migrations are applied, if there are several.
		 */
		private @Nullable String flyway;

		/**
		 * Version of the last pending migration to apply, or 'all'.
		 */
		private @Nullable String upTo;

		/**
		 * Plan that was reviewed, as a report shows it. If another one waits by now,
		 * nothing is applied.
		 */
		private @Nullable String plan;

		/**
		 * Person or job that asks to apply.
		 */
		private @Nullable String requestedBy;

		/**
		 * Why it is applied.
		 */
		private @Nullable String reason;

		/**
		 * What is overridden, and kept with the run: 'rollout' applies although instances
		 * are alive that do not know a migration, or none is.
		 */
		private Force force = Force.NONE;

		/**
		 * Exit codes in whose place the process ends with 0.
		 */
		private Set<Integer> accept = new LinkedHashSet<>();

		/**
		 * Folder of the repository that becomes the root of the class path, for reports
		 * that show files.
		 */
		private String sourceRoot = "src/main/resources";

		public @Nullable String getFlyway() {
			return this.flyway;
		}

		public void setFlyway(@Nullable String flyway) {
			this.flyway = flyway;
		}

		public @Nullable String getUpTo() {
			return this.upTo;
		}

		public void setUpTo(@Nullable String upTo) {
			this.upTo = upTo;
		}

		public @Nullable String getPlan() {
			return this.plan;
		}

		public void setPlan(@Nullable String plan) {
			this.plan = plan;
		}

		public @Nullable String getRequestedBy() {
			return this.requestedBy;
		}

		public void setRequestedBy(@Nullable String requestedBy) {
			this.requestedBy = requestedBy;
		}

		public @Nullable String getReason() {
			return this.reason;
		}

		public void setReason(@Nullable String reason) {
			this.reason = reason;
		}

		public Force getForce() {
			return this.force;
		}

		public void setForce(Force force) {
			this.force = force;
		}

		public Set<Integer> getAccept() {
			return this.accept;
		}

		public void setAccept(Set<Integer> accept) {
			this.accept = accept;
		}

		public String getSourceRoot() {
			return this.sourceRoot;
		}

		public void setSourceRoot(String sourceRoot) {
			this.sourceRoot = sourceRoot;
		}

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

	/**
	 * The check of SQL before it runs.
	 */
	public static class Check {

		/**
		 * Whether to check, before anything is applied, the migrations that a database in
		 * use has not got yet.
		 */
		private boolean enabled = true;

		/**
		 * Level of a rule, by its name.
		 */
		private Map<String, CheckLevel> rules = new LinkedHashMap<>();

		/**
		 * Level of everything that is found in a location, such as that of a library. It
		 * beats the level of a rule.
		 */
		private Map<String, CheckLevel> locations = new LinkedHashMap<>();

		/**
		 * Level of everything that is found in a version. It beats all others.
		 */
		private Map<String, CheckLevel> versions = new LinkedHashMap<>();

		/**
		 * Last version that is not checked, in a project that adopts the check late.
		 */
		private @Nullable String startAfter;

		/**
		 * Whether to ask the database for what makes a finding harmless, such as a table
		 * without rows. It only ever lowers findings.
		 */
		private boolean liveCatalog = false;

		private final Policy policy = new Policy();

		public boolean isEnabled() {
			return this.enabled;
		}

		public void setEnabled(boolean enabled) {
			this.enabled = enabled;
		}

		public Map<String, CheckLevel> getRules() {
			return this.rules;
		}

		public void setRules(Map<String, CheckLevel> rules) {
			this.rules = rules;
		}

		public Map<String, CheckLevel> getLocations() {
			return this.locations;
		}

		public void setLocations(Map<String, CheckLevel> locations) {
			this.locations = locations;
		}

		public Map<String, CheckLevel> getVersions() {
			return this.versions;
		}

		public void setVersions(Map<String, CheckLevel> versions) {
			this.versions = versions;
		}

		public @Nullable String getStartAfter() {
			return this.startAfter;
		}

		public void setStartAfter(@Nullable String startAfter) {
			this.startAfter = startAfter;
		}

		public boolean isLiveCatalog() {
			return this.liveCatalog;
		}

		public void setLiveCatalog(boolean liveCatalog) {
			this.liveCatalog = liveCatalog;
		}

		public Policy getPolicy() {
			return this.policy;
		}

	}

	/**
	 * What is done about findings, by what makes them unsafe.
	 */
	public static class Policy {

		/**
		 * Level of what loses data or objects. A pending migration may.
		 */
		private CheckLevel destructive = CheckLevel.FAIL;

		/**
		 * Level of what breaks code that is still running. A pending migration may.
		 */
		private CheckLevel incompatible = CheckLevel.FAIL;

		/**
		 * Level of what cannot be understood. In a pending migration it warns at most.
		 */
		private CheckLevel unknown = CheckLevel.FAIL;

		/**
		 * Level of what cannot run as it is written.
		 */
		private CheckLevel execution = CheckLevel.FAIL;

		/**
		 * Level of what keeps readers or writers waiting.
		 */
		private CheckLevel blocking = CheckLevel.WARN;

		/**
		 * Level of what may fail on the rows that are there.
		 */
		private CheckLevel dataDependent = CheckLevel.WARN;

		public CheckLevel getDestructive() {
			return this.destructive;
		}

		public void setDestructive(CheckLevel destructive) {
			this.destructive = destructive;
		}

		public CheckLevel getIncompatible() {
			return this.incompatible;
		}

		public void setIncompatible(CheckLevel incompatible) {
			this.incompatible = incompatible;
		}

		public CheckLevel getUnknown() {
			return this.unknown;
		}

		public void setUnknown(CheckLevel unknown) {
			this.unknown = unknown;
		}

		public CheckLevel getExecution() {
			return this.execution;
		}

		public void setExecution(CheckLevel execution) {
			this.execution = execution;
		}

		public CheckLevel getBlocking() {
			return this.blocking;
		}

		public void setBlocking(CheckLevel blocking) {
			this.blocking = blocking;
		}

		public CheckLevel getDataDependent() {
			return this.dataDependent;
		}

		public void setDataDependent(CheckLevel dataDependent) {
			this.dataDependent = dataDependent;
		}

	}

	/**
	 * What to keep of runs that have ended.
	 */
	public static class Retention {

		/**
		 * How many runs to keep. The last run of each migration is always kept.
		 */
		private int maxRuns = 1000;

		/**
		 * How long to keep runs. The last run of each migration is always kept.
		 */
		private Duration maxAge = Duration.ofDays(90);

		public int getMaxRuns() {
			return this.maxRuns;
		}

		public void setMaxRuns(int maxRuns) {
			this.maxRuns = maxRuns;
		}

		public Duration getMaxAge() {
			return this.maxAge;
		}

		public void setMaxAge(Duration maxAge) {
			this.maxAge = maxAge;
		}

	}

}
