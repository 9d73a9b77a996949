package io.github.pendingmigrations.preflight;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PostgresqlLockMode}.
 */
class PostgresqlLockModeTests {

	static boolean isSelected() {
		return DatabaseServer.selected().contains(DatabaseServer.POSTGRESQL);
	}

	@Test
	void namesOfBothKindsAreUnderstood() {
		for (PostgresqlLockMode mode : PostgresqlLockMode.values()) {
			assertThat(PostgresqlLockMode.of(mode.toString())).isEqualTo(mode);
		}
		assertThat(PostgresqlLockMode.of("ShareUpdateExclusiveLock"))
			.isEqualTo(PostgresqlLockMode.SHARE_UPDATE_EXCLUSIVE);
		assertThat(PostgresqlLockMode.of("something new")).isEqualTo(PostgresqlLockMode.ACCESS_EXCLUSIVE);
	}

	@Test
	@EnabledIf("isSelected")
	void conflictsAreThoseOfTheServer() throws Exception {
		try (TestDatabase database = DatabaseServer.POSTGRESQL.createDatabase();
				Connection holder = database.openConnection();
				Connection other = database.openConnection()) {
			database.execute("create table issue (id int)");
			holder.setAutoCommit(false);
			other.setAutoCommit(false);
			for (PostgresqlLockMode held : PostgresqlLockMode.values()) {
				assertThat(lock(holder, held)).isTrue();
				for (PostgresqlLockMode wanted : PostgresqlLockMode.values()) {
					boolean granted = lock(other, wanted);
					other.rollback();
					assertThat(wanted.conflicts().contains(held)).as("%s while %s is held", wanted, held)
						.isEqualTo(!granted);
				}
				holder.rollback();
			}
		}
	}

	private static boolean lock(Connection connection, PostgresqlLockMode mode) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("lock table issue in " + mode + " mode nowait");
			return true;
		}
		catch (SQLException ex) {
			assertThat(ex.getSQLState()).isEqualTo("55P03");
			return false;
		}
	}

}
