package io.github.pendingmigrations.online;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestDatabase;

/**
 * A database in use: two tables of the same size, created by the first release.
 *
 * @param database the database
 * @param release the release, to which migrations are added
 */
record Stage(TestDatabase database, TestApplication release) implements AutoCloseable {

	/** How many rows a table has. */
	static final int ROWS = 1 << 13;

	private static final String CREATE = """
			create table item (id int primary key, title varchar(40), hits int not null, code int, legacy varchar(40));
			create table witness (id int primary key, title varchar(40), hits int not null);
			insert into item values (1, 'title', 0, 1, 'legacy');
			insert into witness values (1, 'title', 0);
			""";

	static Stage on(DatabaseServer server) {
		TestDatabase database = server.createDatabase();
		return of(database, TestApplication.on(database));
	}

	/**
	 * Create one on PostgreSQL that belongs to a role without privileges of its own.
	 * @param role the role, which exists
	 * @param password its password
	 * @return the database, in which the application is that role
	 */
	static Stage ownedBy(String role, String password) {
		TestDatabase database = DatabaseServer.POSTGRESQL.createDatabase();
		database.execute("alter database " + database.name() + " owner to " + role);
		return of(database,
				TestApplication.on(database)
					.property("spring.datasource.username", role)
					.property("spring.datasource.password", password));
	}

	private static Stage of(TestDatabase database, TestApplication release) {
		DatabaseServer server = database.server();
		release.script("V1__create.sql", CREATE).start().close();
		List<String> doublings = new ArrayList<>();
		for (int rows = 1; rows < ROWS; rows *= 2) {
			doublings
				.add("insert into item select id + %1$d, title, hits, code + %1$d, legacy from item".formatted(rows));
			doublings.add("insert into witness select id + %d, title, hits from witness".formatted(rows));
		}
		database.execute(doublings.toArray(String[]::new));
		if (server == DatabaseServer.POSTGRESQL) {
			database.execute("vacuum analyze");
		}
		return new Stage(database, release);
	}

	Traffic traffic(Duration calibration) throws SQLException {
		return Traffic.start(this.database, calibration);
	}

	@Override
	public void close() {
		this.release.close();
		this.database.close();
	}

}
