package io.github.pendingmigrations.online;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.github.pendingmigrations.online.Migrator.Ended;
import io.github.pendingmigrations.online.Migrator.Prepared;
import io.github.pendingmigrations.test.DatabaseServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A migration changes two tables that the application uses in the opposite order, so that
 * both wait for each other. PostgreSQL ends the wait of whoever looks first; the role of
 * the tests has the privilege to set {@code deadlock_timeout}.
 */
@Isolated
class DeadlockTests {

	/**
	 * The sleep lets the application come to the first table before we come to the other
	 * one.
	 */
	private static final String SCRIPT = """
			alter table item drop column legacy;
			do 'begin perform pg_sleep(0.3); end';
			alter table witness drop column title;
			""";

	private static final String MIGRATION_IS_AT_WORK = "select l.pid from pg_locks l join pg_class c on c.oid = l.relation "
			+ "where c.relname = 'item' and l.mode = 'AccessExclusiveLock' and l.granted";

	private final OnlineForm form = OnlineForm.selected();

	@Test
	void applicationIsNeverTheVictim() throws SQLException {
		Collisions ours;
		Collisions control;
		try (FigureTable table = new FigureTable("3: deadlock between the application and the migration, POSTGRESQL",
				"migrator", "collisions", "application was the victim", "longest collision", "attempts")) {
			ours = measure(Migrator.PENDING, table);
			control = measure(Migrator.FLYWAY, table);
		}
		assertThat(control.errors()).as("what plain Flyway does to the application")
			.singleElement()
			.asString()
			.contains("deadlock");
		assertThat(ours.durations()).as("collisions").hasSizeGreaterThan(2);
		assertThat(ours.errors()).isEmpty();
	}

	private Collisions measure(Migrator migrator, FigureTable table) throws SQLException {
		try (Stage stage = Stage.on(DatabaseServer.POSTGRESQL); Prepared prepared = migrator.prepare(stage, SCRIPT)) {
			CompletableFuture<Ended> migration;
			Collisions collisions = new Collisions(new ArrayList<>(), new ArrayList<>());
			try (Connection connection = stage.database().openConnection();
					Connection observer = stage.database().openConnection()) {
				connection.setAutoCommit(false);
				migration = prepared.start();
				long until = System.nanoTime() + this.form.collisions().toNanos();
				while (!migration.isDone() && System.nanoTime() - until < 0) {
					collide(observer, connection, migration, collisions);
				}
			}
			Ended ended = migration.join();
			table.row(migrator, collisions.durations().size(), collisions.errors().size(),
					collisions.durations().stream().max(Duration::compareTo).orElse(Duration.ZERO),
					ended.outcome().attempts());
			assertThat(ended.outcome().succeeded()).isTrue();
			return collisions;
		}
	}

	/**
	 * Use the second table, and the first one as soon as the migration has it.
	 */
	private static void collide(Connection observer, Connection connection, CompletableFuture<Ended> migration,
			Collisions collisions) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.executeUpdate("update witness set hits = hits + 1 where id = 1");
			while (!isMigrationAtWork(observer)) {
				if (migration.isDone()) {
					connection.rollback();
					return;
				}
				Pause.of(Duration.ofMillis(2));
			}
			long started = System.nanoTime();
			statement.executeQuery("select id, title from item where id = 1").close();
			collisions.durations().add(Duration.ofNanos(System.nanoTime() - started));
			connection.commit();
		}
		catch (SQLException ex) {
			collisions.errors().add(ex.toString());
			connection.rollback();
		}
	}

	private static boolean isMigrationAtWork(Connection observer) throws SQLException {
		try (Statement statement = observer.createStatement();
				ResultSet resultSet = statement.executeQuery(MIGRATION_IS_AT_WORK)) {
			return resultSet.next();
		}
	}

	/**
	 * What the application met.
	 *
	 * @param durations how long it waited for the migration, each time
	 * @param errors what it got instead of its rows
	 */
	private record Collisions(List<Duration> durations, List<String> errors) {
	}

}
