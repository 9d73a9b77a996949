package io.github.pendingmigrations.test;

import java.sql.Connection;
import java.sql.Statement;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link TestDatabase} and {@link DatabaseServer}.
 */
@EveryDatabase
class TestDatabaseTests {

	private final DatabaseServer server;

	private TestDatabase database;

	TestDatabaseTests(DatabaseServer server) {
		this.server = server;
	}

	@BeforeEach
	void createDatabase() {
		this.database = this.server.createDatabase();
	}

	@AfterEach
	void dropDatabase() {
		this.database.close();
	}

	@Test
	void freshDatabaseIsEmpty() {
		assertThat(this.database.tableNames()).isEmpty();
	}

	@Test
	void databasesDoNotSeeOneAnother() {
		try (TestDatabase other = this.server.createDatabase()) {
			this.database.execute("CREATE TABLE issue (id INT PRIMARY KEY)", "INSERT INTO issue VALUES (1)");
			assertThat(this.database.tableNames()).containsExactly("issue");
			assertThat(other.tableNames()).isEmpty();
		}
	}

	@Test
	void queriesTakeArguments() {
		this.database.execute("CREATE TABLE issue (id INT PRIMARY KEY, title VARCHAR(20))",
				"INSERT INTO issue VALUES (1, 'first'), (2, NULL)");
		assertThat(this.database.queryForString("SELECT title FROM issue WHERE id = ?", 1)).isEqualTo("first");
		assertThat(this.database.queryForList("SELECT title FROM issue ORDER BY id")).containsExactly("first", null);
	}

	@Test
	void quotedIdentifierMayBeReservedWord() {
		String table = this.server.quote("order");
		this.database.execute("CREATE TABLE %s (id INT)".formatted(table),
				"INSERT INTO %s VALUES (7)".formatted(table));
		assertThat(this.database.queryForString("SELECT id FROM " + table)).isEqualTo("7");
	}

	@Test
	void sessionsAreNotInUtc() throws Exception {
		String hoursFromUtc = switch (this.server) {
			case H2 -> "SELECT EXTRACT(TIMEZONE_HOUR FROM CURRENT_TIMESTAMP)";
			case POSTGRESQL -> "SELECT EXTRACT(TIMEZONE_HOUR FROM CURRENT_TIMESTAMP)::int";
			case MARIADB, MYSQL -> "SELECT TIMESTAMPDIFF(HOUR, UTC_TIMESTAMP(), CURRENT_TIMESTAMP())";
		};
		assertThat(this.database.queryForString(hoursFromUtc)).isIn("-7", "-8");
		try (Connection connection = this.database.dataSource().getConnection();
				Statement statement = connection.createStatement();
				var resultSet = statement.executeQuery(hoursFromUtc)) {
			resultSet.next();
			assertThat(resultSet.getInt(1)).isIn(-7, -8);
		}
	}

	@Test
	void poolsAreOfTheirOwnSizeAndCloseWithTheDatabase() {
		HikariDataSource shared = this.database.dataSource();
		HikariDataSource other = this.database.dataSource(2);
		assertThat(this.database.dataSource()).isSameAs(shared).isNotSameAs(other);
		assertThat(other.getMaximumPoolSize()).isEqualTo(2);
		this.database.close();
		assertThat(shared.isClosed()).isTrue();
		assertThat(other.isClosed()).isTrue();
	}

	@Test
	void closedDatabaseIsGone() {
		this.database.execute("CREATE TABLE issue (id INT PRIMARY KEY)");
		this.database.close();
		assertThatIllegalStateException().isThrownBy(() -> this.database.execute("SELECT * FROM issue"));
	}

	@Test
	void serverTakesThreeHundredConnections() {
		String limit = switch (this.server) {
			case H2 -> "SELECT 300";
			case POSTGRESQL -> "SELECT current_setting('max_connections')";
			case MARIADB, MYSQL -> "SELECT @@max_connections";
		};
		assertThat(this.database.queryForString(limit)).isEqualTo("300");
	}

}
