package io.github.pendingmigrations.flyway;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.internal.plugin.PluginRegister;
import org.flywaydb.core.internal.resolver.ChecksumCalculator;
import org.flywaydb.core.internal.resource.StringResource;
import org.flywaydb.core.internal.sqlscript.SqlScript;
import org.flywaydb.core.internal.sqlscript.SqlScriptFactory;
import org.flywaydb.core.internal.sqlscript.SqlStatement;
import org.flywaydb.core.internal.sqlscript.SqlStatementIterator;
import org.flywaydb.core.internal.util.Pair;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Names everything that is used of Flyway's internals, so that an upgrade of Flyway that
 * changes it fails here and not in production.
 */
class FlywayInternalsTests {

	@Test
	void methodsThatAreUsedExist() throws Exception {
		List<Method> methods = List.of(ChecksumCalculator.class.getMethod("calculate", LoadableResource[].class),
				SqlScriptFactory.class.getMethod("createSqlScript", LoadableResource.class, boolean.class,
						ResourceProvider.class),
				SqlScript.class.getMethod("getSqlStatements"), SqlScript.class.getMethod("executeInTransaction"),
				SqlScript.class.getMethod("shouldExecute"), SqlScript.class.getMethod("placeholderReplacement"),
				PluginRegister.class.getMethod("getExact", Class.class), SqlStatementIterator.class.getMethod("next"),
				SqlStatementIterator.class.getMethod("close"), SqlStatement.class.getMethod("getSql"),
				SqlStatement.class.getMethod("getLineNumber"), SqlStatement.class.getMethod("canExecuteInTransaction"),
				Pair.class.getMethod("of", Object.class, Object.class));
		assertThat(methods).hasSize(13);
		assertThat(StringResource.class.getConstructor(String.class)).isNotNull();
	}

	@Test
	void classOfCopyStatementsHasTheNameThatIsLookedFor() throws Exception {
		assertThat(Class.forName("org.flywaydb.database.postgresql.PostgreSQLCopyParsedStatement").getSimpleName())
			.isEqualTo("PostgreSQLCopyParsedStatement");
	}

	@Test
	void nothingElseIsUsed() {
		JavaClasses classes = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
			.importPackages("io.github.pendingmigrations");
		Set<String> used = new TreeSet<>();
		classes.forEach((type) -> type.getDirectDependenciesFromSelf()
			.stream()
			.map((dependency) -> dependency.getTargetClass().getBaseComponentType().getName())
			.filter((name) -> name.startsWith("org.flywaydb.core.internal."))
			.forEach(used::add));
		assertThat(used).containsExactlyInAnyOrder(ChecksumCalculator.class.getName(), PluginRegister.class.getName(),
				StringResource.class.getName(), SqlScript.class.getName(), SqlScriptFactory.class.getName(),
				SqlStatement.class.getName(), SqlStatementIterator.class.getName(), Pair.class.getName());
	}

}
