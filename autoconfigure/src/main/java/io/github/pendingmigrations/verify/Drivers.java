package io.github.pendingmigrations.verify;

import java.util.ArrayList;
import java.util.List;

import io.github.pendingmigrations.DatabaseProduct;

import org.springframework.util.ClassUtils;

/**
 * Guesses the database from the drivers on the class path.
 */
final class Drivers {

	private Drivers() {
	}

	/**
	 * Return the only database that there is a driver for. H2 is often there for tests
	 * alone.
	 * @return the database
	 * @throws IllegalStateException if there are several, or none
	 */
	static DatabaseProduct onClassPath() {
		List<DatabaseProduct> found = new ArrayList<>();
		addIfPresent(found, DatabaseProduct.POSTGRESQL, "org.postgresql.Driver");
		addIfPresent(found, DatabaseProduct.MARIADB, "org.mariadb.jdbc.Driver");
		addIfPresent(found, DatabaseProduct.MYSQL, "com.mysql.cj.jdbc.Driver");
		if (found.isEmpty()) {
			addIfPresent(found, DatabaseProduct.H2, "org.h2.Driver");
		}
		if (found.size() != 1) {
			throw new IllegalStateException("There are drivers for " + found
					+ " on the class path: say with on(…) which database the migrations are written for");
		}
		return found.get(0);
	}

	private static void addIfPresent(List<DatabaseProduct> found, DatabaseProduct product, String driver) {
		if (ClassUtils.isPresent(driver, null)) {
			found.add(product);
		}
	}

}
