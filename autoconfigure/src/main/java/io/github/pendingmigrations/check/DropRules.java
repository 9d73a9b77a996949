package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Set;

import io.github.pendingmigrations.check.Fact.AlterPartition.Change;
import io.github.pendingmigrations.check.Fact.WriteRows.Verb;
import org.jspecify.annotations.Nullable;

/**
 * The rules about data and objects that are gone afterwards.
 */
final class DropRules {

	private static final String RELEASE_FIRST = "Release code that no longer uses it, and wait until no older instance runs.";

	private DropRules() {
	}

	static List<Rule> all() {
		return List.of(
				new DropKind("drop-table", ObjectKind.TABLE, "its rows are gone and running code fails",
						Impact.DESTRUCTIVE, Impact.INCOMPATIBLE),
				new DropColumnRule(),
				new DropKind("drop-schema", ObjectKind.SCHEMA, "everything in it is gone", Impact.DESTRUCTIVE,
						Impact.INCOMPATIBLE),
				new DropKind("drop-database", ObjectKind.DATABASE, "everything in it is gone", Impact.DESTRUCTIVE,
						Impact.INCOMPATIBLE),
				new DropKind("drop-materialized-view", ObjectKind.MATERIALIZED_VIEW,
						"running code that reads it fails, and its indexes and privileges are gone", Impact.DESTRUCTIVE,
						Impact.INCOMPATIBLE),
				new DropKind("drop-sequence", ObjectKind.SEQUENCE, "its counter is lost and running inserts fail",
						Impact.DESTRUCTIVE, Impact.INCOMPATIBLE),
				new DropKind("drop-type", ObjectKind.TYPE, "running code that names it fails", Impact.DESTRUCTIVE,
						Impact.INCOMPATIBLE),
				new DropKind("drop-domain", ObjectKind.DOMAIN, "running code that names it fails", Impact.DESTRUCTIVE,
						Impact.INCOMPATIBLE),
				new DropKind("drop-extension", ObjectKind.EXTENSION,
						"its types and functions are gone, and columns of these types with them", Impact.DESTRUCTIVE,
						Impact.INCOMPATIBLE),
				new DropCode("drop-view", ObjectKind.VIEW), new DropCode("drop-function", ObjectKind.FUNCTION),
				new DropCode("drop-procedure", ObjectKind.PROCEDURE), new DropCode("drop-trigger", ObjectKind.TRIGGER),
				new DropCode("drop-rule", ObjectKind.RULE), new DropCode("drop-policy", ObjectKind.POLICY),
				new DropWeak("drop-role", ObjectKind.ROLE), new DropWeak("drop-object", ObjectKind.OTHER),
				new Cascade(), new TruncateTable(), new TruncatePartition(),
				new AllRows("delete-all-rows", Verb.DELETE), new AllRows("update-all-rows", Verb.UPDATE),
				new DropPartition(), new Everything("drop-owned", Set.of("DROP OWNED")),
				new Everything("drop-all-objects", Set.of("DROP ALL OBJECTS")),
				new Everything("drop-history", Set.of("DROP SYSTEM VERSIONING")),
				new Everything("drop-tablespace", Set.of("DISCARD TABLESPACE", "IMPORT TABLESPACE")),
				new ReplaceTable());
	}

	private static Finding withPendingFile(Finding finding, ScriptContext context) {
		ScriptFile file = context.file();
		if (file.kind() == ScriptKind.PENDING) {
			return finding.sql(context.statement().sql() + ';');
		}
		String name = pendingName(context.settings().pendingPrefix(), file, finding);
		return finding.step("Move the statement to " + name + ", which waits until somebody applies it.")
			.sql("-- " + name + '\n' + context.statement().sql() + ';');
	}

	// all statements of a script go to one file: there can be only one of its version
	private static String pendingName(String prefix, ScriptFile file, Finding finding) {
		int description = file.path().indexOf("__", file.path().lastIndexOf('/') + 1);
		if (file.version() != null && description > 0) {
			return prefix + file.version() + file.path().substring(description);
		}
		return prefix + ((file.version() != null) ? file.version() : "<version>") + "__"
				+ finding.rule().replace('-', '_') + '_' + finding.object().replaceAll("[^A-Za-z0-9]+", "_") + ".sql";
	}

	/**
	 * An object with a state of its own is dropped.
	 */
	private static final class DropKind extends FactRule<Fact.DropObject> {

		private final ObjectKind kind;

		private final String why;

		DropKind(String id, ObjectKind kind, String why, Impact... impacts) {
			super(id, Fact.DropObject.class, impacts);
			this.kind = kind;
			this.why = why;
		}

		@Override
		protected List<Finding> judge(Fact.DropObject drop, ScriptContext context) {
			if (drop.kind() != this.kind || drop.temporary() || context.isNew(this.kind, drop.name())) {
				return List.of();
			}
			Finding finding = found(drop, drop.name(), "drops the " + this.kind + ' ' + drop.name(),
					"Rolling the application back does not help: " + this.why + '.')
				.step(RELEASE_FIRST);
			return List.of(withPendingFile(finding, context));
		}

	}

	/**
	 * A column is dropped.
	 */
	private static final class DropColumnRule extends FactRule<Fact.DropColumn> {

		DropColumnRule() {
			super("drop-column", Fact.DropColumn.class, Impact.DESTRUCTIVE, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.DropColumn drop, ScriptContext context) {
			if (context.isNewColumn(drop.table(), drop.column())) {
				return List.of();
			}
			String name = drop.table() + "." + drop.column();
			Finding finding = found(drop, name, "drops the column " + name,
					"Its values are gone, and code that is still running and names it fails.")
				.step("Remove the column from the code first (with JPA: from the entity), and release that.")
				.step("Wait until no older instance runs.");
			return List.of(withPendingFile(finding, context));
		}

	}

	/**
	 * Code in the database is dropped: it can be created again, but is missed meanwhile.
	 */
	private static final class DropCode extends FactRule<Fact.DropObject> {

		private final ObjectKind kind;

		DropCode(String id, ObjectKind kind) {
			super(id, Fact.DropObject.class, Impact.INCOMPATIBLE);
			this.kind = kind;
		}

		@Override
		protected List<Finding> judge(Fact.DropObject drop, ScriptContext context) {
			if (drop.kind() != this.kind || context.isNew(drop)
					|| (drop.on() != null && context.isNewTable(drop.on()))) {
				return List.of();
			}
			Finding finding = found(drop, drop.name(), "drops the " + this.kind + ' ' + drop.name(),
					"Code that is still running and uses it fails or behaves differently.");
			if (context.isCreatedLater(this.kind, drop.name(), drop.on())) {
				return List.of(context.dialect().hasTransactionalDdl() && context.isTransactional()
						? finding.harmless("it is created again in the same transaction")
						: finding.step("It is missing until it is created again: use CREATE OR REPLACE.").asWarning());
			}
			return List.of(withPendingFile(finding.step(RELEASE_FIRST), context));
		}

	}

	/**
	 * Something is dropped that code seldom depends on.
	 */
	private static final class DropWeak extends FactRule<Fact.DropObject> {

		private final ObjectKind kind;

		DropWeak(String id, ObjectKind kind) {
			super(id, Fact.DropObject.class, Impact.INCOMPATIBLE);
			this.kind = kind;
		}

		@Override
		protected List<Finding> judge(Fact.DropObject drop, ScriptContext context) {
			if (drop.kind() != this.kind || context.isNew(this.kind, drop.name())) {
				return List.of();
			}
			return List.of(found(drop, drop.name(), "drops " + drop.name(), "Something running may depend on it.")
				.step(RELEASE_FIRST)
				.asWarning());
		}

	}

	/**
	 * CASCADE takes objects along that are not named.
	 */
	private static final class Cascade extends FactRule<Fact> {

		Cascade() {
			super("cascade", Fact.class, Impact.DESTRUCTIVE);
		}

		@Override
		protected List<Finding> judge(Fact fact, ScriptContext context) {
			// MySQL and MariaDB read the word and do nothing
			String object = context.dialect().isMysqlFamily() ? null : cascading(fact, context);
			if (object == null) {
				return List.of();
			}
			return List.of(found(fact, object, "drops or empties what depends on " + object + ", too (CASCADE)",
					"What goes with it is not named here, so that nobody has looked at it.")
				.step("Leave CASCADE out, run it on a copy, and name each object that the database reports."));
		}

		private static @Nullable String cascading(Fact fact, ScriptContext context) {
			if (fact instanceof Fact.DropObject drop && drop.cascade()) {
				return context.isNew(drop.kind(), drop.name()) ? null : drop.name().toString();
			}
			if (fact instanceof Fact.DropColumn drop && drop.cascade()) {
				return context.isNewColumn(drop.table(), drop.column()) ? null : drop.table() + "." + drop.column();
			}
			if (fact instanceof Fact.DropConstraint drop && drop.cascade()) {
				return context.isNewTable(drop.table()) ? null : drop.table() + "." + drop.name();
			}
			if (fact instanceof Fact.Truncate truncate && truncate.cascade()) {
				return truncate.table().toString();
			}
			return null;
		}

	}

	/**
	 * A table is emptied. That a table of the same script is emptied makes no sense, so
	 * that there is no exception for it.
	 */
	private static final class TruncateTable extends FactRule<Fact.Truncate> {

		TruncateTable() {
			super("truncate-table", Fact.Truncate.class, Impact.DESTRUCTIVE);
		}

		@Override
		protected List<Finding> judge(Fact.Truncate truncate, ScriptContext context) {
			Finding finding = found(truncate, truncate.table(), "removes all rows of " + truncate.table(),
					"The rows are gone, and readers wait while it runs.")
				.step("If they must go, delete them in batches when nobody needs them.");
			return List.of(withPendingFile(finding, context));
		}

	}

	/**
	 * A partition is emptied.
	 */
	private static final class TruncatePartition extends FactRule<Fact.AlterPartition> {

		TruncatePartition() {
			super("truncate-partition", Fact.AlterPartition.class, Impact.DESTRUCTIVE);
		}

		@Override
		protected List<Finding> judge(Fact.AlterPartition alter, ScriptContext context) {
			if (alter.change() != Change.TRUNCATE) {
				return List.of();
			}
			Finding finding = found(alter, alter.table(), "removes all rows of partitions of " + alter.table(),
					"The rows are gone.");
			return List.of(withPendingFile(finding, context));
		}

	}

	/**
	 * Rows are deleted or overwritten, and no condition limits which.
	 */
	private static final class AllRows extends FactRule<Fact.WriteRows> {

		private final Verb verb;

		AllRows(String id, Verb verb) {
			super(id, Fact.WriteRows.class, Impact.DESTRUCTIVE);
			this.verb = verb;
		}

		@Override
		protected List<Finding> judge(Fact.WriteRows write, ScriptContext context) {
			boolean newColumns = !write.columns().isEmpty()
					&& write.columns().stream().allMatch((column) -> context.isNewColumn(write.table(), column));
			if (write.verb() != this.verb || !write.allRows() || newColumns || context.isNewTable(write.table())) {
				return List.of();
			}
			boolean delete = this.verb == Verb.DELETE;
			String what = delete ? "deletes all rows of " : "overwrites all rows of ";
			Finding finding = found(write, write.table(), what + write.table(),
					delete ? "The rows are gone." : "The values before are gone, and every row stays locked meanwhile.")
				.step("Add a WHERE that says which rows, and run it in batches.");
			return List.of(withPendingFile(finding, context));
		}

	}

	/**
	 * The rows of a partition leave the table.
	 */
	private static final class DropPartition extends FactRule<Fact.AlterPartition> {

		private static final Set<Change> CHANGES = Set.of(Change.DROP, Change.COALESCE, Change.DISCARD,
				Change.EXCHANGE);

		DropPartition() {
			super("drop-partition", Fact.AlterPartition.class, Impact.DESTRUCTIVE);
		}

		@Override
		protected List<Finding> judge(Fact.AlterPartition alter, ScriptContext context) {
			if (!CHANGES.contains(alter.change()) || context.isNewTable(alter.table())) {
				return List.of();
			}
			String how = alter.change().name().toLowerCase(java.util.Locale.ROOT);
			Finding finding = found(alter, alter.table(), how + "s partitions of " + alter.table(),
					"Their rows leave the table.");
			return List.of(withPendingFile(finding, context));
		}

	}

	/**
	 * More is dropped than is named.
	 */
	private static final class Everything extends FactRule<Fact.DropEverything> {

		private final Set<String> words;

		Everything(String id, Set<String> words) {
			super(id, Fact.DropEverything.class, Impact.DESTRUCTIVE, Impact.INCOMPATIBLE);
			this.words = words;
		}

		@Override
		protected List<Finding> judge(Fact.DropEverything drop, ScriptContext context) {
			if (!this.words.contains(drop.what())) {
				return List.of();
			}
			return List.of(found(drop, drop.what(), "drops more than it names (" + drop.what() + ")",
					"What goes is not named here, so that nobody has looked at it.")
				.step("Name each object in a statement of its own, in a script that waits."));
		}

	}

	/**
	 * A table is replaced by another one of the same name.
	 */
	private static final class ReplaceTable extends FactRule<Fact.CreateTable> {

		ReplaceTable() {
			super("replace-table", Fact.CreateTable.class, Impact.DESTRUCTIVE, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.CreateTable create, ScriptContext context) {
			if (!create.orReplace() || create.temporary() || context.isNewTable(create.table())) {
				return List.of();
			}
			return List.of(found(create, create.table(), "drops the table " + create.table() + " and creates another",
					"The rows of the table before are gone.")
				.step("Create it without OR REPLACE."));
		}

	}

}
