package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The rules about constraints.
 */
final class ConstraintRules {

	private ConstraintRules() {
	}

	static List<Rule> all() {
		return List.of(new OnWrites(), new DropConstraintRule(),
				new Validating("add-foreign-key-validating", Set.of(ConstraintKind.FOREIGN_KEY), Impact.BLOCKING,
						Impact.DATA_DEPENDENT),
				new Validating("add-check-validating", Set.of(ConstraintKind.CHECK, ConstraintKind.NOT_NULL),
						Impact.BLOCKING, Impact.DATA_DEPENDENT),
				new Validating("add-unique-constraint", Set.of(ConstraintKind.UNIQUE), Impact.BLOCKING,
						Impact.DATA_DEPENDENT),
				new Validating("add-primary-key", Set.of(ConstraintKind.PRIMARY_KEY), Impact.BLOCKING,
						Impact.DATA_DEPENDENT),
				new Validating("add-exclusion-constraint", Set.of(ConstraintKind.EXCLUDE), Impact.BLOCKING,
						Impact.DATA_DEPENDENT),
				new ValidateInSameTransaction(), new UniqueMayFail(), new DomainConstraint());
	}

	/**
	 * A constraint and the table that a fact adds it to.
	 */
	private record Added(ObjectName table, ConstraintDefinition constraint, @Nullable ColumnDefinition column) {

		static List<Added> by(Fact fact) {
			if (fact instanceof Fact.AddConstraint add && !add.domain()) {
				return List.of(new Added(add.table(), add.constraint(), null));
			}
			List<Added> added = new ArrayList<>();
			if (fact instanceof Fact.AddColumn add) {
				add.column()
					.constraints()
					.forEach((constraint) -> added.add(new Added(add.table(), constraint, add.column())));
			}
			return added;
		}

		/**
		 * Whether no row can break it: the column is new, and NULL or the same
		 * everywhere.
		 */
		boolean isOnNewColumnOnly(ScriptContext context) {
			if (this.column != null) {
				boolean unique = this.constraint.kind() == ConstraintKind.UNIQUE
						|| this.constraint.kind() == ConstraintKind.PRIMARY_KEY;
				return !unique || !this.column.defaultValue().hasValue();
			}
			return !this.constraint.columns().isEmpty()
					&& this.constraint.columns().stream().allMatch((name) -> context.isNewColumn(this.table, name));
		}

	}

	/**
	 * Writes of running code may be refused.
	 */
	private static final class OnWrites extends FactRule<Fact> {

		OnWrites() {
			super("new-constraint-on-writes", Fact.class, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact fact, ScriptContext context) {
			List<Finding> findings = new ArrayList<>();
			for (Added added : Added.by(fact)) {
				ConstraintDefinition constraint = added.constraint();
				boolean refuses = constraint.enforced() && !constraint.usingIndex()
						&& constraint.kind() != ConstraintKind.NOT_NULL;
				if (refuses && !context.isNewTable(added.table()) && !added.isOnNewColumnOnly(context)) {
					findings.add(describe(fact, added.table()));
				}
			}
			if (fact instanceof Fact.CreateIndex index && index.unique() && !context.isNewTable(index.table())) {
				findings.add(describe(fact, index.table()));
			}
			return findings;
		}

		private Finding describe(Fact fact, ObjectName table) {
			return found(fact, table, "adds a constraint to " + table,
					"Writes of running code that break it are refused, also when existing rows are not checked.")
				.step("Release code that obeys it first.")
				.asWarning();
		}

	}

	/**
	 * A constraint is dropped.
	 */
	private static final class DropConstraintRule extends FactRule<Fact.DropConstraint> {

		DropConstraintRule() {
			super("drop-constraint", Fact.DropConstraint.class, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.DropConstraint drop, ScriptContext context) {
			if (context.isNewTable(drop.table()) || context.isNotNullCheck(drop.table(), drop.name())) {
				return List.of();
			}
			String name = (drop.name() != null) ? drop.name() : "the primary key";
			Finding finding = found(drop, drop.table() + "." + name, "drops " + name + " of " + drop.table(),
					"An upsert of running code that relies on a unique constraint fails, and rows that should not be"
							+ " there may come in; tables that are referenced are locked, too.")
				.step("Do it in a pending script when no older instance runs.")
				.asWarning();
			boolean again = drop.name() != null
					&& context.isCreatedLater(ObjectKind.CONSTRAINT, new ObjectName(null, drop.name()), drop.table());
			return List.of(again && context.dialect().hasTransactionalDdl() && context.isTransactional()
					? finding.harmless("it is created again in the same transaction") : finding);
		}

	}

	/**
	 * Existing rows are checked, or an index is built, under the lock.
	 */
	private static final class Validating extends FactRule<Fact> {

		private final Set<ConstraintKind> kinds;

		Validating(String id, Set<ConstraintKind> kinds, Impact... impacts) {
			super(id, Fact.class, impacts);
			this.kinds = kinds;
		}

		@Override
		protected List<Finding> judge(Fact fact, ScriptContext context) {
			Dialect dialect = context.dialect();
			List<Finding> findings = new ArrayList<>();
			for (Added added : Added.by(fact)) {
				ConstraintDefinition constraint = added.constraint();
				boolean checks = !constraint.notValid() && constraint.enforced() && !constraint.usingIndex();
				boolean nothingToCheck = constraint.kind() == ConstraintKind.FOREIGN_KEY && added.column() != null
						&& (dialect.isMysqlFamily() || !added.column().defaultValue().hasValue());
				boolean unchecked = dialect.isMysqlFamily() && constraint.kind() == ConstraintKind.FOREIGN_KEY
						&& context.isSet("foreign_key_checks");
				if (this.kinds.contains(constraint.kind()) && checks && !nothingToCheck && !unchecked
						&& !context.isNewTable(added.table())) {
					boolean cannotFail = cannotFail(added, context);
					Finding finding = describe(fact, added, context);
					if (!cannotFail || isOnline(dialect)) {
						findings.add(cannotFail ? finding.impacts(List.of(Impact.BLOCKING)) : finding);
					}
				}
			}
			return findings;
		}

		/** Whether somebody might want to write meanwhile. */
		private static boolean isOnline(Dialect dialect) {
			return dialect == Dialect.POSTGRESQL || dialect.isMysqlFamily();
		}

		// NULL in every row, or at least the same
		private static boolean cannotFail(Added added, ScriptContext context) {
			ConstraintKind kind = added.constraint().kind();
			boolean rows = kind == ConstraintKind.FOREIGN_KEY || kind == ConstraintKind.CHECK;
			boolean value = kind == ConstraintKind.FOREIGN_KEY && added.column() != null
					&& added.column().defaultValue().hasValue();
			return rows && !value && added.isOnNewColumnOnly(context);
		}

		private Finding describe(Fact fact, Added added, ScriptContext context) {
			ObjectName table = added.table();
			String what = "adds a constraint to " + table + " and checks all rows";
			if (!isOnline(context.dialect())) {
				return found(fact, table, what, "It fails if one of them breaks it.")
					.impacts(List.of(Impact.DATA_DEPENDENT))
					.step("Look for such rows first.");
			}
			Finding finding = found(fact, table, what, "Nobody can write to the table meanwhile"
					+ (context.dialect() == Dialect.POSTGRESQL ? ", or even read it" : "") + ".");
			if (context.dialect().isMysqlFamily()) {
				return mysql(finding, added, context);
			}
			String name = (added.constraint().name() != null) ? added.constraint().name() : "<name>";
			String written = context.dialect().write(name);
			String alter = "ALTER TABLE " + table.toSql(context.dialect());
			return switch (added.constraint().kind()) {
				case UNIQUE, PRIMARY_KEY ->
					finding.step("Build the index first, in a script of its own that does not run in a transaction.")
						.step("Then make it the constraint.")
						.sql("CREATE UNIQUE INDEX CONCURRENTLY " + written + " ON " + table.toSql(context.dialect())
								+ " (" + String.join(", ", added.constraint().columns()) + ");\n-- next script:\n"
								+ alter + " ADD CONSTRAINT " + written + ' '
								+ added.constraint().kind().name().replace('_', ' ') + " USING INDEX " + written + ';');
				case EXCLUDE -> finding.step("There is no way online: do it in a quiet hour.");
				default -> finding.step("Add it NOT VALID, which checks only new rows.")
					.step("Validate it in the next script, which keeps nobody waiting.")
					.sql(alter + " ADD " + added.constraint().definition() + " NOT VALID;\n-- next script:\n" + alter
							+ " VALIDATE CONSTRAINT " + written + ';');
			};
		}

		private static Finding mysql(Finding finding, Added added, ScriptContext context) {
			if (added.constraint().kind() == ConstraintKind.UNIQUE) {
				// built in place, and writers go on
				return finding.impacts(List.of(Impact.DATA_DEPENDENT))
					.step("Look for duplicates first: it fails on them.");
			}
			if (ExecutionOptions.isOnline(context.statement())) {
				return finding.asWarning();
			}
			return finding.step("State ALGORITHM and LOCK=NONE, so that it fails rather than block.")
				.step("Use a tool that copies the table online, such as gh-ost or pt-online-schema-change.");
		}

	}

	/**
	 * A constraint is added without a check and checked in the same transaction.
	 */
	private static final class ValidateInSameTransaction extends FactRule<Fact.ValidateConstraint> {

		ValidateInSameTransaction() {
			super("validate-in-same-transaction", Fact.ValidateConstraint.class, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact.ValidateConstraint validate, ScriptContext context) {
			if (!context.isTransactional() || context.isNewTable(validate.table())
					|| !context.isAddedNotValid(validate.table(), validate.name())) {
				return List.of();
			}
			return List.of(found(validate, validate.table() + "." + validate.name(),
					"validates " + validate.name() + " in the transaction that adds it",
					"The strong lock of the ADD is kept while all rows are read, so that NOT VALID gains nothing.")
				.step("Validate it in the next script."));
		}

	}

	/**
	 * Existing rows may not be unique.
	 */
	private static final class UniqueMayFail extends FactRule<Fact.CreateIndex> {

		UniqueMayFail() {
			super("unique-may-fail", Fact.CreateIndex.class, Impact.DATA_DEPENDENT);
		}

		@Override
		protected List<Finding> judge(Fact.CreateIndex index, ScriptContext context) {
			if (!index.unique() || context.isNewTable(index.table())) {
				return List.of();
			}
			String table = index.table().toSql(context.dialect());
			return List.of(found(index, index.table(), "creates a unique index on " + index.table(),
					"It fails if there are duplicates.")
				.step("Look for them first.")
				.sql("SELECT " + index.columns() + ", count(*) FROM " + table + " GROUP BY " + index.columns()
						+ " HAVING count(*) > 1;"));
		}

	}

	/**
	 * A domain gets a constraint.
	 */
	private static final class DomainConstraint extends FactRule<Fact> {

		DomainConstraint() {
			super("domain-constraint", Fact.class, Impact.BLOCKING, Impact.DATA_DEPENDENT);
		}

		@Override
		protected List<Finding> judge(Fact fact, ScriptContext context) {
			if (fact instanceof Fact.CreateObject create && create.kind() == ObjectKind.DOMAIN && create.constraint()) {
				return List.of(found(fact, create.name(), "creates the domain " + create.name() + " with a constraint",
						"A column of this type that is added later writes the whole table anew, and a change of the"
								+ " constraint reads every table that uses it.")
					.step("Put the constraint on the columns instead.")
					.impacts(List.of(Impact.BLOCKING))
					.asWarning());
			}
			boolean checks = fact instanceof Fact.AddConstraint add && add.domain() && !add.constraint().notValid();
			if (!checks || context.isNew(ObjectKind.DOMAIN, ((Fact.OnTable) fact).table())) {
				return List.of();
			}
			ObjectName domain = ((Fact.OnTable) fact).table();
			return List.of(found(fact, domain, "adds a constraint to the domain " + domain,
					"All rows of every table that uses the domain are read, and nobody can write to them meanwhile.")
				.step("Add it NOT VALID, and validate it in the next script."));
		}

	}

}
