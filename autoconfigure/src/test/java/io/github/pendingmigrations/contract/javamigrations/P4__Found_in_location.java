package io.github.pendingmigrations.contract.javamigrations;

import java.sql.Statement;

import io.github.pendingmigrations.PendingJavaMigration;

/**
 * A migration that is no bean.
 */
public class P4__Found_in_location extends PendingJavaMigration {

	@Override
	public void migrate(Context context) throws Exception {
		try (Statement statement = context.connection().createStatement()) {
			statement.executeUpdate("insert into counter values (4, 44)");
		}
	}

	@Override
	public boolean canExecuteInTransaction() {
		return false;
	}

}
