package io.github.pendingmigrations.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;

import io.github.pendingmigrations.Force;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRun.Contention;
import io.github.pendingmigrations.MigrationRun.Failure;
import io.github.pendingmigrations.MigrationRun.Hold;
import io.github.pendingmigrations.MigrationRun.Lease;
import io.github.pendingmigrations.MigrationRun.Position;
import io.github.pendingmigrations.MigrationRun.Request;
import io.github.pendingmigrations.MigrationRunPhase;
import io.github.pendingmigrations.MigrationRunStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.RowMapper;

/**
 * Reads runs.
 */
final class MigrationRunMapper implements RowMapper<MigrationRun> {

	private final LedgerTables tables;

	MigrationRunMapper(LedgerTables tables) {
		this.tables = tables;
	}

	@Override
	public MigrationRun mapRow(ResultSet row, int rowNumber) throws SQLException {
		String phase = row.getString("phase");
		return new MigrationRun(UUID.fromString(row.getString("id")), uuid(row, "parent_run_id"),
				MigrationRunStatus.valueOf(row.getString("status")),
				(phase != null) ? MigrationRunPhase.valueOf(phase) : null, request(row), position(row), lease(row),
				hold(row), contention(row), failure(row), row.getString("application_version"),
				row.getString("application_commit"), this.tables.instant(row, "started_at"),
				this.tables.instant(row, "finished_at"));
	}

	static @Nullable UUID uuid(ResultSet row, String column) throws SQLException {
		String value = row.getString(column);
		return (value != null) ? UUID.fromString(value) : null;
	}

	private Request request(ResultSet row) throws SQLException {
		return new Request(row.getString("requested_by"), row.getString("requested_via"),
				this.tables.requiredInstant(row, "requested_at"), row.getString("requested_reason"),
				PlanFormat.read(row.getString("planned")), Force.valueOf(row.getString("requested_force")));
	}

	private Position position(ResultSet row) throws SQLException {
		return new Position(row.getString("current_version"), row.getInt("statement_number"),
				row.getInt("statement_count"), row.getInt("attempt"), this.tables.instant(row, "next_attempt_at"),
				this.tables.instant(row, "deadline_at"), row.getLong("work_done"), row.getLong("work_total"),
				row.getInt("work_batches"));
	}

	private @Nullable Lease lease(ResultSet row) throws SQLException {
		String owner = row.getString("lease_owner");
		return (owner != null) ? new Lease(owner, this.tables.instant(row, "lease_until"),
				this.tables.instant(row, "heartbeat_at"), row.getString("database_session")) : null;
	}

	private @Nullable Hold hold(ResultSet row) throws SQLException {
		String reason = row.getString("hold_reason");
		return (reason != null) ? new Hold(reason, this.tables.instant(row, "hold_until")) : null;
	}

	private static Contention contention(ResultSet row) throws SQLException {
		return new Contention(Duration.ofMillis(row.getLong("waited_ms")),
				Duration.ofMillis(row.getLong("executed_ms")), row.getInt("max_blocked_sessions"),
				Duration.ofMillis(row.getLong("longest_blocked_ms")), BlockersFormat.read(row.getString("blockers")));
	}

	private static @Nullable Failure failure(ResultSet row) throws SQLException {
		String kind = row.getString("failure_kind");
		return (kind != null)
				? new Failure(kind, row.getString("failure_class"), row.getString("failure_sql_state"), vendorCode(row),
						row.getString("failure_message"), row.getString("failure_version"),
						row.getInt("failure_statement"), row.getInt("failure_line"), row.getString("failure_advice"))
				: null;
	}

	private static @Nullable Integer vendorCode(ResultSet row) throws SQLException {
		int code = row.getInt("failure_vendor_code");
		return row.wasNull() ? null : code;
	}

}
