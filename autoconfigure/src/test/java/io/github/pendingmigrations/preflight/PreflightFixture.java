package io.github.pendingmigrations.preflight;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.Preflight.Dependant;
import io.github.pendingmigrations.Preflight.Dependant.Consequence;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.Preflight.Notice.Code;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the tests of every database look at in a {@link Preflight}.
 */
final class PreflightFixture {

	private PreflightFixture() {
	}

	static List<String> descriptions(Preflight preflight, Consequence consequence) {
		return preflight.dependants()
			.stream()
			.filter((dependant) -> dependant.consequence() == consequence)
			.map(Dependant::description)
			.toList();
	}

	static Notice notice(Preflight preflight, Code code) {
		assertThat(preflight.notices()).extracting(Notice::code).contains(code);
		return preflight.notices().stream().filter((notice) -> notice.code() == code).findFirst().orElseThrow();
	}

	static void begin(Connection connection, String... statements) throws SQLException {
		connection.setAutoCommit(false);
		try (Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

}
