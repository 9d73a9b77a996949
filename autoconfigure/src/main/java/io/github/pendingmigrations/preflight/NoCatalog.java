package io.github.pendingmigrations.preflight;

import java.sql.Connection;
import java.util.List;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.Notice;

/**
 * {@link Catalog} of a database that this library has no queries for.
 */
final class NoCatalog implements Catalog {

	NoCatalog(DatabaseProduct product, Inspection inspection) {
		inspection.add(new Notice(Notice.Code.NOT_AVAILABLE, Effect.INFORMS, "Lock control is not available here ("
				+ product + "): statements are executed plainly, and sessions in "
				+ "the way, dependants and sizes cannot be told. Look at them with the tools of the database."));
	}

	@Override
	public List<Part> parts() {
		return List.of();
	}

	@Override
	public CatalogConnection open(Connection connection) {
		return new CatalogConnection(connection, 1);
	}

	@Override
	public void close(Connection connection) {
	}

}
