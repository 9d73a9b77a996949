package io.github.pendingmigrations.verify;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.CheckedMigration.Acknowledged;
import io.github.pendingmigrations.MigrationChecker;
import io.github.pendingmigrations.MigrationFinding;
import io.github.pendingmigrations.MigrationFinding.Severity;
import io.github.pendingmigrations.MigrationScript;
import io.github.pendingmigrations.MigrationScript.Kind;
import io.github.pendingmigrations.check.Catalog;
import io.github.pendingmigrations.check.CheckSettings;
import io.github.pendingmigrations.check.Dialect;
import io.github.pendingmigrations.check.Finding;
import io.github.pendingmigrations.check.Impact;
import io.github.pendingmigrations.check.OrderConflict;
import io.github.pendingmigrations.check.ScriptFile;
import io.github.pendingmigrations.check.ScriptKind;
import io.github.pendingmigrations.check.ScriptOrder;
import io.github.pendingmigrations.check.ScriptReport;
import io.github.pendingmigrations.check.SqlChecker;
import io.github.pendingmigrations.check.SqlStatement;
import io.github.pendingmigrations.check.TransactionMode;
import org.jspecify.annotations.Nullable;

/**
 * {@link MigrationChecker} by the reader and the rules of the checker.
 *
 * @since 0.1.0
 */
public final class SqlMigrationChecker implements MigrationChecker {

	private final Supplier<SqlChecker> checker;

	private final boolean liveCatalog;

	private final String pendingPrefix;

	/**
	 * Create a checker for the default prefix of pending migrations.
	 * @param checker what judges single scripts, asked for when there are some
	 * @param liveCatalog whether the database is asked for what makes a finding harmless
	 */
	public SqlMigrationChecker(Supplier<SqlChecker> checker, boolean liveCatalog) {
		this(checker, liveCatalog, CheckSettings.DEFAULT_PENDING_PREFIX);
	}

	/**
	 * Create a checker.
	 * @param checker what judges single scripts, asked for when there are some
	 * @param liveCatalog whether the database is asked for what makes a finding harmless
	 * @param pendingPrefix what the names of pending migrations begin with
	 */
	public SqlMigrationChecker(Supplier<SqlChecker> checker, boolean liveCatalog, String pendingPrefix) {
		this.pendingPrefix = pendingPrefix;
		this.checker = checker;
		this.liveCatalog = liveCatalog;
	}

	@Override
	public List<CheckedMigration> check(List<MigrationScript> scripts, CheckedDatabase database) {
		if (!this.liveCatalog) {
			return check(scripts, settings(database, null));
		}
		try (JdbcCatalog catalog = JdbcCatalog.open(database, dialect(database))) {
			return check(scripts, settings(database, catalog));
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The database cannot be asked: " + ex.getMessage(), ex);
		}
	}

	List<CheckedMigration> check(List<MigrationScript> scripts, CheckSettings settings) {
		SqlChecker checker = this.checker.get();
		Map<MigrationScript, ScriptReport> reports = new LinkedHashMap<>();
		List<MigrationScript> run = scripts.stream().filter(SqlMigrationChecker::isPartOfRun).toList();
		List<ScriptReport> ofRun = checker.check(run.stream().map(SqlMigrationChecker::file).toList(), settings);
		for (int i = 0; i < run.size(); i++) {
			reports.put(run.get(i), ofRun.get(i));
		}
		return scripts.stream().map((script) -> {
			ScriptReport report = reports.get(script);
			return checked(script, (report != null) ? report : checker.check(file(script), settings));
		}).toList();
	}

	/**
	 * Callbacks run at other starts as well, and pending migrations later, when code uses
	 * what was created.
	 */
	private static boolean isPartOfRun(MigrationScript script) {
		return script.kind() == Kind.VERSIONED || script.kind() == Kind.REPEATABLE;
	}

	@Override
	public List<Clash> clashes(List<MigrationScript> waiting, List<MigrationScript> later, CheckedDatabase database) {
		return clashes(waiting, later, dialect(database));
	}

	List<Clash> clashes(List<MigrationScript> waiting, List<MigrationScript> later, Dialect dialect) {
		SqlChecker checker = this.checker.get();
		ScriptOrder order = new ScriptOrder(dialect);
		Map<MigrationScript, ScriptFile> files = new LinkedHashMap<>();
		waiting.forEach((script) -> files.put(script, file(script)));
		List<Clash> clashes = new ArrayList<>();
		for (MigrationScript overtaking : later) {
			ScriptFile file = file(overtaking);
			if (checker.covers(file)) {
				files.forEach((script, waitingFile) -> {
					if (isBefore(script, overtaking)) {
						order.conflicts(waitingFile, file)
							.forEach((conflict) -> clashes.add(clash(script, overtaking, conflict)));
					}
				});
			}
		}
		return clashes;
	}

	private static boolean isBefore(MigrationScript script, MigrationScript other) {
		return script.version() != null && other.version() != null && script.version().compareTo(other.version()) < 0;
	}

	private static Clash clash(MigrationScript waiting, MigrationScript later, OrderConflict conflict) {
		return new Clash(waiting, later, conflict.object(), conflict.firstRange().line(), conflict.secondRange().line(),
				conflict.kind() == OrderConflict.Kind.ADDED_AGAIN);
	}

	private CheckSettings settings(CheckedDatabase database, @Nullable Catalog catalog) {
		return new CheckSettings(dialect(database), database.majorVersion(), TransactionMode.AUTOMATIC,
				database.transactionalLock(), catalog, this.pendingPrefix);
	}

	private static Dialect dialect(CheckedDatabase database) {
		return Dialect.of(database.product().name());
	}

	private static ScriptFile file(MigrationScript script) {
		ScriptKind kind = switch (script.kind()) {
			case VERSIONED -> ScriptKind.VERSIONED;
			case PENDING -> ScriptKind.PENDING;
			case REPEATABLE -> ScriptKind.REPEATABLE;
			case CALLBACK -> ScriptKind.CALLBACK;
		};
		TransactionMode transactions = switch (script.transaction()) {
			case WHOLE, REFUSED -> TransactionMode.ALWAYS;
			case NONE -> TransactionMode.NEVER;
			case BY_STATEMENTS -> TransactionMode.AUTOMATIC;
		};
		return new ScriptFile(script.location(), kind,
				(script.version() != null) ? script.version().getVersion() : null, script.sql(), transactions);
	}

	private static CheckedMigration checked(MigrationScript script, ScriptReport report) {
		List<MigrationFinding> findings = report.findings().stream().map(SqlMigrationChecker::finding).toList();
		List<Acknowledged> acknowledged = report.acknowledged()
			.stream()
			.map((one) -> new Acknowledged(finding(one.finding()), one.reason()))
			.toList();
		return new CheckedMigration(script, findings, acknowledged, harmlessLines(report));
	}

	private static List<Integer> harmlessLines(ScriptReport report) {
		List<Finding> failing = report.findings(io.github.pendingmigrations.check.Severity.FAIL);
		List<Integer> lines = new ArrayList<>();
		for (SqlStatement statement : report.script().statements()) {
			boolean fails = failing.stream()
				.anyMatch((finding) -> finding.range().start() < statement.range().end()
						&& finding.range().end() > statement.range().start());
			if (!fails && !lines.contains(statement.range().line())) {
				lines.add(statement.range().line());
			}
		}
		return List.copyOf(lines);
	}

	private static MigrationFinding finding(Finding finding) {
		return new MigrationFinding(finding.rule(), finding.impacts().stream().map(Impact::id).toList(),
				Severity.valueOf(finding.severity().name()), finding.file(), finding.range().line(),
				finding.range().column(), finding.object(), finding.message(), finding.why(), finding.steps(),
				finding.sql(), finding.acknowledge(), finding.harmlessBecause());
	}

}
