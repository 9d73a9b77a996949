package io.github.pendingmigrations.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.MigrationChecker.Clash;
import io.github.pendingmigrations.MigrationScript;
import io.github.pendingmigrations.MigrationScript.Kind;
import io.github.pendingmigrations.check.CheckPolicy;
import io.github.pendingmigrations.check.CheckSettings;
import io.github.pendingmigrations.check.Dialect;
import io.github.pendingmigrations.check.Rule;
import io.github.pendingmigrations.check.SqlChecker;
import io.github.pendingmigrations.check.TransactionMode;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * An assertion about migrations: that a start-up of this application would refuse none of
 * them. It reads the scripts from the class path or the file system, as Flyway names
 * them, and needs no database. Each is judged by itself, as if it met a database in use,
 * unless {@link #released(String)} says which of them will run together.
 *
 * @since 0.1.0
 */
public final class MigrationsAssert {

	private final List<String> locations;

	private final Map<String, String> placeholders = new LinkedHashMap<>();

	private final List<Rule> rules = new ArrayList<>(SqlChecker.rules());

	private @Nullable DatabaseProduct product;

	private int serverVersion;

	private CheckPolicy policy = CheckPolicy.defaults();

	private String pendingPrefix = "P";

	private @Nullable MigrationVersion released;

	MigrationsAssert(List<String> locations) {
		this.locations = locations;
	}

	/**
	 * Say which database the migrations are written for. Without it the one whose driver
	 * is on the class path, where H2 only counts if there is no other.
	 * @param product the database
	 * @return this
	 */
	public MigrationsAssert on(DatabaseProduct product) {
		this.product = product;
		return this;
	}

	/**
	 * Say which major version the server has. Without it the answer holds for all that
	 * are maintained.
	 * @param majorVersion the version, such as 17
	 * @return this
	 */
	public MigrationsAssert serverVersion(int majorVersion) {
		this.serverVersion = majorVersion;
		return this;
	}

	/**
	 * Use another policy than {@link CheckPolicy#defaults()}.
	 * @param policy the policy
	 * @return this
	 */
	public MigrationsAssert policy(CheckPolicy policy) {
		this.policy = policy;
		return this;
	}

	/**
	 * Leave out old versions, in a project that adopts the check late.
	 * @param version the last version that is not checked
	 * @return this
	 */
	public MigrationsAssert startAfter(String version) {
		this.policy = this.policy.startAfter(version);
		return this;
	}

	/**
	 * Say what has been released: the versions behind it will run together, so that what
	 * one of them creates is new to the others. Leave it out if that is not certain.
	 * @param version the newest version that has been released
	 * @return this
	 */
	public MigrationsAssert released(String version) {
		this.released = MigrationVersion.fromVersion(version);
		return this;
	}

	/**
	 * Give a placeholder its value.
	 * @param name the name
	 * @param value the value
	 * @return this
	 */
	public MigrationsAssert placeholder(String name, String value) {
		this.placeholders.put(name, value);
		return this;
	}

	/**
	 * Use another prefix of pending migrations than {@code P}.
	 * @param prefix the prefix
	 * @return this
	 */
	public MigrationsAssert pendingPrefix(String prefix) {
		this.pendingPrefix = prefix;
		return this;
	}

	/**
	 * Add a rule of the team's own. It takes the place of one with the same name.
	 * @param rule the rule
	 * @return this
	 */
	public MigrationsAssert rule(Rule rule) {
		this.rules.removeIf((other) -> other.id().equals(rule.id()));
		this.rules.add(rule);
		return this;
	}

	/**
	 * Assert that a start-up would refuse none of the migrations, and that none uses what
	 * a pending one of a lower version removes.
	 * @return this
	 * @throws AssertionError with everything that is wrong, and what to do about it; also
	 * if there are no migrations
	 */
	public MigrationsAssert areSafe() {
		List<CheckedMigration> checked = check();
		if (checked.isEmpty()) {
			throw new AssertionError("There are no migrations in " + this.locations);
		}
		List<String> wrong = new ArrayList<>();
		checked.stream().filter(CheckedMigration::isRefused).map(CheckedMigration::describe).forEach(wrong::add);
		wrong.addAll(clashes(checked.stream().map(CheckedMigration::script).toList()));
		if (!wrong.isEmpty()) {
			String newLine = System.lineSeparator();
			throw new AssertionError(wrong.stream()
				.collect(Collectors.joining(newLine + newLine,
						"Migrations in " + this.locations + " are not safe on a database in use:" + newLine + newLine,
						newLine)));
		}
		return this;
	}

	/**
	 * Check the migrations without an assertion.
	 * @return what was found, one for each script: versioned and pending migrations by
	 * their versions, repeatable ones, callbacks
	 */
	public List<CheckedMigration> check() {
		List<MigrationScript> scripts = new ScriptLocations(this.locations, this.pendingPrefix, this.placeholders)
			.scripts();
		SqlMigrationChecker checker = checker();
		List<MigrationScript> together = scripts.stream().filter(this::isUnreleased).toList();
		Map<MigrationScript, CheckedMigration> checked = new LinkedHashMap<>();
		checker.check(together, settings()).forEach((migration) -> checked.put(migration.script(), migration));
		return scripts.stream()
			.map((script) -> checked.containsKey(script) ? checked.get(script)
					: checker.check(List.of(script), settings()).get(0))
			.toList();
	}

	private boolean isUnreleased(MigrationScript script) {
		return this.released != null && (script.version() == null || script.version().compareTo(this.released) > 0);
	}

	private List<String> clashes(List<MigrationScript> scripts) {
		List<MigrationScript> open = scripts.stream()
			.filter((script) -> script.version() != null && (this.released == null || isUnreleased(script)))
			.toList();
		return checker()
			.clashes(open.stream().filter((script) -> script.kind() == Kind.PENDING).toList(),
					open.stream().filter((script) -> script.kind() == Kind.VERSIONED).toList(), dialect())
			.stream()
			.map(MigrationsAssert::describe)
			.toList();
	}

	private SqlMigrationChecker checker() {
		SqlChecker checker = new SqlChecker(this.rules, this.policy);
		return new SqlMigrationChecker(() -> checker, false);
	}

	private static String describe(Clash clash) {
		return clash.describe() + System.lineSeparator()
				+ "    A database in use may not have got the pending migration yet: the start-up would be refused there."
				+ System.lineSeparator() + "    1. Use another name, or make it a pending migration as well."
				+ System.lineSeparator() + "    To allow it, write above the statement: -- check: allow order-conflict "
				+ "because <reason>";
	}

	private CheckSettings settings() {
		return new CheckSettings(dialect(), this.serverVersion, TransactionMode.AUTOMATIC, false, null,
				this.pendingPrefix);
	}

	private Dialect dialect() {
		DatabaseProduct chosen = (this.product != null) ? this.product : Drivers.onClassPath();
		return Dialect.of(chosen.name());
	}

}
