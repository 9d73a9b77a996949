package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * What the comments of a script allow.
 */
final class Acknowledgements {

	private static final Pattern ALLOW = Pattern
		.compile("(?is)check:\\s*allow\\s+([a-z0-9-]+(?:\\s*,\\s*[a-z0-9-]+)*)(\\s+in\\s+this\\s+file)?"
				+ "(?:\\s+because\\s+(\\S.*))?");

	/** What a comment names to allow that a script overtakes a pending one. */
	static final String ORDER = "order-conflict";

	private final List<Acknowledgement> all = new ArrayList<>();

	private final List<Problem> problems = new ArrayList<>();

	private final Set<String> used = new HashSet<>();

	private Acknowledgements() {
	}

	static Acknowledgements of(SqlScript script, Set<String> ruleIds) {
		Acknowledgements result = new Acknowledgements();
		for (SqlScript.Directive directive : script.directives()) {
			result.read(directive, script, ruleIds);
		}
		return result;
	}

	private void read(SqlScript.Directive directive, SqlScript script, Set<String> ruleIds) {
		Matcher matcher = ALLOW.matcher(directive.text());
		if (!matcher.matches()) {
			this.problems.add(new Problem(directive.range(), "'" + directive.text()
					+ "' is not understood: write 'check: allow <rule>[, <rule>] [in this file] because <reason>'"));
			return;
		}
		if (matcher.group(3) == null) {
			this.problems.add(new Problem(directive.range(),
					"'" + directive.text() + "' has no reason: write 'because <reason>' behind it"));
			return;
		}
		SqlStatement statement = (matcher.group(2) != null) ? null : statementAt(directive, script);
		boolean nothing = matcher.group(2) == null && statement == null;
		for (String rule : matcher.group(1).toLowerCase(Locale.ROOT).split("\\s*,\\s*")) {
			if (!ruleIds.contains(rule) && !rule.equals(ORDER)) {
				this.problems.add(new Problem(directive.range(), "there is no rule '" + rule + "'"));
			}
			else if (nothing) {
				this.problems.add(new Problem(directive.range(), "no statement follows for '" + rule + "'"));
			}
			else {
				this.all.add(new Acknowledgement(rule, statement, matcher.group(3).trim(), directive.range()));
			}
		}
	}

	// the statement that the comment stands in or before
	private static @Nullable SqlStatement statementAt(SqlScript.Directive directive, SqlScript script) {
		for (SqlStatement statement : script.statements()) {
			if (statement.range().end() > directive.range().start()) {
				return statement;
			}
		}
		return null;
	}

	/**
	 * Return whether a statement may use what a pending script removes or renames.
	 * @param statement the statement
	 * @return {@code true} if a comment allows it
	 */
	boolean allowsOrder(SqlStatement statement) {
		return this.all.stream()
			.anyMatch((one) -> one.rule.equals(ORDER) && (one.statement == null || one.statement == statement));
	}

	@Nullable String reasonFor(Finding finding, SqlStatement statement) {
		for (int i = 0; i < this.all.size(); i++) {
			Acknowledgement one = this.all.get(i);
			if (one.rule.equals(finding.rule()) && (one.statement == null || one.statement == statement)) {
				this.used.add(String.valueOf(i));
				return one.reason;
			}
		}
		return null;
	}

	/**
	 * Return what is wrong with the comments, unused ones included. To be called last.
	 * @return the problems
	 */
	List<Problem> problems() {
		List<Problem> result = new ArrayList<>(this.problems);
		for (int i = 0; i < this.all.size(); i++) {
			boolean order = this.all.get(i).rule.equals(ORDER);
			if (!order && !this.used.contains(String.valueOf(i))) {
				result.add(new Problem(this.all.get(i).range,
						"nothing was found that 'allow " + this.all.get(i).rule + "' would allow: remove it"));
			}
		}
		return result;
	}

	/**
	 * Something wrong with a comment.
	 *
	 * @param range where it stands
	 * @param message what is wrong
	 */
	record Problem(SourceRange range, String message) {

	}

	private record Acknowledgement(String rule, @Nullable SqlStatement statement, String reason, SourceRange range) {

	}

}
