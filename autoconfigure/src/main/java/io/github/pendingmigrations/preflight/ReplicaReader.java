package io.github.pendingmigrations.preflight;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.Replica;
import io.github.pendingmigrations.Preflight.Replica.Source;
import org.jspecify.annotations.Nullable;

/**
 * Asks a configured replica how far it is behind, and what it is doing.
 */
final class ReplicaReader {

	private static final int TIMEOUT_SECONDS = 1;

	/**
	 * Without traffic on the primary the last replayed transaction is old although
	 * nothing is missing.
	 */
	private static final String POSTGRESQL = """
			SELECT pg_is_in_recovery() AS replica,
				CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
					ELSE EXTRACT(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END AS lag,
				(SELECT max(EXTRACT(EPOCH FROM clock_timestamp() - coalesce(a.xact_start, a.query_start)))
					FROM pg_stat_activity a
					WHERE a.pid <> pg_backend_pid() AND a.datname = current_database()
						AND a.backend_type = 'client backend' AND a.state <> 'idle') AS oldest""";

	private static final String MYSQL_OLDEST = """
			SELECT MAX(TIME) AS oldest FROM information_schema.PROCESSLIST
			WHERE ID <> CONNECTION_ID() AND COMMAND IN ('Query', 'Execute')""";

	private final DatabaseProduct product;

	private final String name;

	private final Inspection inspection;

	ReplicaReader(DatabaseProduct product, String name, Inspection inspection) {
		this.product = product;
		this.name = name;
		this.inspection = inspection;
	}

	void read(Connection connection) throws SQLException {
		CatalogConnection catalog = new CatalogConnection(connection, TIMEOUT_SECONDS);
		switch (this.product) {
			case POSTGRESQL -> catalog.query(POSTGRESQL, (row) -> {
				if (row.getBoolean("replica")) {
					add("in recovery", CatalogConnection.seconds(row, "lag"), CatalogConnection.seconds(row, "oldest"));
				}
				else {
					tellThatItIsNone();
				}
				return true;
			});
			case MYSQL, MARIADB -> {
				String show = (this.product == DatabaseProduct.MARIADB) ? "SHOW SLAVE STATUS" : "SHOW REPLICA STATUS";
				List<Boolean> status = catalog.query(show, (row) -> {
					String state = state(row);
					Duration lag = CatalogConnection.seconds(row, behind(row));
					catalog.query(MYSQL_OLDEST, (other) -> {
						add(state, lag, CatalogConnection.seconds(other, "oldest"));
						return true;
					});
					return true;
				});
				if (status.isEmpty()) {
					tellThatItIsNone();
				}
			}
			default -> this.inspection.add(new Notice(Notice.Code.NOT_AVAILABLE, Effect.INFORMS,
					"Replicas of this database cannot be asked. Look at " + this.name + " with its own tools."));
		}
	}

	private void add(@Nullable String state, @Nullable Duration lag, @Nullable Duration oldest) {
		this.inspection.add(new Replica(this.name, Source.CONFIGURED, state, lag, oldest));
	}

	private void tellThatItIsNone() {
		this.inspection.add(new Notice(Notice.Code.NOT_INSPECTED, Effect.INFORMS, "The data source " + this.name
				+ " is configured as a replica, but its server is none. " + "Look at its URL."));
	}

	private static String behind(ResultSet row) throws SQLException {
		return label(row, "Seconds_Behind_Source", "Seconds_Behind_Master");
	}

	private static @Nullable String state(ResultSet row) throws SQLException {
		return row.getString(label(row, "Replica_IO_State", "Slave_IO_State"));
	}

	private static String label(ResultSet row, String label, String olderLabel) throws SQLException {
		for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
			if (row.getMetaData().getColumnLabel(i).equalsIgnoreCase(label)) {
				return label;
			}
		}
		return olderLabel;
	}

}
