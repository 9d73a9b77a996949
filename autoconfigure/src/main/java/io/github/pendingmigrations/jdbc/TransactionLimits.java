package io.github.pendingmigrations.jdbc;

import io.github.pendingmigrations.DatabaseProduct;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Limits the transactions of our own: a process that is stopped in the middle of one, or
 * cut off from the network, must not keep the others from its rows, and nobody waits for
 * ever for a row that somebody else has locked. MySQL has no limit for the former.
 */
enum TransactionLimits {

	/** Only what the database does by itself. */
	NONE {

		@Override
		void begin(JdbcTemplate template) {
		}

	},

	POSTGRESQL {

		@Override
		void begin(JdbcTemplate template) {
			template.queryForMap("select set_config('idle_in_transaction_session_timeout', '10s', true), "
					+ "set_config('lock_timeout', '10s', true)");
		}

	},

	/**
	 * It knows the limit of a session only, which is restored when the transaction is
	 * over. A wait for a row has a limit by default.
	 */
	MARIADB {

		@Override
		void begin(JdbcTemplate template) {
			template.execute("set @pending_migrations_idle = @@session.idle_transaction_timeout, "
					+ "session idle_transaction_timeout = 10");
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void afterCompletion(int status) {
					try {
						template.execute("set session idle_transaction_timeout = @pending_migrations_idle");
					}
					catch (DataAccessException ex) {
						logger.debug("The connection is broken, and its session with it", ex);
					}
				}

			});
		}

	};

	private static final Log logger = LogFactory.getLog(TransactionLimits.class);

	static TransactionLimits of(DatabaseProduct product) {
		return switch (product) {
			case POSTGRESQL -> POSTGRESQL;
			case MARIADB -> MARIADB;
			default -> NONE;
		};
	}

	/**
	 * Limit a transaction that has just begun.
	 * @param template executes in it
	 */
	abstract void begin(JdbcTemplate template);

}
