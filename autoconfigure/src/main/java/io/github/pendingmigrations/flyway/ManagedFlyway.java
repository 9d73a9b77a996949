package io.github.pendingmigrations.flyway;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.InitialMigrationRunner;
import io.github.pendingmigrations.MigrationChecker;
import io.github.pendingmigrations.MigrationChecks;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.PendingScripts;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.resolver.MigrationResolver;
import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;

/**
 * A Flyway bean whose start-up is safe, and the pending migrations in its locations.
 *
 * @since 0.1.0
 */
public final class ManagedFlyway {

	private final SafeFlyway flyway;

	private final FlywayScripts scripts;

	private final Supplier<Parts> parts;

	private ManagedFlyway(SafeFlyway flyway, FlywayScripts scripts, Supplier<Parts> parts) {
		this.flyway = flyway;
		this.scripts = scripts;
		this.parts = parts;
	}

	/**
	 * Make the start-up of a Flyway bean safe.
	 * @param original the bean
	 * @param settings the settings
	 * @param beans the migrations written in Java
	 * @param collaborators creates what works on the database; called once, when the
	 * database has been reached for the first time
	 * @return the managed Flyway
	 */
	public static ManagedFlyway manage(Flyway original, Settings settings, JavaMigrationBeans beans,
			Function<Target, Collaborators> collaborators) {
		Configuration configuration = original.getConfiguration();
		DataSource dataSource = configuration.getDataSource();
		ScriptReader reader = new ScriptReader(settings.prefix(), beans);
		SchemaHistory history = new SchemaHistory(dataSource, configuration);
		Holder holder = new Holder();
		FlywayScripts scripts = new FlywayScripts(reader, history, () -> holder.flyway().info());
		InitializationCallback callback = new InitializationCallback();
		Supplier<Parts> parts = SingletonSupplier.of(() -> {
			Collaborators created = collaborators.apply(target(configuration, scripts));
			DueScripts due = new DueScripts(scripts, history);
			OrderConflicts conflicts = new OrderConflicts(scripts, due, created.checker());
			SafeStartup startup = new SafeStartup(scripts, history, created, callback, conflicts,
					new StartupCheck(due, created.checker()), settings);
			return new Parts(startup, new FlywayMigrationChecks(holder.flyway(), scripts, history, created.ledger(),
					due, conflicts, created.checker(), startup, new StartupPreview(scripts, history, due, settings)));
		});
		SafeFlyway flyway = new SafeFlyway(extend(configuration, scripts, callback), () -> parts.get().startup(),
				() -> CallbackScripts.fireWithoutMigrations(scripts.context()), settings.migrates());
		holder.flyway = flyway;
		scripts.listenTo(flyway.getConfiguration());
		return new ManagedFlyway(flyway, scripts, parts);
	}

	private static FluentConfiguration extend(Configuration configuration, MigrationResolver resolver,
			Callback callback) {
		MigrationResolver[] resolvers = Arrays.copyOf(configuration.getResolvers(),
				configuration.getResolvers().length + 1);
		resolvers[resolvers.length - 1] = resolver;
		Callback[] callbacks = Arrays.copyOf(configuration.getCallbacks(), configuration.getCallbacks().length + 1);
		callbacks[callbacks.length - 1] = callback;
		return Flyway.configure(configuration.getClassLoader())
			.configuration(configuration)
			.resolvers(resolvers)
			.callbacks(callbacks);
	}

	/**
	 * Return the bean that takes the place of the original one.
	 * @return the Flyway
	 */
	public Flyway flyway() {
		return this.flyway;
	}

	/**
	 * Migrate, unless somebody has asked the bean to.
	 */
	public void migrateOnce() {
		if (!this.flyway.isMigrated()) {
			this.flyway.migrate();
		}
	}

	/**
	 * Return what checks the migrations. Opens a connection.
	 * @return the checks
	 */
	public MigrationChecks checks() {
		return this.parts.get().checks();
	}

	/**
	 * Find out where the tables of a Flyway bean live. Opens a connection.
	 * @return the target
	 */
	public Target target() {
		return target(this.flyway.getConfiguration(), this.scripts);
	}

	private static Target target(Configuration configuration, PendingScripts scripts) {
		DataSource dataSource = configuration.getDataSource();
		try (Connection connection = dataSource.getConnection()) {
			return new Target(DatabaseProduct.of(connection), SchemaHistory.schema(connection, configuration),
					configuration.getTable(), configuration.getInitSql(), dataSource, scripts);
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The database of Flyway cannot be reached: " + ex.getMessage(), ex);
		}
	}

	/**
	 * Where the tables of a Flyway bean live, and what waits there.
	 *
	 * @param product the database
	 * @param schema the schema of Flyway's history table, in which scripts run
	 * @param historyTable the name of Flyway's history table
	 * @param initSql the SQL that Flyway runs on every new connection, or {@code null}
	 * @param dataSource the data source
	 * @param scripts the pending migrations
	 */
	public record Target(DatabaseProduct product, String schema, String historyTable, @Nullable String initSql,
			DataSource dataSource, PendingScripts scripts) {
	}

	/**
	 * What works on the database.
	 *
	 * @param ledger the ledger
	 * @param initialRunner applies pending migrations to an empty database
	 * @param checker judges migrations by their SQL
	 * @param migrated called at the end of each start-up that leaves the tables there
	 */
	public record Collaborators(MigrationLedger ledger, InitialMigrationRunner initialRunner, MigrationChecker checker,
			Runnable migrated) {
	}

	/**
	 * What needs the database.
	 *
	 * @param startup the start-up
	 * @param checks the checks
	 */
	private record Parts(SafeStartup startup, MigrationChecks checks) {
	}

	/**
	 * Settings of the start-up.
	 *
	 * @param prefix the prefix of pending migrations
	 * @param applyOnEmptyDatabase whether pending migrations run on an empty database
	 * @param lenientOrder whether what can run does run if something else has to wait
	 * @param failIfOlder whether to refuse to start if migrations were applied that this
	 * application does not have
	 * @param applicationVersion the version of the application, or {@code null} if
	 * unknown
	 * @param migrates whether Flyway migrates; if not, it changes nothing
	 */
	public record Settings(String prefix, boolean applyOnEmptyDatabase, boolean lenientOrder, boolean failIfOlder,
			@Nullable String applicationVersion, boolean migrates) {
	}

	/**
	 * Breaks the circle between the scripts, which make Flyway scan, and Flyway, which
	 * asks them.
	 */
	private static final class Holder {

		private @Nullable SafeFlyway flyway;

		SafeFlyway flyway() {
			if (this.flyway == null) {
				throw new IllegalStateException("Flyway has not been created yet");
			}
			return this.flyway;
		}

	}

}
