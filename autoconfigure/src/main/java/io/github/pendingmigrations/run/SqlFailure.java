package io.github.pendingmigrations.run;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import java.util.regex.Pattern;

import io.github.pendingmigrations.DatabaseProduct;
import org.jspecify.annotations.Nullable;

/**
 * What a failed statement means. Decided from SQLSTATE and vendor code, never from a
 * message.
 */
enum SqlFailure {

	/** A lock was not granted in time: nothing happened, try again. */
	LOCK_TIMEOUT,

	/** The database chose this transaction as the victim: nothing happened, try again. */
	DEADLOCK,

	/** It took longer than it may: nothing happened, and trying again would not help. */
	HOLD_BUDGET_EXCEEDED,

	/** Somebody cancelled it in the database: nothing happened. */
	CANCELLED_BY_ADMIN,

	/** It cannot be executed in the form that was asked for: nothing happened. */
	FORM_NOT_SUPPORTED,

	/** The connection broke: what happened is not known. */
	CONNECTION_LOST,

	/** The server accepts no changes now: nothing happened. */
	READ_ONLY,

	/** The server has no disk space or memory left: nothing happened. */
	OUT_OF_SPACE,

	/** The user of the database may not do it: nothing happened. */
	NOT_PERMITTED,

	/** What it removes is gone, or what it adds is there. */
	LOOKS_APPLIED,

	/** Anything else. */
	SQL_ERROR;

	private static final Pattern CLOSED = Pattern.compile("(?i)connection (is|was|has already been) closed");

	private static final Set<String> POSTGRESQL_CONNECTION = Set.of("57P01", "57P02", "57P03", "57P05", "25P03",
			"53300");

	private static final Set<String> POSTGRESQL_SPACE = Set.of("53100", "53200");

	private static final Set<String> POSTGRESQL_APPLIED = Set.of("42701", "42P07", "42710", "42703", "42P01", "42704");

	private static final Set<Integer> MYSQL_CONNECTION = Set.of(1053, 1927, 1040, 1203, 2006, 2013);

	private static final Set<Integer> MYSQL_SPACE = Set.of(1021, 1114);

	private static final Set<Integer> MYSQL_APPLIED = Set.of(1091, 1051, 1146, 1060, 1061, 1050);

	private static final Set<Integer> H2_APPLIED = Set.of(42122, 42102, 42101, 42121, 42111, 42112);

	private static final Set<String> STANDARD_APPLIED = Set.of("X0Y32", "42X05", "42X14", "42Y55", "42501", "42504",
			"42704", "42710", "42703", "42711");

	/**
	 * Return whether the same statement may simply be tried again.
	 * @return {@code true} if nothing happened and it may work next time
	 */
	boolean isRetryable() {
		return this == LOCK_TIMEOUT || this == DEADLOCK;
	}

	/**
	 * Return whether the database cannot be used for the moment.
	 * @return {@code true} if waiting may help
	 */
	boolean isOutage() {
		return this == CONNECTION_LOST || this == READ_ONLY;
	}

	static SqlFailure of(DatabaseProduct product, SQLException exception) {
		String state = exception.getSQLState();
		if ((state != null && state.startsWith("08")) || exception instanceof SQLTransientConnectionException
				|| exception instanceof SQLNonTransientConnectionException
				|| exception instanceof SQLRecoverableException || isClosedByPool(exception)) {
			return CONNECTION_LOST;
		}
		return switch (product) {
			case POSTGRESQL -> ofPostgresql(state);
			case MYSQL, MARIADB -> ofMysql(exception.getErrorCode());
			case H2 -> ofH2(exception.getErrorCode());
			case SQLITE -> ofSqlite(exception.getErrorCode());
			case SQLSERVER -> ofSqlServer(exception);
			case ORACLE -> ofOracle(exception);
			default -> ofStandard(exception);
		};
	}

	/**
	 * A pool closes a connection that it has seen breaking. What is done with that next
	 * fails without any code, and hides the error that came before.
	 */
	private static boolean isClosedByPool(SQLException exception) {
		String message = exception.getMessage();
		return exception.getSQLState() == null && exception.getErrorCode() == 0 && message != null
				&& CLOSED.matcher(message).find();
	}

	/** It has no codes that tell a missing column from a mistake. */
	private static SqlFailure ofSqlite(int code) {
		return switch (code) {
			case 5, 6 -> LOCK_TIMEOUT;
			case 8 -> READ_ONLY;
			case 9 -> HOLD_BUDGET_EXCEEDED;
			default -> SQL_ERROR;
		};
	}

	private static SqlFailure ofSqlServer(SQLException exception) {
		return switch (exception.getErrorCode()) {
			case 1222 -> LOCK_TIMEOUT;
			case 1205 -> DEADLOCK;
			case 2714, 1913, 3701, 4924, 2705, 3728 -> LOOKS_APPLIED;
			case 3906 -> READ_ONLY;
			case 229, 230, 262, 297, 1088 -> NOT_PERMITTED;
			default -> ofStandard(exception);
		};
	}

	private static SqlFailure ofOracle(SQLException exception) {
		return switch (exception.getErrorCode()) {
			case 54, 4021, 30006 -> LOCK_TIMEOUT;
			case 60 -> DEADLOCK;
			case 1013 -> HOLD_BUDGET_EXCEEDED;
			case 904, 942, 955, 1408, 1418, 1430, 2260, 2443 -> LOOKS_APPLIED;
			case 16000 -> READ_ONLY;
			case 1031 -> NOT_PERMITTED;
			default -> ofStandard(exception);
		};
	}

	/**
	 * By the classes of JDBC, and the states of the standard, of Derby, HSQLDB and Db2.
	 */
	private static SqlFailure ofStandard(SQLException exception) {
		if (exception instanceof SQLTimeoutException) {
			return HOLD_BUDGET_EXCEEDED;
		}
		String state = exception.getSQLState();
		if (state == null) {
			return SQL_ERROR;
		}
		return switch (state) {
			case "40XL1", "40XL2" -> LOCK_TIMEOUT;
			case "57014", "XCL52", "40502", "HYT00", "HYT01" -> HOLD_BUDGET_EXCEEDED;
			case "25502", "25503", "25006" -> READ_ONLY;
			default -> state.startsWith("40") ? DEADLOCK : STANDARD_APPLIED.contains(state) ? LOOKS_APPLIED : SQL_ERROR;
		};
	}

	private static SqlFailure ofPostgresql(@Nullable String state) {
		if (state == null) {
			return SQL_ERROR;
		}
		return switch (state) {
			case "55P03" -> LOCK_TIMEOUT;
			case "40P01", "40001" -> DEADLOCK;
			case "57014", "25P04" -> HOLD_BUDGET_EXCEEDED;
			case "25006" -> READ_ONLY;
			case "42501" -> NOT_PERMITTED;
			default -> POSTGRESQL_CONNECTION.contains(state) ? CONNECTION_LOST : POSTGRESQL_SPACE.contains(state)
					? OUT_OF_SPACE : POSTGRESQL_APPLIED.contains(state) ? LOOKS_APPLIED : SQL_ERROR;
		};
	}

	private static SqlFailure ofMysql(int code) {
		return switch (code) {
			case 1205 -> LOCK_TIMEOUT;
			case 1213 -> DEADLOCK;
			case 1969, 1317, 3024 -> HOLD_BUDGET_EXCEEDED;
			case 1845, 1846 -> FORM_NOT_SUPPORTED;
			case 1290, 1836 -> READ_ONLY;
			case 1044, 1142, 1143, 1227, 1370 -> NOT_PERMITTED;
			default -> MYSQL_CONNECTION.contains(code) ? CONNECTION_LOST : MYSQL_SPACE.contains(code) ? OUT_OF_SPACE
					: MYSQL_APPLIED.contains(code) ? LOOKS_APPLIED : SQL_ERROR;
		};
	}

	private static SqlFailure ofH2(int code) {
		return switch (code) {
			case 50200 -> LOCK_TIMEOUT;
			case 40001 -> DEADLOCK;
			case 57014 -> HOLD_BUDGET_EXCEEDED;
			case 90098, 90121, 90067 -> CONNECTION_LOST;
			case 90097 -> READ_ONLY;
			case 90040, 90096 -> NOT_PERMITTED;
			default -> H2_APPLIED.contains(code) ? LOOKS_APPLIED : SQL_ERROR;
		};
	}

}
