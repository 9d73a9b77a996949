package io.github.pendingmigrations.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.pendingmigrations.MigrationChecker;
import io.github.pendingmigrations.MigrationChecks;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.autoconfigure.PendingMigrationsProperties.Apply;
import io.github.pendingmigrations.autoconfigure.PendingMigrationsProperties.OnEmptyDatabase;
import io.github.pendingmigrations.autoconfigure.PendingMigrationsProperties.Order;
import io.github.pendingmigrations.autoconfigure.PendingMigrationsProperties.Rollback;
import io.github.pendingmigrations.autoconfigure.PendingMigrationsProperties.Rollout.Gate;
import io.github.pendingmigrations.flyway.JavaMigrationBeans;
import io.github.pendingmigrations.flyway.ManagedFlyway;
import io.github.pendingmigrations.flyway.ManagedFlyway.Collaborators;
import io.github.pendingmigrations.flyway.ManagedFlyway.Settings;
import io.github.pendingmigrations.flyway.ManagedFlyway.Target;
import io.github.pendingmigrations.jdbc.JdbcInstanceRepository;
import io.github.pendingmigrations.jdbc.JdbcMigrationLedger;
import io.github.pendingmigrations.jdbc.JdbcMigrationRunRepository;
import io.github.pendingmigrations.jdbc.LedgerTables;
import io.github.pendingmigrations.jdbc.VerifiedDataSource;
import io.github.pendingmigrations.rollout.RolloutComponents;
import io.github.pendingmigrations.rollout.RolloutSettings;
import io.github.pendingmigrations.run.RunComponents;
import io.github.pendingmigrations.run.RunComponents.Database;
import io.github.pendingmigrations.run.RunListener;
import io.github.pendingmigrations.run.RunSettings;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/**
 * Everything that belongs to one Flyway bean. What needs the database is created when
 * Flyway has reached it, since only Flyway knows how often to try.
 */
final class FlywayNode {

	private static final Log logger = LogFactory.getLog(FlywayNode.class);

	private final String name;

	private final ManagedFlyway managed;

	private final DatabaseFactory database;

	private FlywayNode(String name, ManagedFlyway managed, DatabaseFactory database) {
		this.name = name;
		this.managed = managed;
		this.database = database;
	}

	static FlywayNode create(String name, Flyway original, PendingMigrationsProperties properties, RunSettings settings,
			JavaMigrationBeans beans, QualifiedDataSources dataSources, PreflightInspectors inspectors,
			Supplier<MigrationChecker> checker, RunListener listener) {
		DatabaseFactory factory = new DatabaseFactory(name, properties, dataSources, inspectors, checker, settings,
				listener);
		ManagedFlyway managed = ManagedFlyway.manage(original,
				new Settings(properties.getSqlPrefix(), properties.getOnEmptyDatabase() == OnEmptyDatabase.APPLY,
						properties.getOrder() == Order.LENIENT, properties.getRollback() == Rollback.FAIL,
						settings.applicationVersion(), properties.getMode().migrates()),
				beans, (target) -> factory.get(target).collaborators());
		return new FlywayNode(name, managed, factory);
	}

	String name() {
		return this.name;
	}

	Flyway flyway() {
		return this.managed.flyway();
	}

	PendingMigrations pendingMigrations() {
		return this.database.get(this.managed).components().pendingMigrations();
	}

	void migrateOnce() {
		this.managed.migrateOnce();
	}

	MigrationChecks checks() {
		return this.managed.checks();
	}

	/**
	 * Begin to work on runs: now if the database has been reached, and otherwise as soon
	 * as it is, so that a Flyway that the application does not use costs no connection.
	 */
	void start() {
		this.database.start();
	}

	void stop() {
		this.database.stop();
	}

	/**
	 * Say that the application has started, and counts when a rollout is complete.
	 */
	void ready() {
		this.database.ready(this.managed);
	}

	/**
	 * Say that the application is about to stop.
	 */
	void stopping() {
		this.database.stopping();
	}

	/**
	 * Stop to count this instance as alive: nothing of it uses the database any more.
	 */
	void end() {
		this.database.end();
	}

	/**
	 * What works on the database of a Flyway bean.
	 *
	 * @param collaborators what the start-up needs
	 * @param components what executes
	 * @param rollout what keeps this instance in the list of those that are alive
	 * @param own the data source that executes, or {@code null} if that of Flyway does
	 */
	private record DatabaseNode(Collaborators collaborators, RunComponents components, RolloutComponents rollout,
			@Nullable VerifiedDataSource own) {

		void start() {
			if (this.own != null) {
				this.own.verify();
			}
			this.components.start();
		}

	}

	/**
	 * Creates what works on the database, once.
	 */
	private static final class DatabaseFactory {

		private final String name;

		private final PendingMigrationsProperties properties;

		private final QualifiedDataSources dataSources;

		private final PreflightInspectors inspectors;

		private final Supplier<MigrationChecker> checker;

		private final RunSettings settings;

		private final RunListener listener;

		private volatile @Nullable DatabaseNode node;

		private boolean started;

		private final List<PendingScript> detected = new ArrayList<>();

		private volatile boolean ready;

		DatabaseFactory(String name, PendingMigrationsProperties properties, QualifiedDataSources dataSources,
				PreflightInspectors inspectors, Supplier<MigrationChecker> checker, RunSettings settings,
				RunListener listener) {
			this.name = name;
			this.properties = properties;
			this.dataSources = dataSources;
			this.inspectors = inspectors;
			this.checker = checker;
			this.settings = settings;
			this.listener = listener;
		}

		DatabaseNode get(ManagedFlyway managed) {
			DatabaseNode existing = this.node;
			return (existing != null) ? existing : get(managed.target());
		}

		synchronized DatabaseNode get(Target target) {
			DatabaseNode existing = this.node;
			if (existing != null) {
				return existing;
			}
			String tablePrefix = this.properties.getJdbc().getTablePrefix();
			LedgerTables tables = LedgerTables.of(target.product(), target.schema(), tablePrefix);
			JdbcMigrationLedger ledger = new JdbcMigrationLedger(target.dataSource(), tables, target.historyTable());
			VerifiedDataSource own = this.dataSources.execution(this.name, target, tables).orElse(null);
			DataSource executing = (own != null) ? own : target.dataSource();
			RolloutComponents rollout = new RolloutComponents(this.name, target.scripts(), ledger,
					new JdbcInstanceRepository(target.dataSource(), tables), this::service, rolloutSettings());
			RunComponents components = new RunComponents(this.name,
					new Database(target.product(), executing, target.schema(), target.initSql(),
							target.schema() + "." + tablePrefix),
					target.scripts(), ledger, new JdbcMigrationRunRepository(target.dataSource(), tables),
					this.inspectors.create(this.name, target, executing), this.settings, this.listener,
					rollout.rollout());
			DatabaseNode created = new DatabaseNode(
					new Collaborators(ledger, components.initialRunner(), this.checker.get(), this::migrated),
					components, rollout, own);
			this.node = created;
			if (this.started) {
				created.start();
			}
			if (this.ready) {
				rollout.ready();
			}
			return created;
		}

		/**
		 * Without a lock, which whoever stops may hold for as long as a statement works.
		 */
		private PendingMigrations service() {
			DatabaseNode existing = this.node;
			if (existing == null) {
				throw new IllegalStateException("The database has not been reached yet");
			}
			return existing.components().pendingMigrations();
		}

		private synchronized void migrated(List<PendingScript> registered) {
			this.detected.addAll(registered);
			DatabaseNode existing = this.node;
			if (existing == null) {
				return;
			}
			// One that ends when its work is done is none that a rollout could wait for
			if (!this.properties.getMode().isCommand()) {
				existing.rollout().register();
			}
			tellDetected(existing);
		}

		/** Those who listen may need beans that wait for Flyway. */
		private void tellDetected(DatabaseNode existing) {
			if (this.ready && !this.detected.isEmpty()) {
				existing.components().detected(List.copyOf(this.detected));
				this.detected.clear();
			}
		}

		private RolloutSettings rolloutSettings() {
			PendingMigrationsProperties.Rollout rollout = this.properties.getRollout();
			return new RolloutSettings(this.settings.instanceId(), this.settings.applicationVersion(),
					!this.properties.getMode().isCommand(), rollout.getGate() == Gate.ON, rollout.getSoak(),
					rollout.getInstanceTimeout(), this.properties.getApply() == Apply.AFTER_ROLLOUT,
					this.properties.versionsThatRequireApproval());
		}

		synchronized void start() {
			this.started = true;
			DatabaseNode existing = this.node;
			if (existing != null) {
				existing.start();
			}
		}

		synchronized void stop() {
			this.started = false;
			DatabaseNode existing = this.node;
			if (existing != null) {
				existing.components().stop();
			}
		}

		synchronized void ready(ManagedFlyway managed) {
			this.ready = true;
			DatabaseNode existing = this.node;
			if (existing != null) {
				existing.rollout().ready();
				tellDetected(existing);
			}
			if (!this.properties.getMode().isCommand()) {
				registerWhenMigrated(managed);
			}
		}

		/**
		 * An instance whose database others migrate is one that a rollout waits for, too.
		 */
		private void registerWhenMigrated(ManagedFlyway managed) {
			DatabaseNode existing = this.node;
			if (existing != null) {
				existing.rollout().registerWhenMigrated();
				return;
			}
			Thread thread = new Thread(() -> reach(managed), "pending-migrations-" + this.name + "-instance");
			thread.setDaemon(true);
			thread.start();
		}

		@SuppressWarnings("IllegalCatch")
		private void reach(ManagedFlyway managed) {
			boolean told = false;
			while (this.ready) {
				try {
					register(managed.target());
					return;
				}
				catch (RuntimeException ex) {
					if (!told) {
						logger.warn("This instance cannot be recorded as alive for Flyway bean '" + this.name
								+ "', which is tried again: " + ex);
					}
					told = true;
					pause();
				}
			}
		}

		/** Unless the application has been asked to stop meanwhile. */
		private synchronized void register(Target target) {
			if (this.ready) {
				get(target).rollout().registerWhenMigrated();
			}
		}

		private void pause() {
			try {
				TimeUnit.MILLISECONDS.sleep(this.settings.heartbeat().toMillis());
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				this.ready = false;
			}
		}

		synchronized void stopping() {
			this.ready = false;
			DatabaseNode existing = this.node;
			if (existing != null) {
				existing.rollout().stopping();
			}
		}

		synchronized void end() {
			DatabaseNode existing = this.node;
			if (existing != null) {
				existing.rollout().end();
			}
		}

	}

}
