package io.github.pendingmigrations.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

import javax.sql.DataSource;

import io.github.pendingmigrations.ApplicationInstance;
import io.github.pendingmigrations.InstanceRepository;

/**
 * {@link InstanceRepository} in a table beside Flyway's history. How long an instance
 * counts as alive is recorded by itself, so that instances may differ in that.
 *
 * @since 0.1.0
 */
public class JdbcInstanceRepository implements InstanceRepository {

	/** In this order, since MySQL sees the new value of what was assigned before. */
	private static final String ALIVE = "alive_since = case when alive_since is null or last_seen_at < {now+gap} "
			+ "then {now} else alive_since end, last_seen_at = {now}, alive_until = {now+timeout}";

	private final LedgerDatabase database;

	private final LedgerTables tables;

	private final String insert;

	private final String update;

	private final String heartbeat;

	private final String end;

	private final String recordGone;

	private final String findAll;

	private final String removeEnded;

	/**
	 * Create the repository. Does not access the database.
	 * @param dataSource the data source
	 * @param tables the tables
	 */
	public JdbcInstanceRepository(DataSource dataSource, LedgerTables tables) {
		this.database = new LedgerDatabase(dataSource, tables);
		this.tables = tables;
		this.insert = tables.sql("""
				insert into {instance} (id, application_version, newest_versioned, newest_pending, known_pending,
					started_at, last_seen_at, alive_since, alive_until)
				values (:id, :applicationVersion, :newestVersioned, :newestPending, :known,
					{now}, {now}, {now}, {now+timeout})
				""");
		this.update = tables.sql("""
				update {instance}
				set application_version = :applicationVersion, newest_versioned = :newestVersioned,
					newest_pending = :newestPending, known_pending = :known,
					%s
				where id = :id
				""".formatted(ALIVE));
		this.heartbeat = tables.sql("update {instance} set %s where id = :id".formatted(ALIVE));
		this.end = tables
			.sql("update {instance} set last_seen_at = {now}, alive_since = null, alive_until = {now} where id = :id");
		this.recordGone = tables.sql("update {instance} set alive_since = null where id = :id and alive_until < {now}");
		this.findAll = tables.sql("""
				select i.*, case when i.alive_until > {now} then 1 else 0 end as alive
				from {instance} i
				order by i.started_at, i.id
				""");
		this.removeEnded = tables.sql("delete from {instance} where alive_until < {now+age}");
	}

	@Override
	public void save(Registration registration) {
		Parameters parameters = new Parameters().text("id", registration.id(), Parameters.NAME)
			.text("applicationVersion", registration.applicationVersion(), Parameters.NAME)
			.text("newestVersioned", registration.newestVersioned())
			.text("newestPending", registration.newestPending())
			.text("known", KnownFormat.write(registration.known()))
			.millis("timeout", registration.timeout())
			.millis("gap", longestGap(registration.timeout()));
		this.database.write((client) -> {
			int updated = client.sql(this.update).paramSource(parameters).update();
			return (updated > 0) ? updated : client.sql(this.insert).paramSource(parameters).update();
		});
	}

	@Override
	public boolean heartbeat(String id, Duration timeout) {
		Parameters parameters = new Parameters().text("id", id, Parameters.NAME)
			.millis("timeout", timeout)
			.millis("gap", longestGap(timeout));
		return this.database.write((client) -> client.sql(this.heartbeat).paramSource(parameters).update() == 1);
	}

	/** Who is heard of more seldom may have been out of reach, and so may others. */
	private static Duration longestGap(Duration timeout) {
		return timeout.dividedBy(2).negated();
	}

	@Override
	public void end(String id) {
		Parameters parameters = new Parameters().text("id", id, Parameters.NAME);
		this.database.write((client) -> client.sql(this.end).paramSource(parameters).update());
	}

	@Override
	public void recordGone(String id) {
		Parameters parameters = new Parameters().text("id", id, Parameters.NAME);
		this.database.write((client) -> client.sql(this.recordGone).paramSource(parameters).update());
	}

	@Override
	public List<ApplicationInstance> findAll() {
		return this.database.read((client) -> client.sql(this.findAll).query(this::instance).list());
	}

	private ApplicationInstance instance(ResultSet row, int rowNumber) throws SQLException {
		return new ApplicationInstance(row.getString("id"), row.getString("application_version"),
				row.getString("newest_versioned"), row.getString("newest_pending"),
				KnownFormat.read(Objects.requireNonNullElse(row.getString("known_pending"), "")),
				this.tables.requiredInstant(row, "started_at"), this.tables.requiredInstant(row, "last_seen_at"),
				row.getInt("alive") == 1, this.tables.instant(row, "alive_since"));
	}

	@Override
	public int removeEnded(Duration age) {
		Parameters parameters = new Parameters().millis("age", age.negated());
		return this.database.write((client) -> client.sql(this.removeEnded).paramSource(parameters).update());
	}

}
