package io.github.pendingmigrations.check;

import java.util.List;

/**
 * Judges what a statement does. Rules keep no state: one instance is used for all
 * scripts, by several threads.
 *
 * @since 0.1.0
 */
public interface Rule {

	/**
	 * Return its name, which configuration and acknowledgements use.
	 * @return the name, in lower case with hyphens, for example {@code drop-column}
	 */
	String id();

	/**
	 * Return what makes a statement unsafe that this rule finds.
	 * @return the impacts, the worst first, at least one
	 */
	List<Impact> impacts();

	/**
	 * Return whether the rule is used unless configuration says otherwise.
	 * @return {@code true} if it is
	 */
	default boolean isOnByDefault() {
		return true;
	}

	/**
	 * Judge a fact.
	 * @param fact the fact
	 * @param context the script, and what came before the fact
	 * @return what was found, empty for nothing. Start with
	 * {@link Finding#of(Rule, Fact)}
	 */
	List<Finding> check(Fact fact, ScriptContext context);

}
