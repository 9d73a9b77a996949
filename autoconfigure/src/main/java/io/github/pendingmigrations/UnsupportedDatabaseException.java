package io.github.pendingmigrations;

/**
 * Thrown when the database is one that this library has no SQL for.
 *
 * @since 0.1.0
 */
public class UnsupportedDatabaseException extends RuntimeException {

	private final String product;

	public UnsupportedDatabaseException(String product, String version) {
		super("Pending migrations work on H2, PostgreSQL, MySQL and MariaDB, not on " + product + " " + version);
		this.product = product;
	}

	/**
	 * Return the name of the database product.
	 * @return the name
	 */
	public String getProduct() {
		return this.product;
	}

}
