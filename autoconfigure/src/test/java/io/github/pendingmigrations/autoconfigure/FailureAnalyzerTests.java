package io.github.pendingmigrations.autoconfigure;

import java.sql.SQLException;
import java.util.List;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.InvalidPendingMigrationException;
import io.github.pendingmigrations.InvalidPendingMigrationException.Problem;
import io.github.pendingmigrations.MigrationChecker.CheckedDatabase;
import io.github.pendingmigrations.MigrationScript;
import io.github.pendingmigrations.OlderThanDatabaseException;
import io.github.pendingmigrations.OlderThanDatabaseException.Missing;
import io.github.pendingmigrations.OrderConflictException;
import io.github.pendingmigrations.OrderConflictException.Conflict;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.ScriptDirectives;
import io.github.pendingmigrations.UnsafeMigrationException;
import io.github.pendingmigrations.UnsupportedDatabaseException;
import io.github.pendingmigrations.WrongDataSourceException;
import io.github.pendingmigrations.verify.SqlMigrationChecker;
import org.flywaydb.core.api.MigrationVersion;
import org.junit.jupiter.api.Test;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for what a failed start tells.
 */
class FailureAnalyzerTests {

	@Test
	void invalidScriptNamesFileLineAndFix() {
		FailureAnalysis analysis = analyze(new InvalidPendingMigrationException(List
			.of(new Problem("db/migration/P2__x.sql", 3, "the directive 'dely' is not known here", "use delay."))));
		assertThat(analysis.getDescription()).contains("db/migration/P2__x.sql:3: the directive 'dely'");
		assertThat(analysis.getAction()).isEqualTo("db/migration/P2__x.sql: use delay.");
	}

	@Test
	void orderConflictSaysWhatToApplyFirst() {
		PendingScript pending = new PendingScript(MigrationVersion.fromVersion("2"), "drop", "P2__drop.sql",
				PendingMigrationType.SQL, 1, ScriptDirectives.NONE, () -> new SqlBody(List.of(), true));
		FailureAnalysis analysis = analyze(new OrderConflictException(List.of(new Conflict("V3__again.sql",
				MigrationVersion.fromVersion("3"), pending, "V3__again.sql says 'requires=P2'", List.of(pending)))));
		assertThat(analysis.getDescription()).contains("V3__again.sql", "P2__drop.sql", "nothing was applied");
		assertThat(analysis.getAction()).contains("apply P2", "pending-migrations.order=lenient");
	}

	@Test
	void unsafeMigrationSaysWhereWhyAndWhatToDo() {
		MigrationScript script = new MigrationScript(MigrationScript.Kind.VERSIONED, MigrationVersion.fromVersion("7"),
				"db/V7__drop.sql", "select 1;\nalter table issue drop column source;",
				MigrationScript.Transaction.WHOLE);
		SqlMigrationChecker checker = new SqlMigrationChecker(
				() -> SqlCheckers.create(new PendingMigrationsProperties.Check(), List.of()), false);
		FailureAnalysis analysis = analyze(new UnsafeMigrationException(checker.check(List.of(script),
				new CheckedDatabase(DatabaseProduct.POSTGRESQL, 17, true, "public", new SimpleDriverDataSource()))));
		assertThat(analysis.getDescription()).contains("nothing was applied")
			.contains("db/V7__drop.sql:2:19: drops the column issue.source [drop-column, destructive, incompatible]")
			.contains("3. Move the statement to P7__drop.sql")
			.contains("the other statement (line 1) can stay");
		assertThat(analysis.getAction()).contains("pending-migrations.check.start-after");
	}

	@Test
	void unsupportedDatabaseSaysHowToGoOnWithoutUs() {
		FailureAnalysis analysis = analyze(new UnsupportedDatabaseException(DatabaseProduct.OTHER, "create table x",
				new SQLException("syntax error")));
		assertThat(analysis.getDescription()).contains("(OTHER)", "syntax error", "create table x");
		assertThat(analysis.getAction()).contains("pending-migrations.enabled=false");
	}

	@Test
	void codeThatIsOlderThanTheDatabaseNamesTheReleaseToDeploy() {
		FailureAnalysis analysis = analyze(
				new OlderThanDatabaseException(List.of(new Missing("2", "drop source", "2.0.0")), "1.0.0"));
		assertThat(analysis.getDescription()).contains("version 1.0.0",
				"P2 drop source (of application version 2.0.0)");
		assertThat(analysis.getAction()).contains("application version 2.0.0", "pending-migrations.rollback=warn");
	}

	@Test
	void wrongDataSourceSaysWhereItShouldConnectTo() {
		FailureAnalysis analysis = analyze(
				new WrongDataSourceException("direct", "flyway", "reaches another database", null));
		assertThat(analysis.getDescription()).contains("'direct'", "'flyway'", "reaches another database.");
		assertThat(analysis.getAction()).contains("the same database", "@PendingMigrationsDataSource");
	}

	private static FailureAnalysis analyze(Throwable failure) {
		return SpringFactoriesLoader.forDefaultResourceLocation(FailureAnalyzerTests.class.getClassLoader())
			.load(FailureAnalyzer.class, (type, name, ex) -> {
			})
			.stream()
			.filter((analyzer) -> analyzer.getClass().getPackageName().startsWith("io.github.pendingmigrations"))
			.map((analyzer) -> analyzer.analyze(failure))
			.filter(java.util.Objects::nonNull)
			.findFirst()
			.orElseThrow();
	}

}
