package io.github.pendingmigrations.check;

import java.util.List;

/**
 * The rules about what nobody can judge.
 */
final class UnknownRules {

	private UnknownRules() {
	}

	static List<Rule> all() {
		return List.of(new Unreadable(), new OpaqueCode(), new UnresolvedPlaceholder());
	}

	/**
	 * A statement could not be read to its last token.
	 */
	private static final class Unreadable extends FactRule<Fact.Unknown> {

		Unreadable() {
			super("unreadable-statement", Fact.Unknown.class, Impact.UNKNOWN);
		}

		@Override
		protected List<Finding> judge(Fact.Unknown unknown, ScriptContext context) {
			String message = "cannot be read: " + unknown.reason()
					+ (unknown.last() ? "; nothing behind it was checked" : "");
			return List.of(found(unknown, "", message, "What cannot be read may do anything.")
				.step("Look for a typing error, or write it more simply.")
				.step("If it is right, look at it with a colleague and acknowledge it."));
		}

	}

	/**
	 * The effect of code is not in its text.
	 */
	private static final class OpaqueCode extends FactRule<Fact.Opaque> {

		OpaqueCode() {
			super("opaque-code", Fact.Opaque.class, Impact.UNKNOWN);
		}

		@Override
		protected List<Finding> judge(Fact.Opaque opaque, ScriptContext context) {
			String hint = (opaque.hint() != null) ? " (a string in it says '" + opaque.hint() + "')" : "";
			return List.of(found(opaque, "", "runs " + opaque.what() + hint, "Its effect is not in its text.")
				.step("Write the statements themselves instead.")
				.step("If that is not possible, look at it with a colleague and acknowledge it."));
		}

	}

	/**
	 * A placeholder has no value.
	 */
	private static final class UnresolvedPlaceholder extends FactRule<Fact.Placeholder> {

		UnresolvedPlaceholder() {
			super("unresolved-placeholder", Fact.Placeholder.class, Impact.UNKNOWN);
		}

		@Override
		protected List<Finding> judge(Fact.Placeholder placeholder, ScriptContext context) {
			return List.of(found(placeholder, placeholder.text(), placeholder.text() + " was not replaced",
					"What the statement does depends on its value.")
				.step("Give it a value in spring.flyway.placeholders."));
		}

	}

}
