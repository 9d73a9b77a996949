package io.github.pendingmigrations.run;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;

import org.jspecify.annotations.Nullable;

/**
 * Lends a connection to a migration written in Java, but not its transaction: what ends
 * that would release the fence, and separate the work from its record.
 */
final class OwnedTransaction implements InvocationHandler {

	private final Connection connection;

	private OwnedTransaction(Connection connection) {
		this.connection = connection;
	}

	/**
	 * Lend a connection.
	 * @param connection the connection, in a transaction
	 * @return the same, without what ends the transaction
	 */
	static Connection of(Connection connection) {
		return (Connection) Proxy.newProxyInstance(Connection.class.getClassLoader(),
				new Class<?>[] { Connection.class }, new OwnedTransaction(connection));
	}

	@Override
	public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
		if (endsTransaction(method.getName(), arguments)) {
			throw new IllegalStateException("It has called " + method.getName() + "() of the connection, whose "
					+ "transaction belongs to the run: the work is recorded in it. If it has to commit by itself, let "
					+ "its method canExecuteInTransaction() return false, and do it in batches");
		}
		try {
			return method.invoke(this.connection, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	private static boolean endsTransaction(String name, Object @Nullable [] arguments) {
		return switch (name) {
			case "commit", "close", "abort" -> true;
			// To a savepoint is fine
			case "rollback" -> arguments == null;
			case "setAutoCommit" -> arguments != null && Boolean.TRUE.equals(arguments[0]);
			default -> false;
		};
	}

}
