package io.github.pendingmigrations.run;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.Optional;

import io.github.pendingmigrations.DatabaseProduct;
import org.jspecify.annotations.Nullable;

/**
 * {@link SessionControl} for the databases of which this library knows little: statements
 * are executed plainly. The lease alone keeps a successor out, the driver limits the work
 * by the second, and the wait for a lock is limited where the database has a setting for
 * it.
 */
class StandardSessionControl implements SessionControl {

	private final DatabaseProduct product;

	private final @Nullable LockTimeout lockTimeout;

	StandardSessionControl(DatabaseProduct product) {
		this.product = product;
		this.lockTimeout = LockTimeout.of(product);
	}

	@Override
	public Optional<String> limitation() {
		return Optional.of("Lock control is not available here (" + this.product + "): a statement waits for its locks "
				+ ((this.lockTimeout != null) ? "for as long as the lock timeout of the schedule"
						: "for as long as the database lets it")
				+ ", who stands in its way is not shown, and only the lease keeps a second instance out");
	}

	@Override
	public String sessionId(Connection connection) throws SQLException {
		String sql = switch (this.product) {
			case HSQLDB -> "CALL SESSION_ID()";
			case SQLSERVER -> "SELECT @@SPID";
			case ORACLE -> "SELECT SYS_CONTEXT('USERENV', 'SID') FROM DUAL";
			default -> null;
		};
		return (sql != null) ? query(connection, sql) : "unknown";
	}

	@Override
	public boolean tryFence(Connection connection) {
		return true;
	}

	@Override
	public void releaseFence(Connection connection) {
	}

	@Override
	public Restore useSchema(Connection connection, String schema) throws SQLException {
		String before = connection.getSchema();
		if (before == null || before.equals(schema)) {
			return Restore.NOTHING;
		}
		try {
			connection.setSchema(schema);
			return () -> connection.setSchema(before);
		}
		catch (SQLFeatureNotSupportedException ex) {
			return Restore.NOTHING;
		}
	}

	@Override
	public Restore limit(Connection connection, Limits limits) throws SQLException {
		LockTimeout timeout = this.lockTimeout;
		if (timeout == null || limits.lockWait().isUnlimited()) {
			return Restore.NOTHING;
		}
		String before = query(connection, timeout.read());
		execute(connection, timeout.set(limits.lockWait().limit().toMillis()));
		return () -> execute(connection, timeout.restore(before));
	}

	@Override
	public boolean limitsWork() {
		return false;
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet resultSet = statement.executeQuery(sql)) {
			return resultSet.next() ? String.valueOf(resultSet.getString(1)) : "";
		}
	}

	/**
	 * The setting of a session that limits the wait for a lock.
	 *
	 * @param read reads it
	 * @param write sets it, with a placeholder for the value
	 * @param unset the value that means that nothing was set
	 * @param millisPerUnit how long its unit is
	 */
	private record LockTimeout(String read, String write, String unset, int millisPerUnit) {

		static @Nullable LockTimeout of(DatabaseProduct product) {
			return switch (product) {
				case SQLITE -> new LockTimeout("PRAGMA busy_timeout", "PRAGMA busy_timeout = %s", "0", 1);
				case SQLSERVER -> new LockTimeout("SELECT @@LOCK_TIMEOUT", "SET LOCK_TIMEOUT %s", "-1", 1);
				case DB2 -> new LockTimeout("VALUES CURRENT LOCK TIMEOUT", "SET CURRENT LOCK TIMEOUT %s", "NULL", 1000);
				default -> null;
			};
		}

		String set(long millis) {
			return this.write.formatted((millis + this.millisPerUnit - 1) / this.millisPerUnit);
		}

		String restore(String before) {
			return this.write.formatted((before.isEmpty() || before.equals("null")) ? this.unset : before);
		}

	}

}
