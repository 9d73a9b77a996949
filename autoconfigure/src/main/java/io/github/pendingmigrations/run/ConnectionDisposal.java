package io.github.pendingmigrations.run;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Makes sure that a connection is not used again. HikariCP would give an aborted one to
 * the next who asks, but can be told to forget one; it need not be on the class path.
 */
final class ConnectionDisposal {

	private static final @Nullable Class<? extends DataSource> HIKARI = hikari();

	private static final @Nullable Method EVICT = (HIKARI != null)
			? ReflectionUtils.findMethod(HIKARI, "evictConnection", Connection.class) : null;

	private ConnectionDisposal() {
	}

	static void dispose(DataSource dataSource, Connection connection) throws SQLException {
		Connection target = DataSourceUtils.getTargetConnection(connection);
		DataSource pool = (HIKARI != null) ? DataSourceUnwrapper.unwrap(dataSource, HIKARI) : null;
		if (pool != null && EVICT != null && target.getClass().getName().startsWith("com.zaxxer.hikari.")) {
			ReflectionUtils.invokeMethod(EVICT, pool, target);
		}
		else {
			connection.abort(Runnable::run);
		}
	}

	private static @Nullable Class<? extends DataSource> hikari() {
		try {
			return ClassUtils.forName("com.zaxxer.hikari.HikariDataSource", ConnectionDisposal.class.getClassLoader())
				.asSubclass(DataSource.class);
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return null;
		}
	}

}
