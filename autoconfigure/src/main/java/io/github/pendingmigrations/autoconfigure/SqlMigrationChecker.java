package io.github.pendingmigrations.autoconfigure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.pendingmigrations.CheckedMigration;
import io.github.pendingmigrations.CheckedMigration.Acknowledged;
import io.github.pendingmigrations.MigrationChecker;
import io.github.pendingmigrations.MigrationFinding;
import io.github.pendingmigrations.MigrationFinding.Severity;
import io.github.pendingmigrations.MigrationScript;
import io.github.pendingmigrations.MigrationScript.Kind;
import io.github.pendingmigrations.check.CheckPolicy;
import io.github.pendingmigrations.check.CheckSettings;
import io.github.pendingmigrations.check.Dialect;
import io.github.pendingmigrations.check.Finding;
import io.github.pendingmigrations.check.Impact;
import io.github.pendingmigrations.check.OrderConflict;
import io.github.pendingmigrations.check.Rule;
import io.github.pendingmigrations.check.ScriptFile;
import io.github.pendingmigrations.check.ScriptKind;
import io.github.pendingmigrations.check.ScriptOrder;
import io.github.pendingmigrations.check.ScriptReport;
import io.github.pendingmigrations.check.SqlChecker;
import io.github.pendingmigrations.check.SqlStatement;
import io.github.pendingmigrations.check.TransactionMode;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link MigrationChecker} by the rules of this library and those that are beans. Nothing
 * of it is loaded before something has to be checked.
 */
class SqlMigrationChecker implements MigrationChecker {

	private final SingletonSupplier<SqlChecker> checker;

	SqlMigrationChecker(PendingMigrationsProperties.Check properties, Iterable<Rule> ruleBeans) {
		this.checker = SingletonSupplier.of(() -> create(properties, ruleBeans));
	}

	private static SqlChecker create(PendingMigrationsProperties.Check properties, Iterable<Rule> ruleBeans) {
		Map<String, Rule> rules = new LinkedHashMap<>();
		SqlChecker.rules().forEach((rule) -> rules.put(rule.id(), rule));
		ruleBeans.forEach((rule) -> rules.put(rule.id(), rule));
		properties.getRules().forEach((id, level) -> {
			if (!rules.containsKey(id)) {
				throw new InvalidConfigurationPropertyValueException("pending-migrations.check.rules." + id, level,
						"There is no rule of this name. The rules are: " + String.join(", ", rules.keySet()));
			}
		});
		return new SqlChecker(List.copyOf(rules.values()), policy(properties));
	}

	private static CheckPolicy policy(PendingMigrationsProperties.Check properties) {
		PendingMigrationsProperties.Policy levels = properties.getPolicy();
		CheckPolicy policy = CheckPolicy.defaults()
			.with(Impact.DESTRUCTIVE, levels.getDestructive())
			.with(Impact.INCOMPATIBLE, levels.getIncompatible())
			.with(Impact.UNKNOWN, levels.getUnknown())
			.with(Impact.EXECUTION, levels.getExecution())
			.with(Impact.BLOCKING, levels.getBlocking())
			.with(Impact.DATA_DEPENDENT, levels.getDataDependent());
		for (var entry : properties.getRules().entrySet()) {
			policy = policy.withRule(entry.getKey(), entry.getValue());
		}
		for (var entry : properties.getLocations().entrySet()) {
			policy = policy.withLocation(entry.getKey(), entry.getValue());
		}
		for (var entry : properties.getVersions().entrySet()) {
			policy = policy.withVersion(entry.getKey(), entry.getValue());
		}
		String startAfter = properties.getStartAfter();
		return (startAfter != null) ? policy.startAfter(startAfter) : policy;
	}

	@Override
	public List<CheckedMigration> check(List<MigrationScript> scripts, CheckedDatabase database) {
		CheckSettings settings = settings(database);
		SqlChecker checker = this.checker.obtain();
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
	public List<Clash> clashes(MigrationScript waiting, MigrationScript later, CheckedDatabase database) {
		return new ScriptOrder(dialect(database)).conflicts(file(waiting), file(later))
			.stream()
			.map((conflict) -> new Clash(conflict.object(), conflict.firstRange().line(), conflict.secondRange().line(),
					conflict.kind() == OrderConflict.Kind.ADDED_AGAIN))
			.toList();
	}

	private static CheckSettings settings(CheckedDatabase database) {
		return new CheckSettings(dialect(database), database.majorVersion(), TransactionMode.AUTOMATIC,
				database.transactionalLock(), null);
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
