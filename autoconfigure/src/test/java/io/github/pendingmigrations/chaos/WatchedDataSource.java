package io.github.pendingmigrations.chaos;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

import io.github.pendingmigrations.test.TestApplication.Instance;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.ConnectionProxy;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Tells an observer of each call that reaches the database, before and after it, so that
 * a fault can be put exactly there.
 */
final class WatchedDataSource extends DelegatingDataSource {

	private volatile Observer observer = Observer.NONE;

	private WatchedDataSource(DataSource dataSource) {
		super(dataSource);
	}

	static WatchedDataSource of(Instance instance) {
		return (WatchedDataSource) instance.context().getBean(DataSource.class);
	}

	void observe(Observer observer) {
		this.observer = observer;
	}

	@Override
	public Connection getConnection() throws SQLException {
		Connection connection = super.getConnection();
		return proxy(ConnectionProxy.class, (proxy, method, arguments) -> {
			if (method.getName().equals("getTargetConnection")) {
				return connection;
			}
			if (method.getName().equals("commit") || (method.getName().equals("rollback") && arguments == null)) {
				return call(method.getName(), connection, method, arguments);
			}
			Object result = invoke(connection, method, arguments);
			return (result instanceof Statement statement)
					? watched(statement, (arguments != null) ? (String) arguments[0] : "") : result;
		});
	}

	private Statement watched(Statement statement, String prepared) {
		Class<? extends Statement> type = (statement instanceof CallableStatement) ? CallableStatement.class
				: (statement instanceof PreparedStatement) ? PreparedStatement.class : Statement.class;
		return proxy(type, (proxy, method, arguments) -> {
			if (!method.getName().startsWith("execute")) {
				return invoke(statement, method, arguments);
			}
			return call((arguments != null) ? (String) arguments[0] : prepared, statement, method, arguments);
		});
	}

	private @Nullable Object call(String sql, Object target, Method method, Object @Nullable [] arguments)
			throws Throwable {
		Observer told = this.observer;
		told.before(sql);
		try {
			Object result = invoke(target, method, arguments);
			told.after(sql);
			return result;
		}
		catch (SQLException ex) {
			told.failed(sql, ex);
			throw ex;
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

	private static <T> T proxy(Class<T> type, InvocationHandler handler) {
		return type
			.cast(Proxy.newProxyInstance(WatchedDataSource.class.getClassLoader(), new Class<?>[] { type }, handler));
	}

	/**
	 * Is told of calls, on the thread that makes them.
	 */
	interface Observer {

		/** Is not interested. */
		Observer NONE = (sql) -> {
		};

		void before(String sql);

		default void after(String sql) {
		}

		default void failed(String sql, SQLException ex) {
		}

	}

	/**
	 * Watches the data sources of an application.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Watch {

		@Bean
		static BeanPostProcessor watchedDataSources() {
			return new BeanPostProcessor() {

				@Override
				public Object postProcessAfterInitialization(Object bean, String beanName) {
					return (bean instanceof DataSource dataSource && !(bean instanceof WatchedDataSource))
							? new WatchedDataSource(dataSource) : bean;
				}

			};
		}

	}

}
