package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

/**
 * Checks scripts. Safe for use by several threads.
 *
 * @since 0.1.0
 */
public final class SqlChecker {

	/** What is wrong with a comment that is addressed to the checker. */
	private static final String ACKNOWLEDGEMENT = "unused-acknowledgement";

	private final List<Rule> rules;

	private final Set<String> ids = new HashSet<>();

	private final CheckPolicy policy;

	private final Map<Class<?>, List<Rule>> rulesByFact = new ConcurrentHashMap<>();

	/**
	 * Create a checker.
	 * @param rules the rules, see {@link #rules()}
	 * @param policy what is done about what they find
	 */
	public SqlChecker(List<Rule> rules, CheckPolicy policy) {
		this.rules = rules.stream().filter(policy::isOn).toList();
		rules.forEach((rule) -> this.ids.add(rule.id()));
		this.policy = policy;
	}

	/**
	 * Create a checker with the rules of this library.
	 * @param policy what is done about what they find
	 */
	public SqlChecker(CheckPolicy policy) {
		this(rules(), policy);
	}

	/**
	 * Return the rules of this library.
	 * @return the rules, also those that are off by default
	 */
	public static List<Rule> rules() {
		List<Rule> all = new ArrayList<>();
		all.addAll(UnknownRules.all());
		all.addAll(DropRules.all());
		all.addAll(RenameRules.all());
		all.addAll(ColumnRules.all());
		all.addAll(ConstraintRules.all());
		all.addAll(BlockingRules.all());
		all.addAll(BehaviourRules.all());
		all.addAll(ExecutionRules.all());
		return List.copyOf(all);
	}

	/**
	 * Check one script.
	 * @param file the script
	 * @param settings what is known about the database
	 * @return what was found
	 */
	public ScriptReport check(ScriptFile file, CheckSettings settings) {
		return check(List.of(file), settings).get(0);
	}

	/**
	 * Check scripts that are applied one after the other before code uses what they
	 * create.
	 * @param files the scripts, in the order in which they are applied
	 * @param settings what is known about the database
	 * @return what was found, one report for each script
	 */
	public List<ScriptReport> check(List<ScriptFile> files, CheckSettings settings) {
		CreatedObjects created = new CreatedObjects();
		List<ScriptReport> reports = new ArrayList<>(files.size());
		for (ScriptFile file : files) {
			created.nextScript();
			SqlScript script = SqlScript.of(file, settings.dialect());
			reports.add(check(file, new ScriptContext(file, script, settings, created)));
		}
		return reports;
	}

	/**
	 * Return whether a script is checked at all.
	 * @param file the script
	 * @return {@code false} if its version is not covered by the policy
	 */
	public boolean covers(ScriptFile file) {
		return this.policy.covers(file.version());
	}

	private ScriptReport check(ScriptFile file, ScriptContext context) {
		SqlScript script = context.script();
		boolean covered = covers(file);
		Acknowledgements acknowledgements = Acknowledgements.of(script, this.ids);
		List<Finding> findings = new ArrayList<>();
		List<ScriptReport.Acknowledged> acknowledged = new ArrayList<>();
		for (int i = 0; i < script.statements().size(); i++) {
			context.moveTo(i);
			SqlStatement statement = script.statements().get(i);
			for (Fact fact : statement.facts()) {
				if (covered) {
					for (Rule rule : rulesFor(fact.getClass())) {
						for (Finding finding : rule.check(fact, context)) {
							add(finding, statement, context, acknowledgements, findings, acknowledged);
						}
					}
				}
				context.apply(fact);
			}
		}
		if (covered) {
			for (Acknowledgements.Problem problem : acknowledgements.problems()) {
				findings.add(new Finding(ACKNOWLEDGEMENT, List.of(Impact.EXECUTION), true, file.path(), problem.range(),
						"", problem.message(),
						"A comment that allows nothing hides nothing, but misleads who reads it.", List.of(), null, "",
						null, Severity.WARN));
			}
		}
		return new ScriptReport(file, script, List.copyOf(findings), List.copyOf(acknowledged));
	}

	private List<Rule> rulesFor(Class<?> factType) {
		List<Rule> found = this.rulesByFact.get(factType);
		if (found == null) {
			found = new ArrayList<>();
			for (Rule rule : this.rules) {
				if (!(rule instanceof FactRule<?> factRule) || factRule.isAbout(factType)) {
					found.add(rule);
				}
			}
			this.rulesByFact.put(factType, found);
		}
		return found;
	}

	private void add(Finding finding, SqlStatement statement, ScriptContext context, Acknowledgements acknowledgements,
			List<Finding> findings, List<ScriptReport.Acknowledged> acknowledged) {
		Finding judged = lower(finding, context);
		CheckLevel level = this.policy.levelOf(judged, context.file());
		if (level == CheckLevel.OFF) {
			return;
		}
		Severity severity = (level == CheckLevel.FAIL) ? Severity.FAIL : Severity.WARN;
		boolean harmless = judged.harmlessBecause() != null;
		Finding complete = judged.in(context.file().path(), harmless ? Severity.INFO : severity);
		String reason = harmless ? null : acknowledgements.reasonFor(complete, statement);
		if (reason != null) {
			acknowledged.add(new ScriptReport.Acknowledged(complete, reason));
		}
		else if (!isRepeated(complete, findings)) {
			findings.add(complete);
		}
	}

	private static boolean isRepeated(Finding finding, List<Finding> findings) {
		for (int i = findings.size() - 1; i >= 0; i--) {
			Finding other = findings.get(i);
			if (other.range().start() < finding.range().start()) {
				return false;
			}
			if (other.rule().equals(finding.rule()) && other.range().equals(finding.range())) {
				return true;
			}
		}
		return false;
	}

	// what a pending script is for is no reason to stop it; without rows nobody waits
	// and nothing can fail on them
	private static Finding lower(Finding finding, ScriptContext context) {
		if (context.file().kind() == ScriptKind.PENDING && CheckPolicy.isWhyScriptsWait(finding)) {
			return finding.harmless("it waits until a person applies it");
		}
		Catalog catalog = context.settings().catalog();
		boolean aboutRows = finding.impacts()
			.stream()
			.allMatch((impact) -> impact == Impact.BLOCKING || impact == Impact.DATA_DEPENDENT);
		if (catalog == null || !aboutRows) {
			return finding;
		}
		@Nullable ObjectName table = tableAt(finding, context);
		return (table != null && catalog.isEmpty(table)) ? finding.harmless("the table " + table + " has no rows")
				: finding;
	}

	private static @Nullable ObjectName tableAt(Finding finding, ScriptContext context) {
		for (Fact fact : context.statement().facts()) {
			if (fact instanceof Fact.OnTable onTable && fact.range().equals(finding.range())) {
				return onTable.table();
			}
		}
		return null;
	}

}
