package io.github.pendingmigrations.run;

import java.util.List;

import javax.sql.DataSource;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.InitialMigrationRunner;
import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.MigrationRunRepository;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScripts;
import io.github.pendingmigrations.PreflightInspector;
import io.github.pendingmigrations.Rollout;
import org.jspecify.annotations.Nullable;

/**
 * What executes the pending migrations of one Flyway bean: the service that accepts
 * requests, the worker that does the work, and the start-up's means on an empty database.
 *
 * @since 0.1.0
 */
public final class RunComponents {

	private final RunResources resources;

	private final PendingMigrations pendingMigrations;

	private final InitialMigrationRunner initialRunner;

	private final RunWorker worker;

	private final SessionCheck sessionCheck;

	/**
	 * Create the components.
	 * @param flywayBean the name of the Flyway bean
	 * @param database the database
	 * @param scripts the pending migrations of this application
	 * @param ledger the ledger
	 * @param runs the runs
	 * @param inspector looks at what a migration would meet
	 * @param settings the settings
	 * @param listener is told what the worker does, and does not throw, see
	 * {@link RunListener#all}
	 * @param rollout knows whether a rollout is complete
	 */
	public RunComponents(String flywayBean, Database database, PendingScripts scripts, MigrationLedger ledger,
			MigrationRunRepository runs, PreflightInspector inspector, RunSettings settings, RunListener listener,
			Rollout rollout) {
		SessionControl session = SessionControl.of(database.product(), database.fenceName());
		this.sessionCheck = new SessionCheck(flywayBean, database.dataSource(), session);
		this.resources = new RunResources(flywayBean, database, scripts, ledger, runs, session, this.sessionCheck,
				new RunPreflight(inspector, database.initSql() == null), settings, listener, rollout);
		Takeover takeover = new Takeover(this.resources);
		this.worker = new RunWorker(this.resources, new RunExecution(this.resources, takeover), takeover);
		this.pendingMigrations = new DefaultPendingMigrations(this.resources, this.worker, takeover, inspector);
		this.initialRunner = new InitialRunner(this.resources);
	}

	/**
	 * Return the service that accepts requests.
	 * @return the service
	 */
	public PendingMigrations pendingMigrations() {
		return this.pendingMigrations;
	}

	/**
	 * Tell that migrations were seen for the first time.
	 * @param scripts the migrations
	 */
	public void detected(List<PendingScript> scripts) {
		scripts.forEach((script) -> this.resources.listener().onDetected(this.resources.flywayBean(), script));
	}

	/**
	 * Return the means of the start-up on an empty database.
	 * @return the runner
	 */
	public InitialMigrationRunner initialRunner() {
		return this.initialRunner;
	}

	/**
	 * Begin to work on runs. Has no effect if that has begun.
	 */
	public void start() {
		this.sessionCheck.start();
		this.worker.start();
	}

	/**
	 * Stop to work on runs, and give back the one under way.
	 */
	public void stop() {
		this.worker.stop();
	}

	/**
	 * The database to work on.
	 *
	 * @param product the product
	 * @param dataSource the data source to execute with
	 * @param schema the schema in which scripts run
	 * @param initSql the SQL to run first on the connection that executes, or
	 * {@code null}
	 * @param fenceName a name that is the same for everybody who works on the same tables
	 */
	public record Database(DatabaseProduct product, DataSource dataSource, String schema, @Nullable String initSql,
			String fenceName) {
	}

}
