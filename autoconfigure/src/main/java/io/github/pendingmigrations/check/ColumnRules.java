package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import io.github.pendingmigrations.check.Fact.AlterColumn.Change;
import org.jspecify.annotations.Nullable;

/**
 * The rules about columns that change.
 */
final class ColumnRules {

	private ColumnRules() {
	}

	static List<Rule> all() {
		return List.of(new AlterType(), new AddRequired(), new SetNotNull(), new DropNotNull(), new DropDefault(),
				new IdentityAlways(), new Reorder(), new EnumValue());
	}

	/**
	 * A column gets another type.
	 */
	private static final class AlterType extends FactRule<Fact.OnTable> {

		AlterType() {
			super("alter-column-type", Fact.OnTable.class, Impact.INCOMPATIBLE, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact.OnTable fact, ScriptContext context) {
			String column;
			String type;
			boolean losesValues = false;
			if (fact instanceof Fact.AlterColumnType alter) {
				column = alter.column();
				type = alter.type();
				losesValues = !alter.keepsValues();
			}
			else if (fact instanceof Fact.RedefineColumn redefine) {
				column = redefine.column();
				type = redefine.definition().type();
				String upper = type.toUpperCase(Locale.ROOT);
				losesValues = upper.startsWith("ENUM") || upper.startsWith("SET(") || upper.startsWith("SET (");
			}
			else {
				return List.of();
			}
			if (context.isNewColumn(fact.table(), column)) {
				return List.of();
			}
			return List.of(describe(fact, column, type, losesValues, context));
		}

		private Finding describe(Fact.OnTable fact, String column, String type, boolean losesValues,
				ScriptContext context) {
			String name = fact.table() + "." + column;
			List<Impact> impacts = new ArrayList<>();
			if (losesValues) {
				impacts.add(Impact.DESTRUCTIVE);
			}
			impacts.add(Impact.INCOMPATIBLE);
			if (!ExecutionOptions.isOnline(context.statement())) {
				impacts.add(Impact.BLOCKING);
			}
			Dialect dialect = context.dialect();
			String table = fact.table().toSql(dialect);
			String fresh = dialect.write(column + "_new");
			Finding finding = found(fact, name, "changes the type of " + name + " to " + type,
					"Code that is still running may not cope with the new type, and the table may be written anew"
							+ " while nobody can use it" + (losesValues ? "; values are lost" : "") + ".")
				.impacts(impacts)
				.step("Add a column of the new type, let the code write both, and fill it in batches.")
				.step("Release code that uses the new one, then drop the old one in a pending script.")
				.sql("ALTER TABLE " + table + " ADD COLUMN " + fresh + ' ' + type + ";\nUPDATE " + table + " SET "
						+ fresh + " = " + dialect.write(column) + " WHERE " + fresh + " IS NULL;  -- in batches");
			Catalog catalog = context.settings().catalog();
			String before = (catalog != null) ? catalog.columnType(fact.table(), column) : null;
			boolean same = before != null && before.equalsIgnoreCase(type);
			boolean onlyType = fact instanceof Fact.AlterColumnType;
			return (same && onlyType) ? finding.harmless("it has that type already") : finding;
		}

	}

	/**
	 * A column is added that inserts must name.
	 */
	private static final class AddRequired extends FactRule<Fact.AddColumn> {

		AddRequired() {
			super("add-required-column", Fact.AddColumn.class, Impact.INCOMPATIBLE, Impact.DATA_DEPENDENT);
		}

		@Override
		protected List<Finding> judge(Fact.AddColumn add, ScriptContext context) {
			if (add.column().isOptional() || context.isNewTable(add.table())) {
				return List.of();
			}
			Dialect dialect = context.dialect();
			String column = add.column().name();
			String name = add.table() + "." + column;
			String why = dialect.isMysqlFamily()
					? "Existing rows silently get '' or 0, and inserts of running code that leave it out fail."
					: "It fails if the table has rows, and inserts of running code that leave it out fail.";
			return List.of(found(add, name, "adds the column " + name + " NOT NULL without a default", why)
				.step("Add it with a default, or nullable, and make it NOT NULL when all code fills it.")
				.sql("ALTER TABLE " + add.table().toSql(dialect) + " ADD COLUMN " + dialect.write(column) + ' '
						+ add.column().type() + ';'));
		}

	}

	/**
	 * A column becomes {@code NOT NULL}.
	 */
	private static final class SetNotNull extends FactRule<Fact.OnTable> {

		SetNotNull() {
			super("set-not-null", Fact.OnTable.class, Impact.INCOMPATIBLE, Impact.BLOCKING, Impact.DATA_DEPENDENT);
		}

		@Override
		protected List<Finding> judge(Fact.OnTable fact, ScriptContext context) {
			String column = null;
			boolean notValid = false;
			if (fact instanceof Fact.AlterColumn alter && alter.change() == Change.SET_NOT_NULL) {
				column = alter.column();
			}
			else if (fact instanceof Fact.RedefineColumn redefine && redefine.definition().notNull()) {
				column = redefine.column();
			}
			else if (fact instanceof Fact.AddConstraint add && add.constraint().kind() == ConstraintKind.NOT_NULL) {
				column = add.domain() ? "VALUE" : add.constraint().columns().get(0);
				notValid = add.constraint().notValid();
			}
			// the check was what refused rows of older code, and it has looked at all
			// rows
			boolean checked = column != null && context.isNeverNull(fact.table(), column) && !isOld(context);
			if (column == null || context.isNewTable(fact.table()) || checked) {
				return List.of();
			}
			String name = fact.table() + "." + column;
			Finding finding = describe(fact, name, column, context);
			if (notValid) {
				finding = finding.impacts(List.of(Impact.INCOMPATIBLE)).asWarning();
			}
			Catalog catalog = context.settings().catalog();
			if (catalog != null && catalog.isNeverNull(fact.table(), column)) {
				return List.of(finding.harmless("the database knows already that it is never NULL"));
			}
			String presumed = presumedCheck(fact.table(), column, context);
			return List.of((presumed != null) ? finding.harmless(
					"the constraint " + presumed + ", validated before and dropped behind it, seems to say the same")
					: finding);
		}

		private static boolean isOld(ScriptContext context) {
			int version = context.settings().serverVersion();
			return version > 0 && version < 12;
		}

		private Finding describe(Fact fact, String name, String column, ScriptContext context) {
			Finding finding = found(fact, name, "makes " + name + " NOT NULL",
					"Inserts of running code that leave it out are refused, it fails if there is a NULL, and all rows"
							+ " are read while nobody can use the table.");
			if (context.dialect() != Dialect.POSTGRESQL || !(fact instanceof Fact.AlterColumn alter)) {
				return finding.step("Release code that always fills the column, and fill the rows that are NULL.")
					.step("Do it in a pending script.");
			}
			String table = alter.table().toSql(context.dialect());
			String check = context.dialect().write(column + "_not_null");
			String written = context.dialect().write(column);
			return finding.step("Release code that always fills the column, and fill the rows that are NULL.")
				.step("Add a CHECK that is not valid, and validate it in the next script.")
				.step("Then SET NOT NULL reads nothing (PostgreSQL 12 and newer).")
				.sql("ALTER TABLE " + table + " ADD CONSTRAINT " + check + " CHECK (" + written
						+ " IS NOT NULL) NOT VALID;\n-- next script:\nALTER TABLE " + table + " VALIDATE CONSTRAINT "
						+ check + ";\nALTER TABLE " + table + " ALTER COLUMN " + written
						+ " SET NOT NULL;\nALTER TABLE " + table + " DROP CONSTRAINT " + check + ';');
		}

		// VALIDATE k; SET NOT NULL c; DROP k, where the name of k speaks of c
		private static @Nullable String presumedCheck(ObjectName table, String column, ScriptContext context) {
			List<SqlStatement> statements = context.script().statements();
			for (SqlStatement statement : statements.subList(0, statements.size() - context.following().size() - 1)) {
				for (Fact fact : statement.facts()) {
					if (fact instanceof Fact.ValidateConstraint validate && validate.table().equals(table)
							&& speaksOf(validate.name(), column) && isDropped(table, validate.name(), context)) {
						return validate.name();
					}
				}
			}
			return null;
		}

		private static boolean speaksOf(String constraint, String column) {
			String name = constraint.toLowerCase(Locale.ROOT);
			return name.contains(column.toLowerCase(Locale.ROOT)) && name.contains("null");
		}

		private static boolean isDropped(ObjectName table, String constraint, ScriptContext context) {
			return context.following()
				.stream()
				.flatMap((statement) -> statement.facts().stream())
				.anyMatch((fact) -> fact instanceof Fact.DropConstraint drop && drop.table().equals(table)
						&& constraint.equals(drop.name()));
		}

	}

	/**
	 * A column may hold {@code NULL} from now on.
	 */
	private static final class DropNotNull extends FactRule<Fact.AlterColumn> {

		DropNotNull() {
			super("drop-not-null", Fact.AlterColumn.class, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.AlterColumn alter, ScriptContext context) {
			if (alter.change() != Change.DROP_NOT_NULL || context.isNewColumn(alter.table(), alter.column())) {
				return List.of();
			}
			String name = alter.table() + "." + alter.column();
			return List.of(found(alter, name, "lets " + name + " be NULL",
					"Code that is still running may read a NULL that it does not expect.")
				.step("Let new code write NULL only when no older instance runs.")
				.asWarning());
		}

	}

	/**
	 * A column loses its default.
	 */
	private static final class DropDefault extends FactRule<Fact.AlterColumn> {

		DropDefault() {
			super("drop-default", Fact.AlterColumn.class, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.AlterColumn alter, ScriptContext context) {
			boolean drops = alter.change() == Change.DROP_DEFAULT || alter.change() == Change.DROP_IDENTITY
					|| alter.change() == Change.DROP_EXPRESSION;
			if (!drops || context.isNewTable(alter.table())) {
				return List.of();
			}
			String name = alter.table() + "." + alter.column();
			return List.of(found(alter, name, "removes what fills " + name + " by itself",
					"Inserts of running code that leave the column out get NULL or are refused.")
				.step("Release code that fills the column first, then do it in a pending script.")
				.asWarning());
		}

	}

	/**
	 * A column refuses explicit values from now on.
	 */
	private static final class IdentityAlways extends FactRule<Fact.AlterColumn> {

		IdentityAlways() {
			super("identity-always", Fact.AlterColumn.class, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.AlterColumn alter, ScriptContext context) {
			if (alter.change() != Change.REFUSE_VALUES || context.isNewColumn(alter.table(), alter.column())) {
				return List.of();
			}
			String name = alter.table() + "." + alter.column();
			return List.of(found(alter, name, "refuses explicit values of " + name,
					"Inserts of running code that give a value are refused.")
				.step("Use GENERATED BY DEFAULT AS IDENTITY.")
				.asWarning());
		}

	}

	/**
	 * A column moves. There is no exception for a new table: its CREATE TABLE can have
	 * the order.
	 */
	private static final class Reorder extends FactRule<Fact.RedefineColumn> {

		Reorder() {
			super("reorder-columns", Fact.RedefineColumn.class, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.RedefineColumn redefine, ScriptContext context) {
			if (!redefine.definition().positioned()) {
				return List.of();
			}
			String name = redefine.table() + "." + redefine.column();
			return List.of(found(redefine, name, "moves the column " + name,
					"Inserts without a list of columns write into the wrong ones, and the table is written anew.")
				.step(context.isNewTable(redefine.table()) ? "Put the columns into that order in CREATE TABLE."
						: "Leave the order as it is.")
				.asWarning());
		}

	}

	/**
	 * An enumeration gets a value that older code does not know.
	 */
	private static final class EnumValue extends FactRule<Fact.AddEnumValue> {

		EnumValue() {
			super("add-enum-value", Fact.AddEnumValue.class, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.AddEnumValue add, ScriptContext context) {
			if (context.isNew(ObjectKind.TYPE, add.type())) {
				return List.of();
			}
			return List
				.of(found(add, add.type() + "." + add.value(), "adds the value '" + add.value() + "' to " + add.type(),
						"Code that is still running may read it and not know it (Enum.valueOf throws).")
					.harmless("nobody writes the value before new code does"));
		}

	}

}
