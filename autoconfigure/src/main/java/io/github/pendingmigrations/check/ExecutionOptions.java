package io.github.pendingmigrations.check;

import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * How a statement of MySQL or MariaDB asks to be executed.
 */
final class ExecutionOptions {

	private ExecutionOptions() {
	}

	/**
	 * Return whether the server refuses the statement rather than keep writers waiting.
	 * @param statement the statement
	 * @return {@code true} if so
	 */
	static boolean isOnline(SqlStatement statement) {
		Fact.ExecutionOption option = find(statement);
		if (option == null) {
			return false;
		}
		return (option.algorithm() != null && Set.of("INSTANT", "NOCOPY").contains(option.algorithm()))
				|| (option.lock() != null && option.lock().equals("NONE"));
	}

	private static Fact.@Nullable ExecutionOption find(SqlStatement statement) {
		for (Fact fact : statement.facts()) {
			if (fact instanceof Fact.ExecutionOption option) {
				return option;
			}
		}
		return null;
	}

}
