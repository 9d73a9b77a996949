package io.github.pendingmigrations.flyway;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.MigrationChecker.CheckedDatabase;
import io.github.pendingmigrations.MigrationScript;
import io.github.pendingmigrations.MigrationScript.Kind;
import io.github.pendingmigrations.MigrationScript.Transaction;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.flyway.FlywayInternals.ScriptSettings;
import io.github.pendingmigrations.flyway.Placeholders.Session;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.resolver.MigrationResolver;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/**
 * Reads the scripts that the database has not got yet, as they would run: with their
 * placeholders, script configuration and transactions. Nothing else is read.
 */
class DueScripts {

	private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

	/** In Flyway's names of the types of migrations that are written in Java. */
	private static final String JAVA = "JDBC";

	private final FlywayScripts scripts;

	private final SchemaHistory history;

	private volatile @Nullable Site site;

	DueScripts(FlywayScripts scripts, SchemaHistory history) {
		this.scripts = scripts;
		this.history = history;
	}

	/**
	 * Read what the next start-up would run. Makes Flyway scan its locations.
	 * @param flyway the Flyway
	 * @return the scripts: versioned, repeatable, callbacks, each in its order
	 */
	List<MigrationScript> due(SafeFlyway flyway) {
		List<MigrationInfo> due = List.of(flyway.info().pending());
		Map<String, LoadableResource> resources = resources();
		List<MigrationScript> found = new ArrayList<>();
		Baseline baseline = Baseline.of(flyway, this.history);
		for (MigrationInfo info : due) {
			if (baseline.hides(info.getVersion())) {
				continue;
			}
			Kind kind = (info.getVersion() != null) ? Kind.VERSIONED : Kind.REPEATABLE;
			LoadableResource resource = resources.get(info.getPhysicalLocation());
			if (resource != null) {
				add(found, kind, info.getVersion(), resource);
			}
			else if (!info.getType().name().contains(JAVA)) {
				found.add(new MigrationScript(kind, info.getVersion(), info.getScript(), null,
						Transaction.BY_STATEMENTS));
			}
		}
		List<MigrationScript> together = grouped(found);
		List<MigrationScript> callbacks = new ArrayList<>();
		for (LoadableResource resource : resources.values()) {
			if (CallbackScripts.isFiredByMigrate(resource, configuration())) {
				add(callbacks, Kind.CALLBACK, null, resource);
			}
		}
		List<MigrationScript> all = new ArrayList<>(together);
		all.addAll(callbacks);
		return all;
	}

	/**
	 * Read a versioned migration.
	 * @param version its version
	 * @param resource the script
	 * @return the script
	 */
	MigrationScript versioned(MigrationVersion version, LoadableResource resource) {
		return read(Kind.VERSIONED, version, resource, null);
	}

	/**
	 * Read a pending migration.
	 * @param script the migration
	 * @return its script, or empty if it is written in Java
	 */
	Optional<MigrationScript> pending(PendingScript script) {
		if (script.type() != PendingMigrationType.SQL) {
			return Optional.empty();
		}
		Transaction transaction = script.load().inTransaction() ? Transaction.WHOLE : Transaction.NONE;
		return resources().values()
			.stream()
			.filter((resource) -> resource.getAbsolutePath().equals(script.location()))
			.findFirst()
			.map((resource) -> read(Kind.PENDING, script.version(), resource, transaction));
	}

	/**
	 * Find out where the scripts run. Opens a connection at the first time.
	 * @return the database
	 */
	CheckedDatabase database() {
		return site().database();
	}

	/**
	 * Return where a migration was found.
	 * @param info the migration
	 * @return the path of its script, or the name of its class
	 */
	String locationOf(MigrationInfo info) {
		LoadableResource resource = resources().get(info.getPhysicalLocation());
		return (resource != null) ? resource.getAbsolutePath() : info.getScript();
	}

	private Configuration configuration() {
		return this.scripts.context().configuration;
	}

	private Map<String, LoadableResource> resources() {
		MigrationResolver.Context context = this.scripts.context();
		Map<String, LoadableResource> resources = new LinkedHashMap<>();
		context.resourceProvider.getResources("", context.configuration.getSqlMigrationSuffixes())
			.forEach((resource) -> resources.put(resource.getAbsolutePathOnDisk(), resource));
		return resources;
	}

	private void add(List<MigrationScript> scripts, Kind kind, @Nullable MigrationVersion version,
			LoadableResource resource) {
		if (FlywayInternals.settings(this.scripts.context(), resource).executes()) {
			scripts.add(read(kind, version, resource, null));
		}
	}

	private MigrationScript read(Kind kind, @Nullable MigrationVersion version, LoadableResource resource,
			@Nullable Transaction transaction) {
		String location = resource.getAbsolutePath();
		try {
			String text = ScriptReader.text(resource);
			ScriptSettings settings = FlywayInternals.settings(this.scripts.context(), resource);
			String sql = settings.replacesPlaceholders()
					? Placeholders.of(configuration(), site().session(), resource.getFilename()).replace(text) : text;
			return new MigrationScript(kind, version, location, sql,
					(transaction != null) ? transaction : settings.transaction().get());
		}
		catch (IOException | FlywayException ex) {
			throw new InvalidPendingMigrationException(List.of(ScriptReader.unreadable(location, configuration(), ex)));
		}
	}

	/** A group runs in one transaction, or no part of it does. */
	private List<MigrationScript> grouped(List<MigrationScript> found) {
		boolean outside = found.stream().anyMatch((script) -> script.transaction() == Transaction.NONE);
		boolean inside = found.stream().anyMatch((script) -> script.transaction() != Transaction.NONE);
		if (!configuration().isGroup() || !outside || !inside) {
			return found;
		}
		Transaction all = configuration().isMixed() ? Transaction.NONE : Transaction.REFUSED;
		return found.stream()
			.map((script) -> new MigrationScript(script.kind(), script.version(), script.location(), script.sql(),
					(script.transaction() == Transaction.NONE) ? all : script.transaction()))
			.toList();
	}

	private Site site() {
		Site known = this.site;
		if (known == null) {
			known = Site.of(configuration());
			this.site = known;
		}
		return known;
	}

	/**
	 * Where scripts run.
	 *
	 * @param database what a checker has to know
	 * @param session what placeholders stand for
	 */
	private record Site(CheckedDatabase database, Session session) {

		static Site of(Configuration configuration) {
			try (Connection connection = configuration.getDataSource().getConnection()) {
				DatabaseMetaData metaData = connection.getMetaData();
				DatabaseProduct product = DatabaseProduct.of(connection);
				String user = metaData.getUserName();
				boolean mysql = product == DatabaseProduct.MYSQL || product == DatabaseProduct.MARIADB;
				String schema = SchemaHistory.schema(connection, configuration);
				return new Site(
						new CheckedDatabase(product, metaData.getDatabaseMajorVersion(),
								product == DatabaseProduct.POSTGRESQL
										&& FlywayInternals.hasTransactionalLock(configuration),
								schema, configuration.getDataSource()),
						new Session(schema, mysql ? user.replaceFirst("@.*", "") : user, connection.getCatalog(),
								TIMESTAMP.format(LocalDateTime.now())));
			}
			catch (SQLException ex) {
				throw new IllegalStateException("The database of Flyway cannot be asked: " + ex.getMessage(), ex);
			}
		}

	}

}
