package io.github.pendingmigrations.flyway;

import java.util.Collection;
import java.util.List;
import java.util.SortedMap;

import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScripts;
import io.github.pendingmigrations.flyway.SchemaHistory.History;
import io.github.pendingmigrations.flyway.ScriptReader.VersionedMigration;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.resolver.MigrationResolver;
import org.flywaydb.core.api.resolver.ResolvedMigration;
import org.jspecify.annotations.Nullable;

/**
 * The pending migrations of one Flyway bean. As a {@link MigrationResolver} it resolves
 * nothing: it only looks over Flyway's shoulder, so that every operation of Flyway that
 * scans the locations also refreshes what is known here.
 */
class FlywayScripts implements PendingScripts, MigrationResolver {

	private final ScriptReader reader;

	private final SchemaHistory history;

	private final Runnable scan;

	private volatile @Nullable Context context;

	private volatile @Nullable List<PendingScript> scripts;

	private volatile @Nullable SortedMap<MigrationVersion, VersionedMigration> versioned;

	private volatile @Nullable Configuration configuration;

	/**
	 * Create the scripts of a Flyway bean.
	 * @param reader reads what was found
	 * @param history Flyway's history table
	 * @param scan makes Flyway scan its locations
	 */
	FlywayScripts(ScriptReader reader, SchemaHistory history, Runnable scan) {
		this.reader = reader;
		this.history = history;
		this.scan = scan;
	}

	/**
	 * Say whose scans to look at.
	 * @param configuration the configuration of the Flyway bean
	 */
	void listenTo(Configuration configuration) {
		this.configuration = configuration;
	}

	@Override
	public Collection<ResolvedMigration> resolveMigrations(Context context) {
		// Applications derive others from our Flyway, for example one for each tenant.
		if (context.configuration != this.configuration) {
			return List.of();
		}
		this.context = context;
		this.scripts = null;
		this.versioned = null;
		return List.of();
	}

	@Override
	public List<PendingScript> all() {
		List<PendingScript> known = this.scripts;
		if (known == null) {
			known = this.reader.read(context());
			this.scripts = known;
		}
		return known;
	}

	@Override
	public void reload() {
		this.scripts = this.reader.read(context());
	}

	@Override
	public List<MigrationVersion> versioned() {
		return List.copyOf(versionedMigrations().keySet());
	}

	@Override
	public List<MigrationVersion> outstandingVersioned() {
		History applied = this.history.read();
		return versioned().stream().filter((version) -> applied.wouldRun(version, context().configuration)).toList();
	}

	String prefix() {
		return this.reader.prefix();
	}

	Context context() {
		if (this.context == null) {
			this.scan.run();
		}
		Context found = this.context;
		if (found == null) {
			throw new IllegalStateException("Flyway did not ask its migration resolvers");
		}
		return found;
	}

	/**
	 * Return the versioned migrations in this application.
	 * @return the migrations by version, in order
	 */
	SortedMap<MigrationVersion, VersionedMigration> versionedMigrations() {
		SortedMap<MigrationVersion, VersionedMigration> known = this.versioned;
		if (known == null) {
			known = this.reader.versioned(context());
			this.versioned = known;
		}
		return known;
	}

}
