package io.github.pendingmigrations.flyway;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.MigrationChecker;
import io.github.pendingmigrations.MigrationFinding;
import io.github.pendingmigrations.MigrationFinding.Severity;
import io.github.pendingmigrations.MigrationScript;
import io.github.pendingmigrations.MigrationScript.Kind;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.UnsafeMigrationException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * Checks, before anything is applied, what a start-up is about to run on a database in
 * use and the pending migrations that it sees for the first time. What has been applied
 * or seen before is not read.
 */
class StartupCheck {

	private static final Log logger = LogFactory.getLog(SafeStartup.class);

	private final DueScripts scripts;

	private final MigrationChecker checker;

	StartupCheck(DueScripts scripts, MigrationChecker checker) {
		this.scripts = scripts;
		this.checker = checker;
	}

	/**
	 * Check what is about to run.
	 * @param flyway the Flyway
	 * @param before the version at which this start-up stops, or {@code null} if it runs
	 * everything
	 * @param unseen the pending migrations that are new to the database
	 * @throws UnsafeMigrationException if something must not run
	 */
	void beforeMigrate(SafeFlyway flyway, @Nullable MigrationVersion before, List<PendingScript> unseen) {
		if (this.checker == MigrationChecker.NONE) {
			return;
		}
		List<MigrationScript> due = new ArrayList<>(this.scripts.due(flyway));
		due.removeIf((script) -> before != null && waits(script, before));
		check(due, unseen);
	}

	private static boolean waits(MigrationScript script, MigrationVersion before) {
		return (script.version() != null) ? script.version().compareTo(before) >= 0 : script.kind() == Kind.REPEATABLE;
	}

	/**
	 * Check pending migrations that are new to the database.
	 * @param unseen the migrations
	 * @throws UnsafeMigrationException if one could not run as it is
	 */
	void beforeRegister(List<PendingScript> unseen) {
		if (this.checker != MigrationChecker.NONE) {
			check(List.of(), unseen);
		}
	}

	private void check(List<MigrationScript> due, List<PendingScript> unseen) {
		List<MigrationScript> all = new ArrayList<>(due);
		unseen.stream().map(this.scripts::pending).flatMap(Optional::stream).forEach(all::add);
		if (all.isEmpty()) {
			return;
		}
		List<CheckedMigration> checked = this.checker.check(all, this.scripts.database());
		List<CheckedMigration> refused = checked.stream().filter(CheckedMigration::isRefused).toList();
		if (!refused.isEmpty()) {
			throw new UnsafeMigrationException(refused);
		}
		List<MigrationFinding> warnings = checked.stream()
			.flatMap((migration) -> migration.findings(Severity.WARN).stream())
			.toList();
		if (!warnings.isEmpty()) {
			logger.warn(describe(warnings, due.stream().anyMatch((script) -> script.kind() != Kind.CALLBACK)));
		}
	}

	private static String describe(List<MigrationFinding> warnings, boolean once) {
		StringBuilder message = new StringBuilder().append(warnings.size())
			.append(" finding(s) in migrations that are new to this database")
			.append(once ? ", reported this once:" : ":");
		warnings.forEach((finding) -> message.append(System.lineSeparator()).append("  ").append(finding.toLine()));
		return message.toString();
	}

}
