package io.github.pendingmigrations.test;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * What an application sees of a server behind a pooler in transaction mode: a connection
 * has a session of the server only while it is in a transaction, and the next transaction
 * may get another one. As PgBouncer does, it gives out the session first that was used
 * last, and leaves in it whatever somebody has set.
 */
public final class TransactionPooler extends AbstractDataSource implements AutoCloseable {

	private final BlockingDeque<Connection> idle = new LinkedBlockingDeque<>();

	private final List<Connection> sessions = new ArrayList<>();

	/**
	 * Create a pooler.
	 * @param database the database
	 * @param size how many sessions there are
	 */
	public TransactionPooler(TestDatabase database, int size) {
		try {
			for (int i = 0; i < size; i++) {
				this.sessions.add(database.openConnection());
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		this.idle.addAll(this.sessions);
	}

	@Override
	public Connection getConnection() {
		return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
				new Client());
	}

	@Override
	public Connection getConnection(String username, String password) {
		return getConnection();
	}

	/**
	 * Return a setting of every session.
	 * @param name the name of the setting
	 * @return its values
	 */
	public List<String> settings(String name) {
		return this.sessions.stream().map((session) -> {
			try (Statement statement = session.createStatement();
					java.sql.ResultSet row = statement.executeQuery("SHOW " + name)) {
				row.next();
				return row.getString(1);
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}).toList();
	}

	@Override
	public void close() {
		for (Connection session : this.sessions) {
			try {
				session.close();
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

	private static @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments)
			throws Throwable {
		try {
			return method.invoke(target, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	/**
	 * A connection of the application.
	 */
	private final class Client implements InvocationHandler {

		private boolean autoCommit = true;

		private boolean closed;

		private @Nullable Connection session;

		@Override
		public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
			switch (method.getName()) {
				case "equals":
					return arguments != null && proxy == arguments[0];
				case "hashCode":
					return System.identityHashCode(proxy);
				case "isClosed":
					return this.closed;
				case "getAutoCommit":
					return this.autoCommit;
				case "setAutoCommit":
					this.autoCommit = arguments != null && (boolean) arguments[0];
					endTransaction(true);
					return null;
				case "commit":
					endTransaction(true);
					return null;
				case "rollback":
					if (arguments == null) {
						endTransaction(false);
						return null;
					}
					break;
				case "close", "abort":
					endTransaction(false);
					this.closed = true;
					return null;
				default:
			}
			Object result = TransactionPooler.invoke(session(), method, arguments);
			if (result instanceof Statement statement) {
				return untilClosed(statement, method.getReturnType());
			}
			if (this.autoCommit) {
				endTransaction(true);
			}
			return result;
		}

		private Object untilClosed(Statement statement, Class<?> type) {
			return Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { type },
					(proxy, method, arguments) -> {
						Object result = TransactionPooler.invoke(statement, method, arguments);
						if (method.getName().equals("close") && this.autoCommit) {
							endTransaction(true);
						}
						return result;
					});
		}

		private Connection session() throws SQLException {
			Connection current = this.session;
			if (current == null) {
				try {
					current = TransactionPooler.this.idle.pollFirst(10, TimeUnit.SECONDS);
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
				if (current == null) {
					throw new SQLException("query_wait_timeout");
				}
				current.setAutoCommit(this.autoCommit);
				this.session = current;
			}
			return current;
		}

		private void endTransaction(boolean commit) throws SQLException {
			Connection current = this.session;
			this.session = null;
			if (current == null) {
				return;
			}
			if (!current.getAutoCommit()) {
				if (commit) {
					current.commit();
				}
				else {
					current.rollback();
				}
			}
			TransactionPooler.this.idle.addFirst(current);
		}

	}

}
