package io.github.pendingmigrations;

import java.time.Instant;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.jspecify.annotations.NullMarked;

import org.springframework.boot.autoconfigure.AutoConfiguration;

import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

/**
 * Holds the table of packages and what each may use.
 */
@AnalyzeClasses(packages = "io.github.pendingmigrations", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	private static final String ROOT = "io.github.pendingmigrations";

	@ArchTest
	static final ArchRule vocabularyUsesNothingOfOurs = onlyUses(ROOT, ROOT);

	@ArchTest
	static final ArchRule flywayUsesTheVocabulary = onlyUses(ROOT + ".flyway", ROOT, ROOT + ".flyway");

	@ArchTest
	static final ArchRule jdbcUsesTheVocabulary = onlyUses(ROOT + ".jdbc", ROOT, ROOT + ".jdbc");

	@ArchTest
	static final ArchRule runUsesTheVocabulary = onlyUses(ROOT + ".run", ROOT, ROOT + ".run");

	@ArchTest
	static final ArchRule rolloutUsesTheVocabulary = onlyUses(ROOT + ".rollout", ROOT, ROOT + ".rollout");

	@ArchTest
	static final ArchRule preflightUsesTheVocabulary = onlyUses(ROOT + ".preflight", ROOT, ROOT + ".preflight");

	@ArchTest
	static final ArchRule actuateUsesTheVocabulary = onlyUses(ROOT + ".actuate", ROOT, ROOT + ".actuate");

	@ArchTest
	static final ArchRule commandUsesTheVocabulary = onlyUses(ROOT + ".command", ROOT, ROOT + ".command");

	@ArchTest
	static final ArchRule verifyUsesTheVocabularyAndTheChecker = onlyUses(ROOT + ".verify", ROOT, ROOT + ".check",
			ROOT + ".verify");

	/**
	 * Clocks of instances differ, and jump. Only without tables is there no database to
	 * ask.
	 */
	@ArchTest
	static final ArchRule timesAreThoseOfTheDatabase = noClasses().that()
		.resideInAnyPackage(ROOT + ".run", ROOT + ".jdbc", ROOT + ".rollout")
		.and()
		.doNotHaveSimpleName("DefaultPendingMigrations")
		.should()
		.callMethod(Instant.class, "now")
		.orShould()
		.callMethod(System.class, "currentTimeMillis");

	@ArchTest
	static final ArchRule checkUsesNothingButJava = classes().that()
		.resideInAPackage(ROOT + ".check")
		.should()
		.onlyDependOnClassesThat()
		.resideInAnyPackage(ROOT + ".check", "java..", "org.jspecify..");

	@ArchTest
	static final ArchRule internalsOfFlywayAreUsedInOnePlace = noClasses().that()
		.resideOutsideOfPackage(ROOT + ".flyway")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("org.flywaydb.core.internal..");

	@ArchTest
	static final ArchRule metersAreUsedWhereTheyBelong = noClasses().that()
		.resideOutsideOfPackages(ROOT + ".actuate", ROOT + ".autoconfigure")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("io.micrometer..");

	@ArchTest
	static final ArchRule autoConfigurationsArePublicAndFinalAndHaveNoPublicMethods = classes().that()
		.areAnnotatedWith(AutoConfiguration.class)
		.should()
		.bePublic()
		.andShould()
		.haveModifier(JavaModifier.FINAL);

	@ArchTest
	static final ArchRule membersOfAutoConfigurationsAreNotPublic = ArchRuleDefinition.noMethods()
		.that()
		.areDeclaredInClassesThat()
		.areAnnotatedWith(AutoConfiguration.class)
		.should()
		.bePublic();

	@ArchTest
	static final ArchRule everyPackageIsNullMarked = classes()
		.that(are(com.tngtech.archunit.base.DescribedPredicate.describe("package-info",
				(JavaClass type) -> type.getSimpleName().equals("package-info"))))
		.should()
		.beAnnotatedWith(NullMarked.class);

	private static ArchRule onlyUses(String user, String... used) {
		String[] others = java.util.Arrays.copyOf(used, used.length + 8);
		String[] everybodyElse = { "java..", "javax..", "org..", "io.micrometer..", "tools.jackson..",
				"com.fasterxml..", "io.opentelemetry..", "" };
		System.arraycopy(everybodyElse, 0, others, used.length, everybodyElse.length);
		return classes().that().resideInAPackage(user).should().onlyDependOnClassesThat().resideInAnyPackage(others);
	}

}
