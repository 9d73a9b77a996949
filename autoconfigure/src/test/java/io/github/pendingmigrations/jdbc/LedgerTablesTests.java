package io.github.pendingmigrations.jdbc;

import io.github.pendingmigrations.DatabaseProduct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link LedgerTables}.
 */
class LedgerTablesTests {

	@Test
	void tableIsQualifiedWithSchemaInQuotesOfDatabase() {
		assertThat(sql(DatabaseProduct.POSTGRESQL, "app", "{run}")).isEqualTo("\"app\".pending_migration_run");
		assertThat(sql(DatabaseProduct.H2, "PUBLIC", "{ledger}")).isEqualTo("\"PUBLIC\".pending_migration");
		assertThat(sql(DatabaseProduct.MYSQL, "app", "{meta}")).isEqualTo("`app`.pending_migration_meta");
		assertThat(sql(DatabaseProduct.MARIADB, "app", "{event}")).isEqualTo("`app`.pending_migration_event");
	}

	@Test
	void quoteInSchemaIsDoubled() {
		assertThat(sql(DatabaseProduct.POSTGRESQL, "a\"b", "{ledger}")).startsWith("\"a\"\"b\".");
		assertThat(sql(DatabaseProduct.MARIADB, "a`b", "{ledger}")).startsWith("`a``b`.");
	}

	@Test
	void schemaThatLooksLikePlaceholderStaysAsItIs() {
		assertThat(sql(DatabaseProduct.POSTGRESQL, "{now}$1", "{ledger}")).isEqualTo("\"{now}$1\".pending_migration");
	}

	@Test
	void unknownPlaceholderIsRefused() {
		assertThatIllegalStateException().isThrownBy(() -> sql(DatabaseProduct.H2, "PUBLIC", "{runs}"))
			.withMessageContaining("runs");
	}

	@ParameterizedTest
	@ValueSource(strings = { "p", "_p", "P2", "a23456789012345678901234567890123456789_1" })
	void prefixMayBeAnIdentifier(String prefix) {
		assertThat(LedgerTables.of(DatabaseProduct.H2, "PUBLIC", prefix).names()).containsExactly(prefix,
				prefix + "_run", prefix + "_event", prefix + "_instance", prefix + "_meta");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "1p", "p-q", "p q", "p;drop table issue", "p\"", "ä", "p\n",
			"a23456789012345678901234567890123456789_12" })
	void prefixMustBeAnIdentifier(String prefix) {
		assertThatIllegalArgumentException().isThrownBy(() -> LedgerTables.of(DatabaseProduct.H2, "PUBLIC", prefix))
			.withMessageContaining("tablePrefix");
	}

	@Test
	void schemaIsRequired() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> LedgerTables.of(DatabaseProduct.H2, " ", LedgerTables.DEFAULT_PREFIX));
	}

	@Test
	void tablesAreRecognizedInAnyCase() {
		LedgerTables tables = LedgerTables.of(DatabaseProduct.H2, "PUBLIC", "pending");
		assertThat(tables.contains("PENDING_RUN")).isTrue();
		assertThat(tables.contains("pending")).isTrue();
		assertThat(tables.contains("pending_issue")).isFalse();
	}

	private static String sql(DatabaseProduct product, String schema, String template) {
		return LedgerTables.of(product, schema, LedgerTables.DEFAULT_PREFIX).sql(template);
	}

}
