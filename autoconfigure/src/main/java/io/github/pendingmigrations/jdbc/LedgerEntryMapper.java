package io.github.pendingmigrations.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

import io.github.pendingmigrations.MigrationLedger.Entry;
import io.github.pendingmigrations.PendingMigration.Application;
import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigration.Origin;
import io.github.pendingmigrations.PendingMigrationType;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.RowMapper;

/**
 * Reads entries of the ledger.
 */
final class LedgerEntryMapper implements RowMapper<Entry> {

	private final LedgerTables tables;

	LedgerEntryMapper(LedgerTables tables) {
		this.tables = tables;
	}

	@Override
	public Entry mapRow(ResultSet row, int rowNumber) throws SQLException {
		return new Entry(row.getString("version"), text(row, "description"), row.getString("script"),
				PendingMigrationType.valueOf(row.getString("type")), row.getInt("checksum"),
				this.tables.requiredInstant(row, "first_seen_at"), row.getString("first_seen_application_version"),
				this.tables.instant(row, "rolled_out_at"), application(row), checkpoint(row),
				MigrationRunMapper.uuid(row, "last_run_id"), row.getInt("last_run_failed") > 0);
	}

	private @Nullable Application application(ResultSet row) throws SQLException {
		Instant appliedAt = this.tables.instant(row, "applied_at");
		return (appliedAt != null) ? new Application(appliedAt, row.getString("applied_by"),
				Origin.valueOf(row.getString("applied_origin")), MigrationRunMapper.uuid(row, "applied_run_id"),
				Duration.ofMillis(row.getLong("applied_execution_ms")), row.getInt("applied_statements"),
				row.getString("applied_reason"), row.getString("applied_application_version")) : null;
	}

	private static @Nullable Checkpoint checkpoint(ResultSet row) throws SQLException {
		int statements = row.getInt("checkpoint_statements");
		return row.wasNull() ? null : new Checkpoint(statements, row.getBoolean("checkpoint_in_doubt"),
				text(row, "checkpoint_hash"), row.getInt("checkpoint_batches"), row.getLong("checkpoint_rows"));
	}

	/**
	 * Oracle makes a null of an empty text.
	 */
	private static String text(ResultSet row, String column) throws SQLException {
		return Objects.requireNonNullElse(row.getString(column), "");
	}

}
