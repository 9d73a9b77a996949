package io.github.pendingmigrations;

import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Something in a migration that a checker warns of.
 *
 * @param rule the name of the rule, such as {@code drop-column}
 * @param impacts what makes it unsafe, the worst first, at least one:
 * {@code destructive}, {@code incompatible}, {@code unknown}, {@code execution},
 * {@code blocking} or {@code data-dependent}
 * @param severity how much it weighs
 * @param file the path of the script
 * @param line the line, counted from 1
 * @param column the column, counted from 1
 * @param object what it is about, such as {@code issue.source}; empty if nothing has a
 * name
 * @param message what the statement does, without an upper-case letter or a full stop
 * @param why why that hurts, in sentences
 * @param steps what to do, in order, in sentences
 * @param sql SQL to copy for it, or {@code null}
 * @param acknowledge the comment above the statement that allows it; empty if nothing can
 * @param note what makes it harmless here, or {@code null}
 * @since 0.1.0
 */
public record MigrationFinding(String rule, List<String> impacts, Severity severity, String file, int line, int column,
		String object, String message, String why, List<String> steps, @Nullable String sql, String acknowledge,
		@Nullable String note) {

	/**
	 * Return the worst impact.
	 * @return the impact
	 */
	public String impact() {
		return this.impacts.get(0);
	}

	/**
	 * Return place and message in one line.
	 * @return such as {@code V3__x.sql:1:19: drops the column issue.source
	 * [drop-column, destructive, incompatible]}
	 */
	public String toLine() {
		return this.file + ":" + this.line + ":" + this.column + ": " + this.message + " [" + this.rule + ", "
				+ String.join(", ", this.impacts) + "]" + ((this.note != null) ? " (" + this.note + ")" : "");
	}

	/**
	 * Return everything about it, for people.
	 * @return lines of text, without a line end behind the last one
	 */
	public String describe() {
		String newLine = System.lineSeparator();
		StringBuilder text = new StringBuilder(toLine()).append(newLine).append("    ").append(this.why);
		for (int i = 0; i < this.steps.size(); i++) {
			text.append(newLine).append("    ").append(i + 1).append(". ").append(this.steps.get(i));
		}
		if (this.sql != null) {
			this.sql.lines().forEach((line) -> text.append(newLine).append("        ").append(line));
		}
		if (!this.acknowledge.isEmpty()) {
			text.append(newLine).append("    To allow it, write above the statement: ").append(this.acknowledge);
		}
		return text.toString();
	}

	/**
	 * How much a finding weighs, the worst first.
	 */
	public enum Severity {

		/** The migration must not run. */
		FAIL,

		/** Somebody should read it. */
		WARN,

		/** Something makes it harmless. */
		INFO;

		/**
		 * Return the name that reports use.
		 * @return such as {@code fail}
		 */
		public String id() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

}
