package io.github.pendingmigrations;

/**
 * Thrown when the tables of this library cannot be created, because the SQL of the
 * database differs too much from what this library knows.
 *
 * @since 0.1.0
 */
public class UnsupportedDatabaseException extends RuntimeException {

	private final DatabaseProduct product;

	/**
	 * Create the exception.
	 * @param product the database
	 * @param statement the statement that failed
	 * @param cause why it failed
	 */
	public UnsupportedDatabaseException(DatabaseProduct product, String statement, Throwable cause) {
		super("The tables of Pending Migrations cannot be created on this database (" + product + "): "
				+ cause.getMessage() + ". The statement was: " + statement, cause);
		this.product = product;
	}

	/**
	 * Return the database.
	 * @return the product
	 */
	public DatabaseProduct getProduct() {
		return this.product;
	}

}
