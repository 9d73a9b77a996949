package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.pendingmigrations.MigrationRun.Blocker;
import io.github.pendingmigrations.run.Sighting.Obstacle;
import io.github.pendingmigrations.run.Sighting.Obstacle.Kind;

/**
 * {@link ContentionProbe} for H2, which tells who blocks a session but not for how long.
 */
class H2ContentionProbe implements ContentionProbe {

	private static final String BLOCKER = """
			SELECT b.SESSION_ID, b.USER_NAME, b.SESSION_STATE, b.EXECUTING_STATEMENT
			FROM INFORMATION_SCHEMA.SESSIONS s JOIN INFORMATION_SCHEMA.SESSIONS b ON b.SESSION_ID = s.BLOCKER_ID
			WHERE s.SESSION_ID = ?""";

	private static final String BLOCKED = """
			SELECT COUNT(*), COALESCE(MAX(DATEDIFF(MILLISECOND, EXECUTING_STATEMENT_START, CURRENT_TIMESTAMP)), 0)
			FROM INFORMATION_SCHEMA.SESSIONS WHERE BLOCKER_ID = ?""";

	@Override
	public Sighting look(Connection connection, String session) throws SQLException {
		int id = Integer.parseInt(session);
		List<Obstacle> obstacles = blocker(connection, id);
		try (PreparedStatement statement = connection.prepareStatement(BLOCKED)) {
			statement.setInt(1, id);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return new Sighting(!obstacles.isEmpty(), obstacles, true, row.getInt(1),
						Duration.ofMillis(row.getLong(2)));
			}
		}
	}

	private static List<Obstacle> blocker(Connection connection, int id) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(BLOCKER)) {
			statement.setInt(1, id);
			try (ResultSet row = statement.executeQuery()) {
				return row.next()
						? List.of(new Obstacle(
								new Blocker(row.getLong("SESSION_ID"), row.getString("USER_NAME"), null,
										"SLEEP".equals(row.getString("SESSION_STATE")) ? "idle in transaction"
												: "active",
										null, row.getString("EXECUTING_STATEMENT")),
								Kind.SESSION, ""))
						: List.of();
			}
		}
	}

	@Override
	public List<Obstacle> stillThere(Connection connection, List<Obstacle> obstacles) {
		// Without ages there is nothing to conclude from it.
		return List.of();
	}

}
