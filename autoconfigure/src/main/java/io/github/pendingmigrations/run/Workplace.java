package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

import io.github.pendingmigrations.run.RunComponents.Database;
import io.github.pendingmigrations.run.SessionControl.Restore;

/**
 * Where Flyway would execute a script: in its schema, in a session that has run its
 * initial SQL.
 */
class Workplace {

	private final SessionControl session;

	private final String schema;

	private final List<String> initStatements;

	Workplace(SessionControl session, Database database) {
		this.session = session;
		this.schema = database.schema();
		this.initStatements = SqlText.split(database.initSql());
	}

	/**
	 * Go there with a connection.
	 * @param borrowed the connection
	 * @return goes back, unless the connection is not returned to its pool anyway
	 * @throws SQLException if that fails
	 */
	Restore enter(BorrowedConnection borrowed) throws SQLException {
		Connection connection = borrowed.connection();
		if (!this.initStatements.isEmpty() && connection.getAutoCommit()) {
			// Of a transaction it is undone with it, or the connection not given back.
			borrowed.taintSession();
		}
		for (String sql : this.initStatements) {
			try (Statement statement = connection.createStatement()) {
				statement.execute(sql);
			}
		}
		return this.session.useSchema(connection, this.schema);
	}

}
