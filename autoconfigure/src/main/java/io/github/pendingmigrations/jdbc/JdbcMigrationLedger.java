package io.github.pendingmigrations.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import javax.sql.DataSource;

import io.github.pendingmigrations.MigrationLedger;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingScript;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.ResultSetExtractor;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * {@link MigrationLedger} in tables beside Flyway's history. Methods without a connection
 * take one from the data source and commit by themselves, whatever transaction the caller
 * is in.
 *
 * @since 0.1.0
 */
public class JdbcMigrationLedger implements MigrationLedger {

	private final LedgerDatabase database;

	private final LedgerSchema schema;

	private final LedgerTables tables;

	private final LedgerEntryMapper entryMapper;

	private final Statements statements;

	/**
	 * Create the ledger. Does not access the database.
	 * @param dataSource the data source
	 * @param tables the tables
	 * @param historyTable the history table of Flyway that the entries belong to
	 */
	public JdbcMigrationLedger(DataSource dataSource, LedgerTables tables, String historyTable) {
		this.database = new LedgerDatabase(dataSource, tables);
		this.schema = new LedgerSchema(tables, historyTable);
		this.tables = tables;
		this.entryMapper = new LedgerEntryMapper(tables);
		this.statements = new Statements(tables);
	}

	@Override
	public void createTables() {
		this.schema.create(this.database);
	}

	@Override
	public void createTables(Connection connection) throws SQLException {
		this.schema.create(connection);
	}

	@Override
	public boolean ownsTable(String name) {
		return this.tables.contains(name);
	}

	@Override
	public Optional<Snapshot> load() {
		try {
			return this.database.read((client) -> client.sql(this.statements.load)
				.query((ResultSetExtractor<Optional<Snapshot>>) this::snapshot));
		}
		catch (DataAccessException ex) {
			if (this.database.isMissing(ex)) {
				return Optional.empty();
			}
			throw ex;
		}
	}

	private Optional<Snapshot> snapshot(ResultSet row) throws SQLException {
		Instant now = null;
		Instant initializingSince = null;
		boolean inUse = false;
		String historyTable = "";
		List<Entry> entries = new ArrayList<>();
		while (row.next()) {
			now = this.tables.requiredInstant(row, "database_time");
			initializingSince = this.tables.instant(row, "initializing_since");
			inUse = this.tables.instant(row, "in_use_since") != null;
			historyTable = row.getString("history_table");
			if (row.getString("version") != null) {
				entries.add(this.entryMapper.mapRow(row, entries.size()));
			}
		}
		return (now != null) ? Optional.of(new Snapshot(now, initializingSince, inUse, historyTable, entries))
				: Optional.empty();
	}

	@Override
	public List<String> register(Collection<PendingScript> scripts, @Nullable String applicationVersion) {
		// everybody in the same order, so that nobody waits in a circle
		List<PendingScript> inOrder = scripts.stream().sorted(Comparator.comparing(PendingScript::version)).toList();
		return this.database.write((client) -> inOrder.stream()
			.filter((script) -> insert(client, this.statements.register,
					describe(script).text("applicationVersion", applicationVersion, Parameters.NAME)))
			.map(PendingScript::versionText)
			.toList());
	}

	@Override
	public List<String> recordRolledOut(Collection<String> versions) {
		return this.database.write((client) -> versions.stream()
			.sorted()
			.filter((version) -> client.sql(this.statements.recordRolledOut)
				.paramSource(new Parameters().text("version", version))
				.update() == 1)
			.toList());
	}

	@Override
	public boolean beginInitialization(Connection connection) throws SQLException {
		return LedgerDatabase.on(connection, (client) -> {
			client.sql(this.statements.beginInitialization).update();
			return !isInUse(client);
		});
	}

	@Override
	public boolean isInUse(Connection connection) throws SQLException {
		return LedgerDatabase.on(connection, this::isInUse);
	}

	private boolean isInUse(JdbcClient client) {
		return client.sql(this.statements.countInUse).query(Integer.class).single() > 0;
	}

	@Override
	public void endInitialization() {
		this.database.write((client) -> client.sql(this.statements.endInitialization).update());
	}

	@Override
	public Optional<Entry> lock(Connection connection, String version) throws SQLException {
		return LedgerDatabase.on(connection,
				(client) -> client.sql(this.statements.lock)
					.paramSource(new Parameters().text("version", version))
					.query(this.entryMapper)
					.optional());
	}

	@Override
	public boolean recordApplied(Connection connection, AppliedRecord record) throws SQLException {
		Parameters parameters = describe(record.script()).text("by", record.by(), Parameters.NAME)
			.constant("origin", record.origin())
			.uuid("runId", record.runId())
			.millis("executionTime", record.executionTime())
			.number("statements", record.statements())
			.text("reason", record.reason(), Parameters.MESSAGE)
			.text("applicationVersion", record.applicationVersion(), Parameters.NAME);
		return LedgerDatabase.on(connection, (client) -> {
			ensureExists(client, record.script(), parameters);
			return client.sql(this.statements.recordApplied).paramSource(parameters).update() == 1;
		});
	}

	@Override
	public void saveCheckpoint(Connection connection, PendingScript script, Checkpoint checkpoint) throws SQLException {
		Parameters parameters = new Parameters().text("version", script.versionText())
			.number("statements", checkpoint.statementsDone())
			.flag("inDoubt", checkpoint.inDoubt())
			.text("hash", checkpoint.doneHash())
			.number("batches", checkpoint.batches())
			.number("rows", checkpoint.rows());
		LedgerDatabase.on(connection, (client) -> {
			ensureExists(client, script, describe(script).text("applicationVersion", null));
			return client.sql(this.statements.saveCheckpoint).paramSource(parameters).update();
		});
	}

	@Override
	public boolean recordAttempt(String version, UUID runId, String owner) {
		Parameters parameters = new Parameters().text("version", version)
			.uuid("runId", runId)
			.text("owner", owner, Parameters.NAME);
		// A driver may count only those rows that look different afterwards
		return this.database
			.write((client) -> client.sql(this.statements.recordAttempt).paramSource(parameters).update() == 1
					|| client.sql(this.statements.countAttempts)
						.paramSource(parameters)
						.query(Integer.class)
						.single() == 1);
	}

	/**
	 * Looks first, because an update that finds nothing locks the gap on MySQL, and two
	 * transactions that both have done so deadlock when they insert.
	 */
	private void ensureExists(JdbcClient client, PendingScript script, Parameters parameters) {
		int count = client.sql(this.statements.count)
			.paramSource(new Parameters().text("version", script.versionText()))
			.query(Integer.class)
			.single();
		if (count == 0) {
			insert(client, this.statements.insert, parameters);
		}
	}

	private static boolean insert(JdbcClient client, String sql, Parameters parameters) {
		try {
			return client.sql(sql).paramSource(parameters).update() == 1;
		}
		catch (DuplicateKeyException ex) {
			return false;
		}
	}

	private static Parameters describe(PendingScript script) {
		return new Parameters().text("version", script.versionText())
			.text("description", script.description(), Parameters.NAME)
			.text("script", script.location(), Parameters.PATH)
			.constant("type", script.type())
			.number("checksum", script.checksum());
	}

	/**
	 * The statements in the dialect of the database.
	 */
	private static final class Statements {

		private static final String COLUMNS = """
				p.version, p.description, p.script, p.type, p.checksum,
				p.first_seen_at, p.first_seen_application_version, p.rolled_out_at,
				p.applied_at, p.applied_by, p.applied_origin, p.applied_run_id, p.applied_execution_ms,
				p.applied_statements, p.applied_reason, p.applied_application_version,
				p.checkpoint_statements, p.checkpoint_in_doubt, p.checkpoint_hash,
				p.checkpoint_batches, p.checkpoint_rows, p.last_run_id,
				(select count(*) from {run} r where r.id = p.last_run_id and r.status = 'FAILED'
					and r.failure_version = p.version) as last_run_failed
				""";

		private final String load;

		private final String lock;

		private final String count;

		private final String register;

		private final String insert;

		private final String recordApplied;

		private final String saveCheckpoint;

		private final String recordAttempt;

		private final String countAttempts;

		private final String recordRolledOut;

		private final String beginInitialization;

		private final String countInUse;

		private final String endInitialization;

		Statements(LedgerTables tables) {
			this.load = tables.sql("""
					select {now} as database_time, m.initializing_since, m.in_use_since, m.history_table, %s
					from {meta} m left join {ledger} p on 1 = 1
					where m.id = 1
					""".formatted(COLUMNS));
			this.lock = tables.sql("""
					select %s
					from {ledger} p
					where p.version = :version
					{for update}
					""".formatted(COLUMNS));
			this.count = tables.sql("""
					select count(*) from {ledger} where version = :version
					""");
			String insert = """
					insert into {ledger} (version, description, script, type, checksum,
						first_seen_at, first_seen_application_version)
					values (:version, :description, :script, :type, :checksum, {now}, :applicationVersion)
					""";
			this.register = tables.sql(insert + "{skip duplicates}");
			this.insert = tables.sql(insert + "{lock duplicates of version}");
			this.recordApplied = tables.sql("""
					update {ledger}
					set description = :description, script = :script, type = :type, checksum = :checksum,
						applied_at = {now}, applied_by = :by, applied_origin = :origin, applied_run_id = :runId,
						applied_execution_ms = :executionTime, applied_statements = :statements,
						applied_reason = :reason, applied_application_version = :applicationVersion,
						checkpoint_statements = null, checkpoint_in_doubt = null, checkpoint_hash = null,
						checkpoint_batches = null, checkpoint_rows = null
					where version = :version and applied_at is null
					""");
			this.saveCheckpoint = tables.sql("""
					update {ledger}
					set checkpoint_statements = :statements, checkpoint_in_doubt = :inDoubt, checkpoint_hash = :hash,
						checkpoint_batches = :batches, checkpoint_rows = :rows
					where version = :version
					""");
			this.recordAttempt = tables.sql("""
					update {ledger} set last_run_id = :runId
					where version = :version and exists (select 1 from {run} r
						where r.id = :runId and r.lease_owner = :owner and r.status in ('RUNNING', 'CANCELLING'))
					""");
			this.countAttempts = tables.sql("""
					select count(*) from {ledger} p join {run} r on r.id = p.last_run_id
					where p.version = :version and r.id = :runId and r.lease_owner = :owner
						and r.status in ('RUNNING', 'CANCELLING')
					""");
			this.recordRolledOut = tables.sql("""
					update {ledger} set rolled_out_at = {now} where version = :version and rolled_out_at is null
					""");
			this.beginInitialization = tables.sql("""
					update {meta} set initializing_since = {now} where id = 1 and in_use_since is null
					""");
			this.countInUse = tables.sql("""
					select count(*) from {meta} where id = 1 and in_use_since is not null
					""");
			this.endInitialization = tables
				.sql("""
						update {meta} set initializing_since = null, in_use_since = {now} where id = 1 and in_use_since is null
						""");
		}

	}

}
