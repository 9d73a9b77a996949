package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Set;

/**
 * The rules about names that running code still uses.
 */
final class RenameRules {

	private RenameRules() {
	}

	static List<Rule> all() {
		return List.of(new RenameTable(), new RenameColumnRule(),
				new RenameKind("rename-view", Set.of(ObjectKind.VIEW, ObjectKind.MATERIALIZED_VIEW)),
				new RenameKind("rename-schema", Set.of(ObjectKind.SCHEMA)),
				new RenameKind("rename-database", Set.of(ObjectKind.DATABASE)),
				new RenameKind("rename-type", Set.of(ObjectKind.TYPE, ObjectKind.DOMAIN)),
				new RenameKind("rename-sequence", Set.of(ObjectKind.SEQUENCE)),
				new RenameKind("rename-function", Set.of(ObjectKind.FUNCTION, ObjectKind.PROCEDURE)),
				new RenameEnumValueRule());
	}

	/**
	 * A table is renamed.
	 */
	private static final class RenameTable extends FactRule<Fact.RenameObject> {

		RenameTable() {
			super("rename-table", Fact.RenameObject.class, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.RenameObject rename, ScriptContext context) {
			if (rename.kind() != ObjectKind.TABLE || context.isNewTable(rename.from())
					|| context.isNew(ObjectKind.VIEW, rename.from())) {
				return List.of();
			}
			String from = rename.from().toSql(context.dialect());
			String to = rename.to().toSql(context.dialect());
			Finding finding = found(rename, rename.from(), "renames " + rename.from() + " to " + rename.to(),
					"Code that is still running uses the name " + rename.from() + " and fails.")
				.step("Keep the name and change only the mapping in the code, or keep the old name as a view"
						+ " in the same script.")
				.step("Drop the view in a pending script when no older instance runs.")
				.sql(context.statement().sql() + ";\nCREATE VIEW " + from + " AS SELECT * FROM " + to + ';');
			return List.of(context.isCreatedLater(ObjectKind.VIEW, rename.from()) ? finding.asWarning() : finding);
		}

	}

	/**
	 * A column is renamed.
	 */
	private static final class RenameColumnRule extends FactRule<Fact.OnTable> {

		RenameColumnRule() {
			super("rename-column", Fact.OnTable.class, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.OnTable fact, ScriptContext context) {
			String from;
			String to;
			if (fact instanceof Fact.RenameColumn rename) {
				from = rename.from();
				to = rename.to();
			}
			else if (fact instanceof Fact.RedefineColumn redefine) {
				from = redefine.column();
				to = redefine.definition().name();
			}
			else {
				return List.of();
			}
			if (from.equalsIgnoreCase(to) || context.isNewColumn(fact.table(), from)) {
				return List.of();
			}
			Dialect dialect = context.dialect();
			String table = fact.table().toSql(dialect);
			String name = fact.table() + "." + from;
			Finding finding = found(fact, name, "renames the column " + name + " to " + to,
					"Code that is still running uses the name " + from + " and fails.")
				.step("Add the new column, and let the code write both.")
				.step("Fill the new one in batches, release code that uses only the new one.")
				.step("Drop the old one in a pending script.")
				.sql("ALTER TABLE " + table + " ADD COLUMN " + dialect.write(to) + " <type>;\nUPDATE " + table + " SET "
						+ dialect.write(to) + " = " + dialect.write(from) + " WHERE " + dialect.write(to)
						+ " IS NULL;  -- in batches\n-- pending script, later:\nALTER TABLE " + table + " DROP COLUMN "
						+ dialect.write(from) + ';');
			return List.of(isAddedBack(fact.table(), from, context) ? finding.asWarning() : finding);
		}

		private static boolean isAddedBack(ObjectName table, String column, ScriptContext context) {
			for (SqlStatement statement : context.following()) {
				for (Fact fact : statement.facts()) {
					if (fact instanceof Fact.AddColumn add && add.table().equals(table)
							&& add.column().name().equals(column)) {
						return true;
					}
				}
			}
			return false;
		}

	}

	/**
	 * Another object is renamed.
	 */
	private static final class RenameKind extends FactRule<Fact.RenameObject> {

		private final Set<ObjectKind> kinds;

		RenameKind(String id, Set<ObjectKind> kinds) {
			super(id, Fact.RenameObject.class, Impact.INCOMPATIBLE);
			this.kinds = kinds;
		}

		@Override
		protected List<Finding> judge(Fact.RenameObject rename, ScriptContext context) {
			if (!this.kinds.contains(rename.kind()) || context.isNew(rename.kind(), rename.from())) {
				return List.of();
			}
			return List.of(found(rename, rename.from(),
					"renames the " + rename.kind() + ' ' + rename.from() + " to " + rename.to(),
					"Code that is still running uses the name before and fails.")
				.step("Create a second one with the new name, release code that uses it, and drop the old one"
						+ " in a pending script."));
		}

	}

	/**
	 * A value of an enumeration is renamed.
	 */
	private static final class RenameEnumValueRule extends FactRule<Fact.RenameEnumValue> {

		RenameEnumValueRule() {
			super("rename-enum-value", Fact.RenameEnumValue.class, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.RenameEnumValue rename, ScriptContext context) {
			if (context.isNew(ObjectKind.TYPE, rename.type())) {
				return List.of();
			}
			return List.of(found(rename, rename.type() + "." + rename.from(),
					"renames the value '" + rename.from() + "' of " + rename.type() + " to '" + rename.to() + "'",
					"Code that is still running writes the old value and is refused, and does not know the new one.")
				.step("Add the new value, release code that knows both, then update the rows."));
		}

	}

}
