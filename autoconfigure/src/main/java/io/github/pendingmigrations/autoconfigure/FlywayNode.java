package io.github.pendingmigrations.autoconfigure;

import javax.sql.DataSource;

import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.autoconfigure.PendingMigrationsProperties.OnEmptyDatabase;
import io.github.pendingmigrations.autoconfigure.PendingMigrationsProperties.Order;
import io.github.pendingmigrations.flyway.JavaMigrationBeans;
import io.github.pendingmigrations.flyway.ManagedFlyway;
import io.github.pendingmigrations.flyway.ManagedFlyway.Collaborators;
import io.github.pendingmigrations.flyway.ManagedFlyway.Settings;
import io.github.pendingmigrations.flyway.ManagedFlyway.Target;
import io.github.pendingmigrations.jdbc.JdbcMigrationLedger;
import io.github.pendingmigrations.jdbc.JdbcMigrationRunRepository;
import io.github.pendingmigrations.jdbc.LedgerTables;
import io.github.pendingmigrations.jdbc.VerifiedDataSource;
import io.github.pendingmigrations.run.RunComponents;
import io.github.pendingmigrations.run.RunComponents.Database;
import io.github.pendingmigrations.run.RunListener;
import io.github.pendingmigrations.run.RunSettings;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/**
 * Everything that belongs to one Flyway bean. What needs the database is created when
 * Flyway has reached it, since only Flyway knows how often to try.
 */
final class FlywayNode {

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
			RunListener listener) {
		String tablePrefix = properties.getJdbc().getTablePrefix();
		DatabaseFactory factory = new DatabaseFactory(name, tablePrefix, dataSources, inspectors, settings, listener);
		ManagedFlyway managed = ManagedFlyway.manage(original,
				new Settings(properties.getSqlPrefix(), properties.getOnEmptyDatabase() == OnEmptyDatabase.APPLY,
						properties.getOrder() == Order.LENIENT, settings.applicationVersion()),
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
	 * What works on the database of a Flyway bean.
	 *
	 * @param collaborators what the start-up needs
	 * @param components what executes
	 * @param own the data source that executes, or {@code null} if that of Flyway does
	 */
	private record DatabaseNode(Collaborators collaborators, RunComponents components,
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

		private final String tablePrefix;

		private final QualifiedDataSources dataSources;

		private final PreflightInspectors inspectors;

		private final RunSettings settings;

		private final RunListener listener;

		private volatile @Nullable DatabaseNode node;

		private boolean started;

		DatabaseFactory(String name, String tablePrefix, QualifiedDataSources dataSources,
				PreflightInspectors inspectors, RunSettings settings, RunListener listener) {
			this.name = name;
			this.tablePrefix = tablePrefix;
			this.dataSources = dataSources;
			this.inspectors = inspectors;
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
			LedgerTables tables = LedgerTables.of(target.product(), target.schema(), this.tablePrefix);
			JdbcMigrationLedger ledger = new JdbcMigrationLedger(target.dataSource(), tables, target.historyTable());
			VerifiedDataSource own = this.dataSources.execution(this.name, target, tables).orElse(null);
			DataSource executing = (own != null) ? own : target.dataSource();
			RunComponents components = new RunComponents(this.name,
					new Database(target.product(), executing, target.schema(), target.initSql(),
							target.schema() + "." + this.tablePrefix),
					target.scripts(), ledger, new JdbcMigrationRunRepository(target.dataSource(), tables),
					this.inspectors.create(this.name, target, executing), this.settings, this.listener);
			DatabaseNode created = new DatabaseNode(new Collaborators(ledger, components.initialRunner()), components,
					own);
			this.node = created;
			if (this.started) {
				created.start();
			}
			return created;
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

	}

}
