package io.github.pendingmigrations.check;

import java.util.List;

import io.github.pendingmigrations.check.Fact.ChangeBehaviour.Kind;

/**
 * The rules about statements that change what running code may do, or what happens when
 * it does.
 */
final class BehaviourRules {

	private BehaviourRules() {
	}

	static List<Rule> all() {
		return List.of(new Create("create-trigger", ObjectKind.TRIGGER), new Create("create-rule", ObjectKind.RULE),
				new Create("create-policy", ObjectKind.POLICY), new Change("enable-rls", Kind.ROW_SECURITY),
				new Change("switch-trigger", Kind.TRIGGER), new Change("switch-rule", Kind.RULE),
				new Change("change-owner", Kind.OWNER), new Change("revoke", Kind.PRIVILEGES),
				new Change("change-inheritance", Kind.INHERITANCE), new Change("change-setting", Kind.SETTING),
				new ReplaceView(), new ReplaceFunction());
	}

	/**
	 * Something is created that acts on every statement.
	 */
	private static final class Create extends FactRule<Fact.CreateObject> {

		private final ObjectKind kind;

		Create(String id, ObjectKind kind) {
			super(id, Fact.CreateObject.class, Impact.INCOMPATIBLE);
			this.kind = kind;
		}

		@Override
		protected List<Finding> judge(Fact.CreateObject create, ScriptContext context) {
			ObjectName on = create.on();
			if (create.kind() != this.kind || on == null || context.isNewTable(on)
					|| context.isNew(ObjectKind.VIEW, on)) {
				return List.of();
			}
			return List.of(found(create, on, "creates the " + this.kind + ' ' + create.name() + " on " + on,
					"Statements of running code do something else from now on.")
				.step("Make sure that it suits the code that is still running.")
				.asWarning());
		}

	}

	/**
	 * A property of a table or of privileges changes.
	 */
	private static final class Change extends FactRule<Fact.ChangeBehaviour> {

		private final Kind kind;

		Change(String id, Kind kind) {
			super(id, Fact.ChangeBehaviour.class, Impact.INCOMPATIBLE);
			this.kind = kind;
		}

		@Override
		protected List<Finding> judge(Fact.ChangeBehaviour change, ScriptContext context) {
			boolean isNew = change.on() != null
					&& (context.isNewTable(change.on()) || isNewObject(change.on(), context));
			if (change.kind() != this.kind || !change.restricts() || isNew) {
				return List.of();
			}
			Object on = (change.on() != null) ? change.on()
					: (this.kind == Kind.PRIVILEGES) ? "privileges" : "the database";
			return List.of(found(change, on, "changes what running code may do with " + on,
					"Code that is still running may be refused, see less, or do something else.")
				.step("Make sure that it suits the code that is still running.")
				.asWarning());
		}

		private static boolean isNewObject(ObjectName name, ScriptContext context) {
			return context.isNew(ObjectKind.VIEW, name) || context.isNew(ObjectKind.SEQUENCE, name)
					|| context.isNew(ObjectKind.FUNCTION, name) || context.isNew(ObjectKind.TYPE, name)
					|| context.isNew(ObjectKind.SCHEMA, name) || context.isNew(ObjectKind.DOMAIN, name)
					|| context.isNew(ObjectKind.MATERIALIZED_VIEW, name);
		}

	}

	/**
	 * A view gets another query.
	 */
	private static final class ReplaceView extends FactRule<Fact.CreateObject> {

		ReplaceView() {
			super("replace-view", Fact.CreateObject.class, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.CreateObject create, ScriptContext context) {
			if (create.kind() != ObjectKind.VIEW || !create.orReplace()
					|| context.isNew(ObjectKind.VIEW, create.name())) {
				return List.of();
			}
			Finding finding = found(create, create.name(), "replaces the view " + create.name(),
					"Code that is still running fails if a column that it reads is gone or has another type.")
				.step("Keep all columns, with their types, and add new ones at the end.");
			return List.of((context.dialect() == Dialect.POSTGRESQL)
					? finding.harmless("PostgreSQL refuses to remove or change a column of a view")
					: finding.asWarning());
		}

	}

	/**
	 * A function gets another body.
	 */
	private static final class ReplaceFunction extends FactRule<Fact.CreateObject> {

		ReplaceFunction() {
			super("replace-function", Fact.CreateObject.class, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.CreateObject create, ScriptContext context) {
			boolean routine = create.kind() == ObjectKind.FUNCTION || create.kind() == ObjectKind.PROCEDURE;
			if (!routine || !create.orReplace() || context.isNew(create.kind(), create.name())) {
				return List.of();
			}
			return List.of(found(create, create.name(), "replaces the " + create.kind() + ' ' + create.name(),
					"Code that is still running calls the new one.")
				.harmless("its signature stays, or it is another function"));
		}

	}

}
