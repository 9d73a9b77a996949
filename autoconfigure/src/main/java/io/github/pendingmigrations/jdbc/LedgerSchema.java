package io.github.pendingmigrations.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.UnsupportedDatabaseException;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.Assert;

/**
 * Creates the tables and brings them up to date in numbered steps. The number of the last
 * step is kept in the database; one that a later version of this library has left there
 * is accepted, because steps only ever add to what there is. Where DDL is not
 * transactional, this commits the transaction of the connection.
 */
final class LedgerSchema {

	private static final int MAX_ATTEMPTS = 5;

	private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(30);

	private static final Pattern STEP = Pattern.compile("(?m)^-- step \\d+$");

	private static final Pattern CREATED_TABLE = Pattern.compile("create table (\\S+)");

	private static final Pattern END_OF_STATEMENT = Pattern.compile(";\\s*(?:\\n|$)");

	private final LedgerTables tables;

	private final List<List<String>> steps;

	private final String findVersionSql;

	private final String insertVersionSql;

	private final String updateVersionSql;

	private final long lockKey;

	private final String historyTable;

	LedgerSchema(LedgerTables tables, String historyTable) {
		this.tables = tables;
		this.historyTable = historyTable;
		this.steps = STEP.splitAsStream(tables.sql(script(tables.dialect())))
			.filter((step) -> !step.isBlank())
			.map((step) -> Arrays.stream(END_OF_STATEMENT.split(step.strip())).toList())
			.toList();
		this.findVersionSql = tables.sql("select schema_version from {meta} where id = 1");
		this.insertVersionSql = tables.sql(
				"insert into {meta} (id, schema_version, history_table) values (1, 1, :historyTable) {lock duplicates of id}");
		this.updateVersionSql = tables
			.sql("update {meta} set schema_version = :version where id = 1 and schema_version < :version");
		CRC32 checksum = new CRC32();
		checksum.update(tables.toString().getBytes(StandardCharsets.UTF_8));
		this.lockKey = checksum.getValue();
	}

	void create(LedgerDatabase database) {
		repeatedly(() -> database.read(this::isCurrent) || database.write(this::update), MAX_ATTEMPTS);
	}

	void create(Connection connection) throws SQLException {
		boolean repeatable = connection.getAutoCommit() || !this.tables.product().hasTransactionalDdl();
		LedgerDatabase.on(connection,
				(client) -> repeatedly(() -> isCurrent(client) || update(client), repeatable ? MAX_ATTEMPTS : 1));
	}

	/**
	 * Repeats, because "if not exists" can fail while somebody else creates the same.
	 */
	private static boolean repeatedly(BooleanSupplier work, int maxAttempts) {
		for (int attempt = 1;; attempt++) {
			try {
				return work.getAsBoolean();
			}
			catch (DataAccessException ex) {
				if (attempt >= maxAttempts) {
					throw ex;
				}
				LedgerDatabase.pause();
			}
		}
	}

	private boolean isCurrent(JdbcClient client) {
		return findVersion(client) >= this.steps.size();
	}

	private boolean update(JdbcClient client) {
		if (this.tables.product() == DatabaseProduct.POSTGRESQL) {
			acquireLock(client);
		}
		int version = findVersion(client);
		if (version == 0) {
			execute(client, this.steps.get(0));
			insertVersion(client);
			version = findVersion(client);
		}
		while (version < this.steps.size()) {
			execute(client, this.steps.get(version));
			version++;
			client.sql(this.updateVersionSql).param("version", version).update();
		}
		return true;
	}

	/**
	 * Polls, because one that waits in the server would hold a snapshot, for which
	 * {@code CREATE INDEX CONCURRENTLY} waits in turn.
	 */
	private void acquireLock(JdbcClient client) {
		long deadline = System.nanoTime() + LOCK_TIMEOUT.toNanos();
		while (!client.sql("select pg_try_advisory_xact_lock(:key)")
			.param("key", this.lockKey)
			.query(Boolean.class)
			.single()) {
			if (System.nanoTime() > deadline) {
				throw new IllegalStateException("Another instance has been creating the tables of " + this.tables
						+ " for more than " + LOCK_TIMEOUT.toSeconds() + " seconds");
			}
			LedgerDatabase.pause();
		}
	}

	private int findVersion(JdbcClient client) {
		if (this.tables.product() == DatabaseProduct.POSTGRESQL && !exists(client)) {
			return 0;
		}
		try {
			return client.sql(this.findVersionSql).query(Integer.class).optional().orElse(0);
		}
		catch (DataAccessException ex) {
			boolean unclear = this.tables.dialect().isStandard() && !(ex instanceof DataAccessResourceFailureException);
			if (unclear || LedgerDatabase.isMissingTable(ex)) {
				return 0;
			}
			throw ex;
		}
	}

	/**
	 * Asks in a way that does not fail, since a failure would spoil the transaction.
	 */
	private boolean exists(JdbcClient client) {
		return client.sql("select to_regclass(:name) is not null")
			.param("name", this.tables.sql("{meta}"))
			.query(Boolean.class)
			.single();
	}

	private void insertVersion(JdbcClient client) {
		try {
			client.sql(this.insertVersionSql).param("historyTable", this.historyTable).update();
		}
		catch (DuplicateKeyException ex) {
			// somebody else was faster
		}
	}

	private void execute(JdbcClient client, List<String> statements) {
		for (String statement : statements) {
			if (this.tables.dialect().isStandard()) {
				createUnlessItExists(client, statement);
			}
			else {
				client.sql(statement).update();
			}
		}
	}

	/**
	 * Asks for the table before, and again if it could not be created, since others may
	 * start at the same moment.
	 */
	private void createUnlessItExists(JdbcClient client, String statement) {
		Matcher table = CREATED_TABLE.matcher(statement);
		Assert.state(table.find(), () -> "Creates no table: " + statement);
		if (isThere(client, table.group(1))) {
			return;
		}
		try {
			client.sql(statement).update();
		}
		catch (DataAccessException ex) {
			if (!isThere(client, table.group(1))) {
				throw new UnsupportedDatabaseException(this.tables.product(), statement, ex.getMostSpecificCause());
			}
		}
	}

	private static boolean isThere(JdbcClient client, String table) {
		try {
			client.sql("select count(*) from " + table + " where 1 = 0").query(Integer.class).single();
			return true;
		}
		catch (DataAccessException ex) {
			return false;
		}
	}

	private static String script(SqlDialect dialect) {
		String name = "schema-" + dialect.script() + ".sql";
		try (InputStream script = LedgerSchema.class.getResourceAsStream(name)) {
			return new String(Objects.requireNonNull(script, name).readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
