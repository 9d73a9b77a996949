package io.github.pendingmigrations.check;

import io.github.pendingmigrations.check.ColumnDefinition.DefaultValue;
import io.github.pendingmigrations.check.ColumnDefinition.Generation;

/**
 * The locks of MySQL and MariaDB with InnoDB.
 */
final class MysqlLockModel extends LockModel {

	/** Every DDL takes it, be it for an instant at the beginning and at the end. */
	private static final String EXCLUSIVE = "metadata exclusive";

	private final boolean mariadb;

	MysqlLockModel(boolean mariadb) {
		this.mariadb = mariadb;
	}

	@Override
	LockEffect effect(Fact fact, int version) {
		if (fact instanceof Fact.AddColumn add) {
			return addColumn(add.column());
		}
		if (fact instanceof Fact.AddConstraint add) {
			if (!add.constraint().enforced()) {
				return LockEffect.NONE;
			}
			return switch (add.constraint().kind()) {
				case UNIQUE -> LockEffect.BUILD;
				default -> LockEffect.REWRITE;
			};
		}
		if (fact instanceof Fact.CreateIndex) {
			return LockEffect.BUILD;
		}
		if (fact instanceof Fact.DropConstraint drop) {
			return (drop.kind() == ConstraintKind.PRIMARY_KEY) ? LockEffect.REWRITE : LockEffect.NONE;
		}
		if (fact instanceof Fact.RewriteTable || fact instanceof Fact.RedefineColumn
				|| fact instanceof Fact.AlterColumnType) {
			return LockEffect.REWRITE;
		}
		if (fact instanceof Fact.DropColumn) {
			// MariaDB rebuilds in place, MySQL does so before 8.0.29
			return (this.mariadb || version < 8) ? LockEffect.REWRITE : LockEffect.NONE;
		}
		if (fact instanceof Fact.AlterPartition alter) {
			return switch (alter.change()) {
				case REORGANIZE, COALESCE -> LockEffect.REWRITE;
				case EXCHANGE -> LockEffect.SCAN;
				default -> LockEffect.NONE;
			};
		}
		return (fact instanceof Fact.WriteRows) ? LockEffect.ROWS : LockEffect.NONE;
	}

	private static LockEffect addColumn(ColumnDefinition column) {
		boolean copies = column.generation() == Generation.STORED || column.generation() == Generation.SEQUENCE
				|| column.defaultValue() == DefaultValue.VOLATILE;
		if (copies) {
			return LockEffect.REWRITE;
		}
		LockEffect effect = LockEffect.NONE;
		for (ConstraintDefinition constraint : column.constraints()) {
			LockEffect one = switch (constraint.kind()) {
				case UNIQUE -> LockEffect.BUILD;
				case PRIMARY_KEY, CHECK -> constraint.enforced() ? LockEffect.REWRITE : LockEffect.NONE;
				default -> LockEffect.NONE;
			};
			effect = (one.ordinal() > effect.ordinal()) ? one : effect;
		}
		return effect;
	}

	/**
	 * Return whether writers wait while a table is worked on.
	 * @param fact the fact
	 * @param version the major version of the server, or 0
	 * @return {@code true} if they do
	 */
	boolean blocksWriters(Fact fact, int version) {
		LockEffect effect = effect(fact, version);
		if (fact instanceof Fact.CreateIndex index) {
			return index.special();
		}
		if (fact instanceof Fact.RewriteTable rewrite) {
			return !rewrite.online();
		}
		if (fact instanceof Fact.DropColumn) {
			return false;
		}
		return effect == LockEffect.REWRITE || effect == LockEffect.SCAN;
	}

	@Override
	protected void add(Fact fact, int version, Collector locks) {
		LockEffect effect = effect(fact, version);
		if (fact instanceof Fact.WriteRows write) {
			locks.add(write.table(), "row locks", 1, false, false, effect, false);
		}
		else if (fact instanceof Fact.LockTable lock) {
			boolean write = lock.mode().toUpperCase(java.util.Locale.ROOT).contains("WRITE");
			locks.add(lock.table(), write ? "table write" : "table read", 2, write, true, effect, false);
		}
		else if (fact instanceof Fact.ExecutionOption) {
			return;
		}
		else if (fact instanceof Fact.OnTable onTable) {
			exclusive(onTable.table(), fact, effect, version, locks);
			addReferenced(fact, locks);
		}
		else if (fact instanceof Fact.CreateTable create) {
			for (ObjectName referenced : create.references()) {
				locks.add(referenced, EXCLUSIVE, 3, true, true, LockEffect.NONE, false);
			}
		}
		else if (fact instanceof Fact.DropObject drop) {
			boolean table = drop.kind() == ObjectKind.TABLE || drop.kind() == ObjectKind.VIEW;
			if (table) {
				locks.add(drop.name(), EXCLUSIVE, 3, true, true, effect, drop.kind() == ObjectKind.TABLE);
			}
			else if (drop.on() != null) {
				locks.add(drop.on(), EXCLUSIVE, 3, true, true, effect, false);
			}
			else if (drop.kind() == ObjectKind.SCHEMA || drop.kind() == ObjectKind.DATABASE) {
				locks.add(null, EXCLUSIVE, 3, true, true, effect, true);
			}
		}
		else if (fact instanceof Fact.RenameObject rename) {
			locks.add(rename.from(), EXCLUSIVE, 3, true, true, effect, true);
		}
		else if (fact instanceof Fact.RewriteTable rewrite && rewrite.table() != null) {
			exclusive(rewrite.table(), fact, effect, version, locks);
		}
		else if (fact instanceof Fact.CreateObject create && create.on() != null) {
			locks.add(create.on(), EXCLUSIVE, 3, true, true, effect, false);
		}
		else if (fact instanceof Fact.ChangeBehaviour change && change.on() != null) {
			locks.add(change.on(), EXCLUSIVE, 3, true, true, effect, false);
		}
		else if (fact instanceof Fact.Harmless harmless && harmless.on() != null) {
			locks.add(harmless.on(), EXCLUSIVE, 3, true, true, effect, false);
		}
	}

	private void exclusive(ObjectName table, Fact fact, LockEffect effect, int version, Collector locks) {
		boolean work = effect != LockEffect.NONE;
		locks.add(table, EXCLUSIVE, 3, !work, !work || blocksWriters(fact, version), effect,
				fact instanceof Fact.DropConstraint);
	}

	private static void addReferenced(Fact fact, Collector locks) {
		ObjectName referenced = null;
		if (fact instanceof Fact.AddConstraint add) {
			referenced = add.constraint().references();
		}
		if (referenced != null) {
			locks.add(referenced, EXCLUSIVE, 3, true, true, LockEffect.NONE, false);
		}
	}

}
