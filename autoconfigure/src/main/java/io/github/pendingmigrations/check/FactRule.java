package io.github.pendingmigrations.check;

import java.util.List;

/**
 * A rule about one type of fact.
 *
 * @param <F> the type of fact
 */
abstract class FactRule<F extends Fact> implements Rule {

	private final String id;

	private final Class<F> type;

	private final List<Impact> impacts;

	FactRule(String id, Class<F> type, Impact... impacts) {
		this.id = id;
		this.type = type;
		this.impacts = List.of(impacts);
	}

	/**
	 * Return whether the rule has anything to say about a type of fact.
	 * @param factType the type
	 * @return {@code true} if it may have
	 */
	boolean isAbout(Class<?> factType) {
		return this.type.isAssignableFrom(factType);
	}

	@Override
	public String id() {
		return this.id;
	}

	@Override
	public List<Impact> impacts() {
		return this.impacts;
	}

	@Override
	public List<Finding> check(Fact fact, ScriptContext context) {
		return this.type.isInstance(fact) ? judge(this.type.cast(fact), context) : List.of();
	}

	/**
	 * Judge a fact.
	 * @param fact the fact
	 * @param context the script, and what came before the fact
	 * @return what was found
	 */
	protected abstract List<Finding> judge(F fact, ScriptContext context);

	/**
	 * Start a finding.
	 * @param fact the fact that it is about
	 * @param object the object
	 * @param message what the statement does to it
	 * @param why why that hurts
	 * @return the finding
	 */
	protected Finding found(Fact fact, Object object, String message, String why) {
		return Finding.of(this, fact).about(object, message, why);
	}

}
