package io.github.pendingmigrations.flyway;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.output.BaselineResult;
import org.flywaydb.core.api.output.CleanResult;
import org.flywaydb.core.api.output.MigrateResult;
import org.flywaydb.core.api.output.RepairResult;
import org.flywaydb.core.api.pattern.ValidatePattern;

/**
 * A Flyway whose {@link #migrate()} is the safe start-up. Replacing the bean, rather than
 * only offering a migration strategy, means that a strategy of the user's own, an
 * {@code initMethod="migrate"} and a test's {@code clean(); migrate();} are safe too.
 */
final class SafeFlyway extends Flyway {

	private final Supplier<SafeStartup> startup;

	private final BooleanSupplier callbackScriptsFire;

	private final boolean migrates;

	private volatile boolean migrated;

	/**
	 * Create a Flyway.
	 * @param configuration its configuration
	 * @param startup the start-up, asked for only when the database has answered Flyway,
	 * which knows how often to try to connect
	 * @param callbackScriptsFire whether scripts of the user's own fire although there is
	 * nothing to migrate; asked after a scan
	 * @param migrates whether it migrates; if not, it changes nothing, whoever asks it to
	 */
	SafeFlyway(Configuration configuration, Supplier<SafeStartup> startup, BooleanSupplier callbackScriptsFire,
			boolean migrates) {
		super(configuration);
		this.migrates = migrates;
		this.startup = startup;
		this.callbackScriptsFire = callbackScriptsFire;
	}

	@Override
	public MigrateResult migrate() throws FlywayException {
		if (!this.migrates) {
			return SafeStartup.nothingToDo(this);
		}
		this.migrated = true;
		boolean somethingDue = isSomethingDue();
		return this.startup.get().migrate(this, somethingDue);
	}

	/**
	 * Do what Flyway does, no more and no less.
	 * @return the result
	 */
	MigrateResult migratePlain() {
		return super.migrate();
	}

	/**
	 * Return whether somebody has asked it to migrate.
	 * @return {@code true} if so
	 */
	boolean isMigrated() {
		return this.migrated;
	}

	@Override
	public CleanResult clean() {
		requireMigrates("clean");
		return super.clean();
	}

	@Override
	public BaselineResult baseline() {
		requireMigrates("baseline");
		return super.baseline();
	}

	@Override
	public RepairResult repair() {
		requireMigrates("repair");
		return super.repair();
	}

	private void requireMigrates(String operation) {
		if (!this.migrates) {
			throw new FlywayException("Flyway is asked to " + operation
					+ " while the application only looks at the database or applies pending migrations");
		}
	}

	/**
	 * Ask Flyway once whether it would do anything. With callbacks of the user's own it
	 * is not asked, because asking would fire them and skipping {@code migrate()} would
	 * not.
	 */
	private boolean isSomethingDue() {
		boolean userCallbacks = Arrays.stream(getConfiguration().getCallbacks())
			.anyMatch((callback) -> !(callback instanceof InitializationCallback));
		if (userCallbacks) {
			info();
			return true;
		}
		boolean valid = validateWithResult().validationSuccessful;
		return !valid || hidesPending() || this.callbackScriptsFire.getAsBoolean();
	}

	/** With such a pattern Flyway calls a database valid that is not up to date. */
	private boolean hidesPending() {
		return Arrays.stream(getConfiguration().getIgnoreMigrationPatterns())
			.map(ValidatePattern::toString)
			.map((pattern) -> pattern.substring(pattern.indexOf(':') + 1).trim())
			.anyMatch((state) -> state.equals("*") || state.equalsIgnoreCase("pending"));
	}

}
