package io.github.pendingmigrations.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.check.CheckLevel;
import io.github.pendingmigrations.check.CheckPolicy;
import io.github.pendingmigrations.check.Impact;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static io.github.pendingmigrations.verify.MigrationAssertions.assertThatMigrations;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link MigrationAssertions}.
 */
class MigrationAssertionsTests {

	@TempDir
	private Path folder;

	@Test
	void migrationsOfTheSampleKindAreSafe() throws IOException {
		script("V1__create.sql", "create table issue (id int primary key, source text);");
		script("V2__add.sql", "alter table issue add column origin text;");
		script("P2__drop.sql", "alter table issue drop column source;");
		script("notes.sql", "drop database production;");
		migrations().areSafe();
		assertThat(migrations().check()).extracting((migration) -> migration.script().location())
			.containsExactly(this.folder + "/V1__create.sql", this.folder + "/V2__add.sql",
					this.folder + "/P2__drop.sql");
	}

	@Test // A12
	void failureSaysEverythingThatIsWrongAndWhatToDo() throws IOException {
		script("V1__create.sql", "create table issue (id int primary key, source text);");
		script("sub/V2__mixed.sql", "alter table issue add column origin text;\nalter table issue drop column source;");
		script("R__all.sql", "delete from issue;");
		script("afterMigrate.sql", "truncate issue;");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> migrations().areSafe())
			.withMessageContaining("are not safe on a database in use")
			.withMessageContaining("sub/V2__mixed.sql:2:19: drops the column issue.source [drop-column, destructive")
			.withMessageContaining("Move the statement to P2__mixed.sql")
			.withMessageContaining("sub/V2__mixed.sql: the other statement (line 1) can stay")
			.withMessageContaining("R__all.sql:1:1")
			.satisfies((failure) -> assertThat(failure).hasMessageNotContaining("afterMigrate.sql:1:1"));
	}

	@Test // A8
	void migrationThatUsesWhatAPendingOneOfALowerVersionRemovesIsRefused() throws IOException {
		script("P2__drop.sql", "alter table issue drop column source;");
		script("V3__again.sql", "alter table issue add column source int;");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> migrations().areSafe())
			.withMessageContaining("V3__again.sql:1 adds issue.source again, which")
			.withMessageContaining("P2__drop.sql:1 drops: applied afterwards, that would drop the new one");
		migrations().startAfter("3").areSafe();
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> migrations().startAfter("2").areSafe());
		script("V3__again.sql", "-- check: allow order-conflict because P2 is applied everywhere\n"
				+ "alter table issue add column source int;");
		migrations().areSafe();
	}

	@Test
	void whatIsNotReleasedRunsTogether() throws IOException {
		script("V1__create.sql", "create table issue (id int primary key, source text);");
		script("V2__create.sql", "create table vote (id int primary key, source text);");
		script("V3__drop.sql", "alter table vote drop column source;");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> migrations().areSafe());
		migrations().released("1").areSafe();
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> migrations().released("2").areSafe());
	}

	@Test // A13
	void policyFirstVersionPlaceholdersAndScriptConfigurationsCount() throws IOException {
		script("V2__drop.sql", "alter table ${table} drop column source;");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> migrations().areSafe())
			.withMessageContaining("unresolved-placeholder");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> migrations().placeholder("table", "issue").areSafe())
			.withMessageContaining("issue.source");
		migrations().startAfter("2").areSafe();
		migrations().placeholder("table", "issue")
			.policy(CheckPolicy.defaults().withRule("drop-column", CheckLevel.OFF))
			.areSafe();
		script("V2__drop.sql", "create index concurrently i on issue (source); select 1;");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> migrations().areSafe())
			.withMessageContaining("concurrently-in-transaction");
		script("V2__drop.sql.conf", "executeInTransaction=false");
		migrations().policy(CheckPolicy.defaults().with(Impact.BLOCKING, CheckLevel.FAIL)).areSafe();
	}

	@Test // A14
	void locationOfALibraryHasALevelOfItsOwn() throws IOException {
		script("vendor/V2__drop.sql", "alter table issue drop column source;");
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> migrations().areSafe());
		CheckPolicy policy = CheckPolicy.defaults()
			.withLocation("filesystem:" + this.folder + "/vendor", CheckLevel.WARN);
		migrations().policy(policy).areSafe();
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> migrations().policy(policy.withVersion("2", CheckLevel.FAIL)).areSafe());
	}

	@Test
	void locationWithoutMigrationsIsAMistake() {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> migrations().areSafe())
			.withMessageContaining("There are no migrations in");
	}

	@Test
	void severalDriversNeedADecision() throws IOException {
		script("V1__create.sql", "create table issue (id int primary key);");
		assertThatIllegalStateException().isThrownBy(() -> assertThatMigrations("filesystem:" + this.folder).areSafe())
			.withMessageContaining("say with on(…)");
	}

	@Test
	void classPathIsSearched() {
		List<CheckedMigration> checked = assertThatMigrations("classpath:/checked-migrations")
			.on(DatabaseProduct.POSTGRESQL)
			.areSafe()
			.check();
		assertThat(checked).singleElement()
			.satisfies((migration) -> assertThat(migration.script().location())
				.isEqualTo("checked-migrations/V1__create_issue.sql"));
	}

	private MigrationsAssert migrations() {
		return assertThatMigrations("filesystem:" + this.folder).on(DatabaseProduct.POSTGRESQL).serverVersion(17);
	}

	private void script(String name, String sql) throws IOException {
		Path file = this.folder.resolve(name);
		Files.createDirectories(file.getParent());
		Files.writeString(file, sql);
	}

}
