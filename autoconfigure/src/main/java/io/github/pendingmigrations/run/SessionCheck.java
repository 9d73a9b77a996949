package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import javax.sql.DataSource;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Finds out, once, whether the connections that execute keep their sessions, and warns if
 * they do not.
 */
class SessionCheck {

	/** What to do about it. */
	static final String ADVICE = "Give Pending Migrations a direct connection: a DataSource bean that is annotated with "
			+ "@PendingMigrationsDataSource and @Bean(defaultCandidate = false).";

	private static final Log logger = LogFactory.getLog(SessionCheck.class);

	/** How long one connection is kept while another one is waited for. */
	private static final Duration PATIENCE = Duration.ofMillis(500);

	private final String flywayBean;

	private final DataSource dataSource;

	private final SessionControl session;

	private @Nullable Boolean kept;

	SessionCheck(String flywayBean, DataSource dataSource, SessionControl session) {
		this.flywayBean = flywayBean;
		this.dataSource = dataSource;
		this.session = session;
	}

	/**
	 * Find out in the background, so that nothing waits for it.
	 */
	void start() {
		if (this.session.canBePooled()) {
			run(this::isSessionKept);
		}
	}

	private void run(Runnable task) {
		Thread thread = new Thread(task, "pending-migrations-" + this.flywayBean + "-session-check");
		thread.setDaemon(true);
		thread.start();
	}

	/**
	 * Return whether the connections keep their sessions. To be called by a thread that
	 * holds no connection.
	 * @return {@code false} if they are known not to
	 */
	synchronized boolean isSessionKept() {
		if (this.kept == null && this.session.canBePooled()) {
			this.kept = ask();
		}
		return !Boolean.FALSE.equals(this.kept);
	}

	@SuppressWarnings("IllegalCatch")
	private @Nullable Boolean ask() {
		try (BorrowedConnection first = BorrowedConnection.of(this.dataSource); BorrowedConnection second = second()) {
			boolean answer = ask(first, second);
			if (!answer) {
				logger.warn("Between this application and the database of Flyway bean '" + this.flywayBean
						+ "' there is a pooler that gives each transaction another session, as PgBouncer does with "
						+ "pool_mode=transaction. Pending migrations that run in one transaction work; others are "
						+ "refused, since the settings and locks of a session would stay behind with somebody else. "
						+ ADVICE);
			}
			return answer;
		}
		catch (SQLException | RuntimeException ex) {
			// Nothing is known then, and it is asked again when it matters.
			logger.debug("Whether connections keep their sessions cannot be found out", ex);
			return null;
		}
	}

	/**
	 * The pool may be one of a single connection, which nobody must be kept from using.
	 */
	private BorrowedConnection second() throws SQLException {
		CompletableFuture<BorrowedConnection> second = CompletableFuture.supplyAsync(() -> borrow(this.dataSource),
				this::run);
		try {
			return second.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException | ExecutionException ex) {
			second.thenAccept(BorrowedConnection::close);
			throw new SQLException("There is no second connection", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			second.thenAccept(BorrowedConnection::close);
			throw new SQLException("Interrupted", ex);
		}
	}

	private static BorrowedConnection borrow(DataSource dataSource) {
		try {
			return BorrowedConnection.of(dataSource);
		}
		catch (SQLException ex) {
			throw new CompletionException(ex);
		}
	}

	private boolean ask(BorrowedConnection first, BorrowedConnection second) throws SQLException {
		try {
			return this.session.keepsSession(first.connection(), second.connection());
		}
		catch (SQLException ex) {
			first.taintSession();
			second.taintSession();
			throw ex;
		}
	}

}
