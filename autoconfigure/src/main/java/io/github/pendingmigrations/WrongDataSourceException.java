package io.github.pendingmigrations;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a data source that is to execute pending migrations does not reach the
 * database of Flyway.
 *
 * @since 0.1.0
 */
public class WrongDataSourceException extends RuntimeException {

	private final String dataSource;

	/**
	 * Create the exception.
	 * @param dataSource the name of the bean
	 * @param flywayBean the name of the Flyway bean
	 * @param problem what is wrong, as the end of a sentence
	 * @param cause the cause, if there is one
	 */
	public WrongDataSourceException(String dataSource, String flywayBean, String problem, @Nullable Throwable cause) {
		super("The data source '" + dataSource + "', which is to execute the pending migrations of Flyway bean '"
				+ flywayBean + "', " + problem, cause);
		this.dataSource = dataSource;
	}

	/**
	 * Return the name of the data source.
	 * @return the name of the bean
	 */
	public String getDataSource() {
		return this.dataSource;
	}

}
