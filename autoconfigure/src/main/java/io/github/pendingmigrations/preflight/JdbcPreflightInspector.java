package io.github.pendingmigrations.preflight;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.PreflightInspector;
import io.github.pendingmigrations.StatementLocks;
import io.github.pendingmigrations.preflight.Catalog.Part;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * {@link PreflightInspector} that asks the catalog of the database, on a connection of
 * its own, and only for a short time.
 *
 * @since 0.1.0
 */
public final class JdbcPreflightInspector implements PreflightInspector {

	private static final Log logger = LogFactory.getLog(JdbcPreflightInspector.class);

	private static final Duration BUDGET = Duration.ofSeconds(2);

	private final DatabaseProduct product;

	private final DataSource dataSource;

	private final String schema;

	private final StatementLocks reader;

	private final Supplier<Map<String, DataSource>> replicas;

	private final TimeBox timeBox;

	/**
	 * Create an inspector.
	 * @param product the database
	 * @param dataSource the data source to ask with
	 * @param schema the schema in which scripts run
	 * @param reader reads statements
	 * @param replicas the data sources of the replicas, by name
	 */
	public JdbcPreflightInspector(DatabaseProduct product, DataSource dataSource, String schema, StatementLocks reader,
			Supplier<Map<String, DataSource>> replicas) {
		this(product, dataSource, schema, reader, replicas, BUDGET);
	}

	JdbcPreflightInspector(DatabaseProduct product, DataSource dataSource, String schema, StatementLocks reader,
			Supplier<Map<String, DataSource>> replicas, Duration budget) {
		this.product = product;
		this.dataSource = dataSource;
		this.schema = schema;
		this.reader = reader;
		this.replicas = replicas;
		this.timeBox = new TimeBox(budget);
	}

	@Override
	public Preflight inspect(PendingScript script, int statementsDone) {
		Inspection inspection = new Inspection(Subject.of(script, statementsDone, this.product, this.reader),
				Catalog.modes(this.product));
		Catalog catalog = Catalog.of(this.product, this.schema, inspection);
		Map<String, DataSource> replicasByName = this.replicas.get();
		Set<String> unknown = new ConcurrentSkipListSet<>();
		catalog.parts().forEach((part) -> unknown.add(part.name()));
		replicasByName.keySet().forEach((name) -> unknown.add(replica(name)));
		boolean inTime = this.timeBox.run((leash) -> {
			lookAt(catalog, inspection, leash, unknown);
			replicasByName.forEach((name, replica) -> {
				if (!leash.isCut()) {
					lookAt(name, replica, inspection, leash);
					unknown.remove(replica(name));
				}
			});
		});
		if (!inTime && !unknown.isEmpty()) {
			inspection.add(new Notice(Notice.Code.NOT_INSPECTED, Effect.INFORMS,
					"The database did not answer in time, so these are not known: " + String.join(", ", unknown)
							+ ". Ask again; if that does not help, look whether it is overloaded or out of "
							+ "connections."));
		}
		return inspection.toPreflight();
	}

	private static String replica(String name) {
		return "replica " + name;
	}

	private void lookAt(Catalog catalog, Inspection inspection, Leash leash, Set<String> unknown) {
		if (catalog.parts().isEmpty()) {
			return;
		}
		try (Connection connection = this.dataSource.getConnection()) {
			leash.hold(connection);
			try {
				boolean autoCommit = connection.getAutoCommit();
				for (Part part : catalog.parts()) {
					lookAt(part, catalog, connection, inspection, leash);
					if (leash.isCut()) {
						return;
					}
					unknown.remove(part.name());
				}
				connection.setAutoCommit(autoCommit);
			}
			finally {
				leash.hold(null);
			}
		}
		// A pool may throw anything when it cannot start
		catch (SQLException | RuntimeException ex) {
			logger.debug("The catalog could not be read", ex);
			if (!leash.isCut()) {
				unknown.forEach((name) -> inspection.add(notInspected(name, ex)));
				unknown.clear();
			}
		}
	}

	private static void lookAt(Part part, Catalog catalog, Connection connection, Inspection inspection, Leash leash)
			throws SQLException {
		try {
			part.look().at(catalog.open(connection));
		}
		catch (SQLException ex) {
			logger.debug("The catalog does not tell: " + part.name(), ex);
			if (!leash.isCut()) {
				inspection.add(notInspected(part.name(), ex));
			}
		}
		finally {
			catalog.close(connection);
		}
	}

	private static Notice notInspected(String name, Exception ex) {
		return new Notice(Notice.Code.NOT_INSPECTED, Effect.INFORMS,
				"Not known: " + name + ". The database said: " + ex.getMessage());
	}

	private void lookAt(String name, DataSource replica, Inspection inspection, Leash leash) {
		try (Connection connection = replica.getConnection()) {
			leash.hold(connection);
			try {
				new ReplicaReader(this.product, name, inspection).read(connection);
			}
			finally {
				leash.hold(null);
			}
		}
		catch (SQLException | RuntimeException ex) {
			logger.debug("A replica could not be asked", ex);
			if (!leash.isCut()) {
				inspection.add(notInspected(replica(name), ex));
			}
		}
	}

}
