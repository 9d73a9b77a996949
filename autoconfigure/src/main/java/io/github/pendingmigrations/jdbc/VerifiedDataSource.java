package io.github.pendingmigrations.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Types;
import java.util.Optional;
import java.util.UUID;

import javax.sql.DataSource;

import io.github.pendingmigrations.WrongDataSourceException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * A data source that gives out connections only when it is known to reach the tables of
 * this library: what is written with it is read with that of Flyway.
 *
 * @since 0.1.0
 */
public final class VerifiedDataSource extends DelegatingDataSource {

	private static final Log logger = LogFactory.getLog(VerifiedDataSource.class);

	/** Others who start at the same moment write into the same place. */
	private static final int MAX_ATTEMPTS = 20;

	private final String name;

	private final String flywayBean;

	private final LedgerDatabase own;

	private final LedgerDatabase reference;

	private final String mark;

	private final String findMark;

	private volatile boolean verified;

	/**
	 * Create the data source. Does not access the database.
	 * @param name the name of its bean
	 * @param flywayBean the name of the Flyway bean
	 * @param target the data source to verify
	 * @param reference the data source of Flyway
	 * @param tables the tables
	 */
	public VerifiedDataSource(String name, String flywayBean, DataSource target, DataSource reference,
			LedgerTables tables) {
		super(target);
		this.name = name;
		this.flywayBean = flywayBean;
		this.own = new LedgerDatabase(target, tables);
		this.reference = new LedgerDatabase(reference, tables);
		this.mark = tables.sql("update {meta} set data_source_mark = :mark where id = 1");
		this.findMark = tables.sql("select data_source_mark from {meta} where id = 1");
	}

	@Override
	public Connection getConnection() throws SQLException {
		try {
			verifyNow();
		}
		catch (DataAccessResourceFailureException ex) {
			SQLException cause = sqlException(ex);
			throw (cause != null) ? cause : new SQLTransientConnectionException(ex.getMessage(), ex);
		}
		return super.getConnection();
	}

	/**
	 * Make sure that it reaches the tables, if they have been created. If its database
	 * cannot be reached, that is left to the first who needs a connection: an application
	 * serves without it.
	 * @throws WrongDataSourceException if it does not
	 */
	public void verify() {
		try {
			verifyNow();
		}
		catch (DataAccessResourceFailureException ex) {
			logger
				.warn("The data source '" + this.name + "', which is to execute the pending migrations of Flyway bean '"
						+ this.flywayBean + "', cannot be reached now. It is verified when a run needs it: " + ex);
		}
	}

	private void verifyNow() {
		if (!this.verified && hasTables()) {
			for (int attempt = 1; !isSame(); attempt++) {
				if (attempt == MAX_ATTEMPTS) {
					throw wrong("reaches another database: what it writes is not what Flyway's data source reads",
							null);
				}
				LedgerDatabase.pause();
			}
			this.verified = true;
		}
	}

	private boolean isSame() {
		String written = UUID.randomUUID().toString();
		if (!write(written)) {
			throw wrong("reaches another database: the tables of Pending Migrations are not there", null);
		}
		return findMark().filter(written::equals).isPresent();
	}

	private boolean hasTables() {
		try {
			findMark();
			return true;
		}
		catch (DataAccessException ex) {
			if (LedgerDatabase.isMissingTable(ex)) {
				return false;
			}
			throw ex;
		}
	}

	private Optional<String> findMark() {
		return this.reference.read((client) -> client.sql(this.findMark)
			.query((row, number) -> Optional.ofNullable(row.getString(1)))
			.optional()
			.flatMap((found) -> found));
	}

	private boolean write(String value) {
		try {
			return this.own.write((client) -> client.sql(this.mark).param("mark", value, Types.VARCHAR).update()) == 1;
		}
		catch (DataAccessException ex) {
			if (LedgerDatabase.isMissingTable(ex)) {
				return false;
			}
			if (ex instanceof DataAccessResourceFailureException && !isRefused(sqlException(ex))) {
				throw ex;
			}
			throw wrong("cannot be used: " + ex.getMostSpecificCause().getMessage(), ex);
		}
	}

	/**
	 * Whom the server does not know, or not let in, it will not later.
	 */
	private static boolean isRefused(@Nullable SQLException ex) {
		String state = (ex != null) ? ex.getSQLState() : null;
		return state != null && (state.startsWith("28") || state.equals("3D000"));
	}

	private static @Nullable SQLException sqlException(Throwable ex) {
		for (Throwable cause = ex.getCause(); cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException sqlException) {
				return sqlException;
			}
		}
		return null;
	}

	private WrongDataSourceException wrong(String problem, @Nullable Throwable cause) {
		return new WrongDataSourceException(this.name, this.flywayBean, problem, cause);
	}

}
