package io.github.pendingmigrations.preflight;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.Preflight;
import io.github.pendingmigrations.ScriptDirectives;
import io.github.pendingmigrations.StatementLocks.Reading;
import io.github.pendingmigrations.StatementLocks.Removal;
import io.github.pendingmigrations.StatementLocks.Removal.Kind;
import io.github.pendingmigrations.StatementLocks.TableLock;
import io.github.pendingmigrations.StatementLocks.Work;
import io.github.pendingmigrations.TableName;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * A script whose statements say what the test tells them to.
 */
final class Script {

	private final DatabaseProduct product;

	private final List<Reading> readings = new ArrayList<>();

	private final Map<String, DataSource> replicas = new LinkedHashMap<>();

	private Duration budget = Duration.ofSeconds(10);

	Script(DatabaseProduct product) {
		this.product = product;
	}

	/**
	 * A statement that locks a table.
	 */
	Script locks(String table, String mode, Work work) {
		return reading(new Reading(true, List.of(new TableLock(name(table), mode, work)), List.of()));
	}

	Script drops(String relation) {
		return removes(Kind.RELATION, relation, null, false);
	}

	Script dropsColumn(String table, String column) {
		return removes(Kind.COLUMN, table, column, false);
	}

	Script removes(Kind kind, String relation, @Nullable String part, boolean cascade) {
		String exclusive = (this.product == DatabaseProduct.POSTGRESQL) ? "ACCESS EXCLUSIVE" : "EXCLUSIVE";
		return reading(new Reading(true, List.of(new TableLock(name(relation), exclusive, Work.NONE)),
				List.of(new Removal(kind, name(relation), part, cascade))));
	}

	Script reading(Reading reading) {
		this.readings.add(reading);
		return this;
	}

	Script replica(String name, DataSource replica) {
		this.replicas.put(name, replica);
		return this;
	}

	Script within(Duration budget) {
		this.budget = budget;
		return this;
	}

	Preflight inspect(DataSource dataSource, String schema) {
		return inspect(dataSource, schema, 0);
	}

	Preflight inspect(DataSource dataSource, String schema, int statementsDone) {
		List<Statement> statements = new ArrayList<>();
		for (int i = 0; i < this.readings.size(); i++) {
			statements.add(new Statement(i + 1, i + 1, String.valueOf(i), true));
		}
		PendingScript script = new PendingScript(MigrationVersion.fromVersion("1"), "test", "P1__test.sql",
				PendingMigrationType.SQL, 1, ScriptDirectives.NONE, () -> new SqlBody(statements, true));
		return new JdbcPreflightInspector(this.product, dataSource, schema,
				(product, sql) -> this.readings.get(Integer.parseInt(sql)), () -> this.replicas, this.budget)
			.inspect(script, statementsDone);
	}

	private static TableName name(String name) {
		int dot = name.indexOf('.');
		return (dot < 0) ? new TableName(null, name) : new TableName(name.substring(0, dot), name.substring(dot + 1));
	}

}
