package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Something that a rule found.
 *
 * @param rule the name of the rule
 * @param impacts what makes it unsafe, the worst first, at least one
 * @param weak whether it is a warning at most, whatever the policy says about its impact
 * @param file the script
 * @param range where in the script
 * @param object what it is about, for example {@code issue.source}
 * @param message what the statement does, one sentence
 * @param why why that hurts
 * @param steps what to do instead, in order
 * @param sql SQL to copy for it, or {@code null}
 * @param acknowledge the comment that acknowledges it
 * @param harmlessBecause what makes it harmless here, or {@code null}
 * @param severity how much it weighs
 * @since 0.1.0
 */
public record Finding(String rule, List<Impact> impacts, boolean weak, String file, SourceRange range, String object,
		String message, String why, List<String> steps, @Nullable String sql, String acknowledge,
		@Nullable String harmlessBecause, Severity severity) {

	/**
	 * Start a finding.
	 * @param rule the rule that found it
	 * @param fact the fact that it is about
	 * @return a finding without texts, which the methods of this type add
	 */
	public static Finding of(Rule rule, Fact fact) {
		String acknowledge = "-- check: allow " + rule.id() + " because <reason>";
		return new Finding(rule.id(), List.copyOf(rule.impacts()), false, "", fact.range(), "", rule.id(), "",
				List.of(), null, acknowledge, null, Severity.WARN);
	}

	/**
	 * Return the worst impact.
	 * @return the impact
	 */
	public Impact impact() {
		return this.impacts.get(0);
	}

	/**
	 * Return this finding about an object.
	 * @param object the object
	 * @param message what the statement does to it
	 * @param why why that hurts
	 * @return the finding
	 */
	public Finding about(Object object, String message, String why) {
		return new Finding(this.rule, this.impacts, this.weak, this.file, this.range, String.valueOf(object), message,
				why, this.steps, this.sql, this.acknowledge, this.harmlessBecause, this.severity);
	}

	/**
	 * Return this finding with one more step.
	 * @param step what to do
	 * @return the finding
	 */
	public Finding step(String step) {
		List<String> more = new ArrayList<>(this.steps);
		more.add(step);
		return new Finding(this.rule, this.impacts, this.weak, this.file, this.range, this.object, this.message,
				this.why, List.copyOf(more), this.sql, this.acknowledge, this.harmlessBecause, this.severity);
	}

	/**
	 * Return this finding with SQL to copy.
	 * @param sql the SQL
	 * @return the finding
	 */
	public Finding sql(String sql) {
		return new Finding(this.rule, this.impacts, this.weak, this.file, this.range, this.object, this.message,
				this.why, this.steps, sql, this.acknowledge, this.harmlessBecause, this.severity);
	}

	/**
	 * Return this finding with other impacts than its rule has in general.
	 * @param impacts the impacts, the worst first, at least one
	 * @return the finding
	 */
	public Finding impacts(List<Impact> impacts) {
		return new Finding(this.rule, List.copyOf(impacts), this.weak, this.file, this.range, this.object, this.message,
				this.why, this.steps, this.sql, this.acknowledge, this.harmlessBecause, this.severity);
	}

	/**
	 * Return this finding as a warning at most.
	 * @return the finding
	 */
	public Finding asWarning() {
		return new Finding(this.rule, this.impacts, true, this.file, this.range, this.object, this.message, this.why,
				this.steps, this.sql, this.acknowledge, this.harmlessBecause, this.severity);
	}

	/**
	 * Return this finding as a note.
	 * @param reason what makes it harmless here
	 * @return the finding
	 */
	public Finding harmless(String reason) {
		return new Finding(this.rule, this.impacts, this.weak, this.file, this.range, this.object, this.message,
				this.why, this.steps, this.sql, this.acknowledge, reason, Severity.INFO);
	}

	Finding in(String file, Severity severity) {
		return new Finding(this.rule, this.impacts, this.weak, file, this.range, this.object, this.message, this.why,
				this.steps, this.sql, this.acknowledge, this.harmlessBecause, severity);
	}

	/**
	 * Return the place and the message in one line.
	 * @return the line, for example
	 * {@code V3__x.sql:1:19: [drop-column] drops the column issue.source}
	 */
	public String toLine() {
		return this.file + ':' + this.range.line() + ':' + this.range.column() + ": [" + this.rule + "] "
				+ this.message;
	}

}
