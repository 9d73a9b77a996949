package io.github.pendingmigrations.test;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;

/**
 * A database of its own for a test, dropped when closed.
 *
 * @see DatabaseServer#createDatabase()
 */
public final class TestDatabase implements AutoCloseable {

	private static final int DEFAULT_POOL_SIZE = 10;

	private final @Nullable DatabaseServer kind;

	private final DatabaseServer.Server server;

	private final String name;

	private final List<HikariDataSource> pools = Collections.synchronizedList(new ArrayList<>());

	private @Nullable HikariDataSource defaultPool;

	private boolean closed;

	/**
	 * Create a database.
	 * @param kind its kind, or {@code null} if it is none of those that all tests run
	 * against
	 * @param server the server
	 * @param name the name of the database
	 */
	TestDatabase(@Nullable DatabaseServer kind, DatabaseServer.Server server, String name) {
		this.kind = kind;
		this.server = server;
		this.name = name;
		server.adminUrl().ifPresent((url) -> executeAt(url, "CREATE DATABASE " + name));
	}

	public DatabaseServer server() {
		if (this.kind == null) {
			throw new IllegalStateException("This test does not run on " + this);
		}
		return this.kind;
	}

	public String name() {
		return this.name;
	}

	public String jdbcUrl() {
		return this.server.jdbcUrl(this.name);
	}

	public String username() {
		return this.server.username();
	}

	public String password() {
		return this.server.password();
	}

	/**
	 * Return the {@code spring.datasource} properties of this database.
	 * @return the properties as {@code key=value}
	 */
	public String[] springProperties() {
		return new String[] { "spring.datasource.url=" + jdbcUrl(), "spring.datasource.username=" + username(),
				"spring.datasource.password=" + password() };
	}

	/**
	 * Return the pool that users of this database share, of 10 connections at most.
	 * @return the pool, which closes with this database
	 */
	public synchronized HikariDataSource dataSource() {
		if (this.defaultPool == null) {
			this.defaultPool = dataSource(DEFAULT_POOL_SIZE);
		}
		return this.defaultPool;
	}

	/**
	 * Create another pool, as another instance of an application would.
	 * @param poolSize the greatest number of connections
	 * @return the pool, which closes with this database
	 */
	public HikariDataSource dataSource(int poolSize) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(jdbcUrl());
		config.setUsername(username());
		config.setPassword(password());
		config.setMaximumPoolSize(poolSize);
		config.setMinimumIdle(0);
		config.setPoolName(this.name + "-" + (this.pools.size() + 1));
		this.server.sessionSql().ifPresent(config::setConnectionInitSql);
		HikariDataSource dataSource = new HikariDataSource(config);
		this.pools.add(dataSource);
		return dataSource;
	}

	/**
	 * Open a connection that belongs to no pool.
	 * @return the connection, which the caller closes
	 * @throws SQLException if there is no connection to be had
	 */
	public Connection openConnection() throws SQLException {
		return openConnection(jdbcUrl());
	}

	/**
	 * Execute statements one by one, each in a transaction of its own.
	 * @param statements the statements
	 */
	public void execute(String... statements) {
		executeAt(jdbcUrl(), statements);
	}

	/**
	 * Query for the first column of all rows.
	 * @param sql the query
	 * @param arguments the values for the parameters of the query
	 * @return the values as strings
	 */
	public List<@Nullable String> queryForList(String sql, Object... arguments) {
		try (Connection connection = openConnection(); PreparedStatement statement = connection.prepareStatement(sql)) {
			for (int i = 0; i < arguments.length; i++) {
				statement.setObject(i + 1, arguments[i]);
			}
			List<@Nullable String> values = new ArrayList<>();
			try (ResultSet resultSet = statement.executeQuery()) {
				while (resultSet.next()) {
					values.add(resultSet.getString(1));
				}
			}
			return values;
		}
		catch (SQLException ex) {
			throw new IllegalStateException("%s: %s".formatted(sql, ex.getMessage()), ex);
		}
	}

	/**
	 * Query for the first column of the only row.
	 * @param sql the query
	 * @param arguments the values for the parameters of the query
	 * @return the value as string
	 */
	public @Nullable String queryForString(String sql, Object... arguments) {
		List<@Nullable String> values = queryForList(sql, arguments);
		if (values.size() != 1) {
			throw new IllegalStateException("%s: expected one row but got %d".formatted(sql, values.size()));
		}
		return values.get(0);
	}

	/**
	 * Return the names of the tables in the schema that a session starts in.
	 * @return the names in lower case, sorted
	 */
	public List<@Nullable String> tableNames() {
		String schema = (this.kind == DatabaseServer.MARIADB || this.kind == DatabaseServer.MYSQL) ? "DATABASE()"
				: "CURRENT_SCHEMA";
		return queryForList(
				"SELECT LOWER(table_name) AS name FROM information_schema.tables WHERE table_schema = %s ORDER BY name"
					.formatted(schema));
	}

	@Override
	public synchronized void close() {
		if (this.closed) {
			return;
		}
		this.closed = true;
		this.pools.forEach(HikariDataSource::close);
		executeAt(this.server.adminUrl().orElseGet(this::jdbcUrl), this.server.dropSql(this.name));
	}

	@Override
	public String toString() {
		return jdbcUrl();
	}

	private Connection openConnection(String url) throws SQLException {
		Connection connection = DriverManager.getConnection(url, username(), password());
		String sessionSql = this.server.sessionSql().orElse(null);
		if (sessionSql != null) {
			try (Statement statement = connection.createStatement()) {
				statement.execute(sessionSql);
			}
		}
		return connection;
	}

	private void executeAt(String url, String... statements) {
		try (Connection connection = openConnection(url); Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				try {
					statement.execute(sql);
				}
				catch (SQLException ex) {
					throw new IllegalStateException("%s: %s".formatted(sql, ex.getMessage()), ex);
				}
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException("%s: %s".formatted(url, ex.getMessage()), ex);
		}
	}

}
