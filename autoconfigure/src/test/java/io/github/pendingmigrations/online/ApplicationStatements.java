package io.github.pendingmigrations.online;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

import io.github.pendingmigrations.test.TestDatabase;

/**
 * What the application does with a table, on a connection of its own: four reads by
 * primary key to one update, each committed by itself.
 */
final class ApplicationStatements implements OpenLoopLoad.Client {

	private final Connection connection;

	private final PreparedStatement read;

	private final PreparedStatement update;

	private ApplicationStatements(Connection connection, String table) throws SQLException {
		this.connection = connection;
		this.read = connection.prepareStatement("select id, title from " + table + " where id = ?");
		this.update = connection.prepareStatement("update " + table + " set hits = hits + 1 where id = ?");
	}

	static List<ApplicationStatements> on(TestDatabase database, String table, int clients) throws SQLException {
		List<ApplicationStatements> statements = new ArrayList<>();
		for (int i = 0; i < clients; i++) {
			statements.add(new ApplicationStatements(database.openConnection(), table));
		}
		return statements;
	}

	@Override
	public void issue(long number) throws SQLException {
		int id = ThreadLocalRandom.current().nextInt(Stage.ROWS) + 1;
		if (number % 5 == 4) {
			this.update.setInt(1, id);
			require(this.update.executeUpdate() == 1, id);
		}
		else {
			this.read.setInt(1, id);
			try (ResultSet resultSet = this.read.executeQuery()) {
				require(resultSet.next(), id);
			}
		}
	}

	@Override
	public void close() {
		try {
			this.connection.close();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void require(boolean found, int id) {
		if (!found) {
			throw new IllegalStateException("Row " + id + " is gone");
		}
	}

}
