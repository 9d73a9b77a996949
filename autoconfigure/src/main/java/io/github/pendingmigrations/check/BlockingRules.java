package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Locale;
import java.util.Set;

import io.github.pendingmigrations.check.ColumnDefinition.DefaultValue;
import io.github.pendingmigrations.check.Fact.AlterPartition.Change;
import io.github.pendingmigrations.check.Fact.WriteRows.Verb;

/**
 * The rules about statements that keep readers or writers waiting.
 */
final class BlockingRules {

	private BlockingRules() {
	}

	static List<Rule> all() {
		return List.of(new CreateIndexBlocking(), new DropIndexBlocking(), new ReindexBlocking(), new ReindexSystem(),
				new RefreshBlocking(), new AddColumnRewrite(), new DetachPartition(), new DetachRows(),
				new AttachPartition(), new TableRewrite(), new MysqlCopy(), new LockTableRule(), new BigDml(),
				new MissingLockTimeout());
	}

	/**
	 * An index is built while writers wait.
	 */
	private static final class CreateIndexBlocking extends FactRule<Fact.CreateIndex> {

		CreateIndexBlocking() {
			super("create-index-blocking", Fact.CreateIndex.class, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact.CreateIndex index, ScriptContext context) {
			if (context.dialect() != Dialect.POSTGRESQL || index.concurrently() || index.only()
					|| context.isNewTable(index.table())
					|| context.isNew(ObjectKind.MATERIALIZED_VIEW, index.table())) {
				return List.of();
			}
			return List.of(found(index, index.table(), "builds an index on " + index.table() + " while writers wait",
					"Nobody can write to the table until the index is built.")
				.step("Build it CONCURRENTLY, in a script of its own that does not run in a transaction.")
				.step("On a partitioned table: ON ONLY, then CONCURRENTLY on each partition, then ATTACH PARTITION.")
				.sql(context.statement().sql().replaceFirst("(?i)\\bINDEX\\b", "INDEX CONCURRENTLY") + ';'));
		}

	}

	/**
	 * An index is dropped while everybody waits.
	 */
	private static final class DropIndexBlocking extends FactRule<Fact.DropObject> {

		DropIndexBlocking() {
			super("drop-index-blocking", Fact.DropObject.class, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact.DropObject drop, ScriptContext context) {
			if (drop.kind() != ObjectKind.INDEX || context.dialect() != Dialect.POSTGRESQL || drop.concurrently()
					|| context.isNew(ObjectKind.INDEX, drop.name())) {
				return List.of();
			}
			return List.of(found(drop, drop.name(), "drops the index " + drop.name() + " under a strong lock",
					"It takes a moment only, but everybody queues behind it while it waits for its lock.")
				.step("Drop it CONCURRENTLY, in a script of its own that does not run in a transaction.")
				.sql("DROP INDEX CONCURRENTLY " + drop.name().toSql(context.dialect()) + ';')
				.asWarning());
		}

	}

	/**
	 * An index is built again while writers wait.
	 */
	private static final class ReindexBlocking extends FactRule<Fact.Reindex> {

		ReindexBlocking() {
			super("reindex-blocking", Fact.Reindex.class, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact.Reindex reindex, ScriptContext context) {
			boolean isNew = reindex.name() != null
					&& (context.isNewTable(reindex.name()) || context.isNew(ObjectKind.INDEX, reindex.name()));
			if (reindex.concurrently() || reindex.system() || isNew) {
				return List.of();
			}
			Object what = (reindex.name() != null) ? reindex.name() : "the database";
			return List.of(found(reindex, what, "builds indexes of " + what + " again while writers wait",
					"Nobody can write, or read by that index, until it is built.")
				.step("Use REINDEX … CONCURRENTLY, in a script of its own that does not run in a transaction."));
		}

	}

	/**
	 * The indexes of the catalogs are built again, for which there is no way online.
	 */
	private static final class ReindexSystem extends FactRule<Fact.Reindex> {

		ReindexSystem() {
			super("reindex-system", Fact.Reindex.class, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact.Reindex reindex, ScriptContext context) {
			return reindex.system() ? List.of(found(reindex, "the system catalogs",
					"builds the indexes of the system catalogs again", "Every session waits for the catalogs.")
				.step("This is no migration: do it as an administrator, in a quiet hour.")) : List.of();
		}

	}

	/**
	 * A materialized view is computed while readers wait.
	 */
	private static final class RefreshBlocking extends FactRule<Fact.RefreshView> {

		RefreshBlocking() {
			super("refresh-matview-blocking", Fact.RefreshView.class, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact.RefreshView refresh, ScriptContext context) {
			if (refresh.concurrently() || context.isNew(ObjectKind.MATERIALIZED_VIEW, refresh.view())) {
				return List.of();
			}
			return List.of(found(refresh, refresh.view(), "computes " + refresh.view() + " anew while readers wait",
					"Nobody can read the view until it is computed.")
				.step("Use CONCURRENTLY, which needs a unique index on the view.")
				.sql("REFRESH MATERIALIZED VIEW CONCURRENTLY " + refresh.view().toSql(context.dialect()) + ';'));
		}

	}

	/**
	 * Adding a column writes every row.
	 */
	private static final class AddColumnRewrite extends FactRule<Fact.AddColumn> {

		AddColumnRewrite() {
			super("add-column-rewrite", Fact.AddColumn.class, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact.AddColumn add, ScriptContext context) {
			if (!rewrites(add, context) || context.isNewTable(add.table())
					|| ExecutionOptions.isOnline(context.statement())) {
				return List.of();
			}
			Dialect dialect = context.dialect();
			ColumnDefinition column = add.column();
			String name = add.table() + "." + column.name();
			String alter = "ALTER TABLE " + add.table().toSql(dialect);
			String written = dialect.write(column.name());
			Finding finding = found(add, name, "adds the column " + name + " and writes every row",
					"The whole table is written anew, and nobody can use it meanwhile.");
			if (column.defaultExpression() == null) {
				return List.of(finding.step("Add a plain column that may be NULL, and fill it in batches.")
					.sql(alter + " ADD COLUMN " + written + ' ' + column.type() + ';'));
			}
			return List.of(finding.step("Add it without the default, then set the default for new rows.")
				.step("Fill the existing rows in batches.")
				.sql(alter + " ADD COLUMN " + written + ' ' + column.type() + ";\n" + alter + " ALTER COLUMN " + written
						+ " SET DEFAULT " + column.defaultExpression() + ';'));
		}

		private static boolean rewrites(Fact.AddColumn add, ScriptContext context) {
			Dialect dialect = context.dialect();
			if (dialect == Dialect.POSTGRESQL || dialect.isMysqlFamily()) {
				// the rules about these two say so already
				boolean constraint = dialect.isMysqlFamily() && add.column()
					.constraints()
					.stream()
					.anyMatch((one) -> one.kind() == ConstraintKind.PRIMARY_KEY || one.kind() == ConstraintKind.CHECK);
				return !constraint
						&& LockModel.of(dialect).effect(add, context.settings().serverVersion()) == LockEffect.REWRITE;
			}
			return add.column().defaultValue() == DefaultValue.VOLATILE || add.column().generation().writesRows();
		}

	}

	/**
	 * A partition is detached while everybody waits.
	 */
	private static final class DetachPartition extends FactRule<Fact.AlterPartition> {

		DetachPartition() {
			super("detach-partition-blocking", Fact.AlterPartition.class, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact.AlterPartition alter, ScriptContext context) {
			if (alter.change() != Change.DETACH || alter.concurrently() || context.isNewTable(alter.table())) {
				return List.of();
			}
			return List.of(found(alter, alter.table(),
					"detaches a partition of " + alter.table() + " under the strongest lock",
					"Nobody can use the table, the partition or the default partition.")
				.step("Use DETACH PARTITION … CONCURRENTLY (PostgreSQL 14 and newer), in a script of its own."));
		}

	}

	/**
	 * The rows of a partition are no longer in the table.
	 */
	private static final class DetachRows extends FactRule<Fact.AlterPartition> {

		DetachRows() {
			super("detach-partition", Fact.AlterPartition.class, Impact.INCOMPATIBLE);
		}

		@Override
		protected List<Finding> judge(Fact.AlterPartition alter, ScriptContext context) {
			if (alter.change() != Change.DETACH || context.isNewTable(alter.table())) {
				return List.of();
			}
			return List.of(found(alter, alter.table(), "takes the rows of a partition out of " + alter.table(),
					"Code that is still running no longer finds them.")
				.step("Make sure that nobody reads them.")
				.asWarning());
		}

	}

	/**
	 * A table is read as it becomes a partition.
	 */
	private static final class AttachPartition extends FactRule<Fact.AlterPartition> {

		AttachPartition() {
			super("attach-partition-scanning", Fact.AlterPartition.class, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact.AlterPartition alter, ScriptContext context) {
			boolean isNew = alter.partition() != null && context.isNewTable(alter.partition());
			if (alter.change() != Change.ATTACH || isNew) {
				return List.of();
			}
			return List.of(found(alter, alter.table(), "reads all rows of a table that becomes a partition",
					"Nobody can use that table or the default partition meanwhile.")
				.step("Add a CHECK with the bounds first, NOT VALID, validate it, then attach."));
		}

	}

	/**
	 * A table is written anew.
	 */
	private static final class TableRewrite extends FactRule<Fact.RewriteTable> {

		TableRewrite() {
			super("table-rewrite", Fact.RewriteTable.class, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact.RewriteTable rewrite, ScriptContext context) {
			if (rewrite.table() != null && context.isNewTable(rewrite.table())) {
				return List.of();
			}
			Object what = (rewrite.table() != null) ? rewrite.table() : "several tables";
			Finding finding = found(rewrite, what, "writes " + what + " anew (" + rewrite.how() + ")",
					"It takes as long as the table is large, and nobody can use it meanwhile.")
				.step("Do it in a quiet hour, or with a tool that works online.");
			boolean online = rewrite.online()
					|| (context.dialect().isMysqlFamily() && ExecutionOptions.isOnline(context.statement()));
			return List.of(online ? finding.asWarning() : finding);
		}

	}

	/**
	 * MySQL and MariaDB keep writers waiting.
	 */
	private static final class MysqlCopy extends FactRule<Fact> {

		MysqlCopy() {
			super("mysql-copy", Fact.class, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact fact, ScriptContext context) {
			if (!context.dialect().isMysqlFamily() || !blocks(fact)) {
				return List.of();
			}
			ObjectName table = ((Fact.OnTable) fact).table();
			boolean online = !(fact instanceof Fact.ExecutionOption) && ExecutionOptions.isOnline(context.statement());
			if (online || context.isNewTable(table)) {
				return List.of();
			}
			return List.of(found(fact, table, "keeps writers of " + table + " waiting while it works on all rows",
					"Nobody can write to the table until it is done.")
				.step("State ALGORITHM=INPLACE or INSTANT and LOCK=NONE, so that it fails rather than block.")
				.step("If that is refused, use gh-ost or pt-online-schema-change."));
		}

		private static boolean blocks(Fact fact) {
			if (fact instanceof Fact.ExecutionOption option) {
				return "COPY".equals(option.algorithm()) || "SHARED".equals(option.lock())
						|| "EXCLUSIVE".equals(option.lock());
			}
			if (fact instanceof Fact.CreateIndex index) {
				return index.special();
			}
			if (fact instanceof Fact.DropConstraint drop) {
				return drop.kind() == ConstraintKind.PRIMARY_KEY;
			}
			return fact instanceof Fact.AlterPartition alter
					&& Set.of(Change.REORGANIZE, Change.COALESCE, Change.EXCHANGE).contains(alter.change());
		}

	}

	/**
	 * A table is locked by name.
	 */
	private static final class LockTableRule extends FactRule<Fact.LockTable> {

		private static final Set<String> HARMLESS = Set.of("ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE",
				"SHARE UPDATE EXCLUSIVE");

		LockTableRule() {
			super("lock-table", Fact.LockTable.class, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact.LockTable lock, ScriptContext context) {
			boolean harmless = context.dialect() == Dialect.POSTGRESQL
					&& HARMLESS.contains(lock.mode().toUpperCase(Locale.ROOT));
			if (harmless || context.isNewTable(lock.table())) {
				return List.of();
			}
			return List.of(found(lock, lock.table(), "locks the table " + lock.table(),
					"Others wait until the script has ended.")
				.step("Leave it out: each statement takes the lock that it needs."));
		}

	}

	/**
	 * Many rows are written beside DDL.
	 */
	private static final class BigDml extends FactRule<Fact.WriteRows> {

		BigDml() {
			super("big-dml", Fact.WriteRows.class, Impact.BLOCKING);
		}

		@Override
		protected List<Finding> judge(Fact.WriteRows write, ScriptContext context) {
			boolean many = write.query() || write.verb() == Verb.REPLACE;
			if (!many || write.allRows() && !isBackfill(write, context) || context.isNewTable(write.table())
					|| !context.hasDdlOnOldTable()) {
				return List.of();
			}
			return List.of(found(write, write.table(), "writes rows of " + write.table() + " in a script with DDL",
					"Locks of the DDL and of every row are kept until the script has ended.")
				.step("Put it into a script of its own, and run it in batches.")
				.asWarning());
		}

		private static boolean isBackfill(Fact.WriteRows write, ScriptContext context) {
			return write.columns().stream().anyMatch((column) -> context.isNewColumn(write.table(), column));
		}

	}

	/**
	 * Nothing limits how long a strong lock is waited for. Off unless somebody wants it,
	 * since the time is better limited on the connection.
	 */
	private static final class MissingLockTimeout extends FactRule<Fact> {

		MissingLockTimeout() {
			super("missing-lock-timeout", Fact.class, Impact.BLOCKING);
		}

		@Override
		public boolean isOnByDefault() {
			return false;
		}

		@Override
		protected List<Finding> judge(Fact fact, ScriptContext context) {
			if (context.dialect() != Dialect.POSTGRESQL || context.isSet("lock_timeout")) {
				return List.of();
			}
			for (TableLock lock : LockModel.of(Dialect.POSTGRESQL)
				.locks(List.of(fact), context.settings().serverVersion())) {
				boolean old = lock.table() == null || !context.isNewTable(lock.table());
				if (old && lock.blocksWrites()) {
					return List
						.of(found(fact, String.valueOf(lock.table()), "waits for " + lock.lock() + " without a limit",
								"Everybody else queues behind it until it has got its lock.")
							.step("Set the limit before it.")
							.sql("SET LOCAL lock_timeout = '500ms';")
							.asWarning());
				}
			}
			return List.of();
		}

	}

}
