package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Locale;

import io.github.pendingmigrations.check.ColumnDefinition.DefaultValue;
import io.github.pendingmigrations.check.Fact.AlterColumn.Change;
import org.jspecify.annotations.Nullable;

/**
 * The locks of PostgreSQL.
 */
final class PostgresqlLockModel extends LockModel {

	/** In the order of the manual, the weakest first. */
	private static final List<String> MODES = List.of("ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE",
			"SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE");

	private static final String ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE";

	private static final String SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE";

	private static final String SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE";

	/** Constant defaults are kept in the catalog since then. */
	private static final int FAST_DEFAULT = 11;

	@Override
	LockEffect effect(Fact fact, int version) {
		if (fact instanceof Fact.AddColumn add) {
			return addColumn(add.column(), version);
		}
		if (fact instanceof Fact.AddConstraint add) {
			return addConstraint(add.constraint());
		}
		if (fact instanceof Fact.CreateIndex index) {
			return index.only() ? LockEffect.NONE : LockEffect.BUILD;
		}
		if (fact instanceof Fact.AlterColumn alter) {
			return switch (alter.change()) {
				case SET_NOT_NULL -> LockEffect.SCAN;
				case SET_EXPRESSION -> LockEffect.REWRITE;
				default -> LockEffect.NONE;
			};
		}
		if (fact instanceof Fact.RewriteTable rewrite) {
			return rewrite.how().equals("ENFORCED") ? LockEffect.SCAN : LockEffect.REWRITE;
		}
		if (fact instanceof Fact.AlterColumnType || fact instanceof Fact.RedefineColumn
				|| fact instanceof Fact.RefreshView) {
			return LockEffect.REWRITE;
		}
		if (fact instanceof Fact.ValidateConstraint) {
			return LockEffect.SCAN;
		}
		if (fact instanceof Fact.Reindex) {
			return LockEffect.BUILD;
		}
		return (fact instanceof Fact.WriteRows) ? LockEffect.ROWS : LockEffect.NONE;
	}

	private static LockEffect addColumn(ColumnDefinition column, int version) {
		boolean oldDefault = version > 0 && version < FAST_DEFAULT && column.defaultValue().hasValue();
		if (column.generation().writesRows() || column.defaultValue() == DefaultValue.VOLATILE || oldDefault) {
			return LockEffect.REWRITE;
		}
		LockEffect effect = LockEffect.NONE;
		for (ConstraintDefinition constraint : column.constraints()) {
			// a new column without a default is NULL everywhere: nothing to look up
			boolean skipped = constraint.kind() == ConstraintKind.FOREIGN_KEY && !column.defaultValue().hasValue();
			LockEffect ofConstraint = skipped ? LockEffect.NONE : addConstraint(constraint);
			effect = (ofConstraint.ordinal() > effect.ordinal()) ? ofConstraint : effect;
		}
		return effect;
	}

	private static LockEffect addConstraint(ConstraintDefinition constraint) {
		if (constraint.notValid() || !constraint.enforced() || constraint.usingIndex()) {
			return LockEffect.NONE;
		}
		return switch (constraint.kind()) {
			case PRIMARY_KEY, UNIQUE, EXCLUDE -> LockEffect.BUILD;
			case FOREIGN_KEY, CHECK, NOT_NULL, UNSPECIFIED -> LockEffect.SCAN;
		};
	}

	@Override
	protected void add(Fact fact, int version, Collector locks) {
		LockEffect effect = effect(fact, version);
		if (fact instanceof Fact.CreateTable create) {
			for (ObjectName referenced : create.references()) {
				lock(locks, referenced, SHARE_ROW_EXCLUSIVE, effect, false);
			}
			if (create.partitionOf() != null) {
				lock(locks, create.partitionOf(), ACCESS_EXCLUSIVE, effect, false);
			}
		}
		else if (fact instanceof Fact.AddConstraint add) {
			addConstraint(add, effect, locks);
		}
		else if (fact instanceof Fact.CreateIndex index) {
			lock(locks, index.table(), index.concurrently() ? SHARE_UPDATE_EXCLUSIVE : "SHARE", effect, false);
		}
		else if (fact instanceof Fact.AlterPartition alter) {
			addPartition(alter, locks);
		}
		else if (fact instanceof Fact.ValidateConstraint validate) {
			lock(locks, validate.table(), SHARE_UPDATE_EXCLUSIVE, effect, false);
		}
		else if (fact instanceof Fact.LockTable lock) {
			lock(locks, lock.table(), lock.mode().toUpperCase(Locale.ROOT), LockEffect.NONE, false);
		}
		else if (fact instanceof Fact.WriteRows write) {
			lock(locks, write.table(), "ROW EXCLUSIVE", effect, false);
		}
		else if (fact instanceof Fact.AlterColumn alter && alter.change() == Change.SETTING) {
			lock(locks, alter.table(), SHARE_UPDATE_EXCLUSIVE, effect, false);
		}
		else if (fact instanceof Fact.OnTable onTable) {
			addOnTable(onTable, effect, locks);
		}
		else {
			addOther(fact, effect, locks);
		}
	}

	private static void addOnTable(Fact.OnTable fact, LockEffect effect, Collector locks) {
		boolean withReferenced = fact instanceof Fact.DropColumn || fact instanceof Fact.AlterColumnType
				|| (fact instanceof Fact.DropConstraint drop && !drop.domain());
		lock(locks, fact.table(), ACCESS_EXCLUSIVE, effect, withReferenced);
		if (fact instanceof Fact.AddColumn add) {
			for (ConstraintDefinition constraint : add.column().constraints()) {
				if (constraint.references() != null) {
					lock(locks, constraint.references(), SHARE_ROW_EXCLUSIVE, LockEffect.NONE, false);
				}
			}
		}
	}

	private static void addConstraint(Fact.AddConstraint add, LockEffect effect, Collector locks) {
		if (add.domain()) {
			// every table that uses the domain
			lock(locks, null, "SHARE", effect, false);
			return;
		}
		boolean foreignKey = add.constraint().kind() == ConstraintKind.FOREIGN_KEY;
		lock(locks, add.table(), foreignKey ? SHARE_ROW_EXCLUSIVE : ACCESS_EXCLUSIVE, effect, false);
		if (add.constraint().references() != null) {
			lock(locks, add.constraint().references(), SHARE_ROW_EXCLUSIVE, LockEffect.NONE, false);
		}
	}

	private static void addPartition(Fact.AlterPartition alter, Collector locks) {
		switch (alter.change()) {
			case ATTACH -> {
				lock(locks, alter.table(), SHARE_UPDATE_EXCLUSIVE, LockEffect.NONE, false);
				lock(locks, alter.partition(), ACCESS_EXCLUSIVE, LockEffect.SCAN, false);
			}
			case DETACH -> {
				boolean online = alter.concurrently();
				lock(locks, alter.table(), online ? SHARE_UPDATE_EXCLUSIVE : ACCESS_EXCLUSIVE, LockEffect.NONE, false);
				lock(locks, alter.partition(), online ? SHARE_UPDATE_EXCLUSIVE : ACCESS_EXCLUSIVE, LockEffect.NONE,
						false);
			}
			default -> lock(locks, alter.table(), SHARE_UPDATE_EXCLUSIVE, LockEffect.NONE, false);
		}
	}

	private static void addOther(Fact fact, LockEffect effect, Collector locks) {
		if (fact instanceof Fact.DropObject drop) {
			addDrop(drop, locks);
		}
		else if (fact instanceof Fact.RenameObject rename) {
			boolean table = rename.kind() == ObjectKind.TABLE || rename.kind() == ObjectKind.VIEW
					|| rename.kind() == ObjectKind.MATERIALIZED_VIEW || rename.kind() == ObjectKind.SEQUENCE;
			if (table) {
				lock(locks, rename.from(), ACCESS_EXCLUSIVE, effect, false);
			}
		}
		else if (fact instanceof Fact.CreateObject create) {
			addCreate(create, locks);
		}
		else if (fact instanceof Fact.RewriteTable rewrite) {
			lock(locks, rewrite.table(), ACCESS_EXCLUSIVE, effect, false);
		}
		else if (fact instanceof Fact.Reindex reindex) {
			lock(locks, reindex.name(), reindex.concurrently() ? SHARE_UPDATE_EXCLUSIVE : "SHARE", effect, false);
		}
		else if (fact instanceof Fact.RefreshView refresh) {
			lock(locks, refresh.view(), refresh.concurrently() ? "EXCLUSIVE" : ACCESS_EXCLUSIVE, effect, false);
		}
		else if (fact instanceof Fact.ChangeBehaviour change && change.on() != null
				&& change.kind() != Fact.ChangeBehaviour.Kind.PRIVILEGES) {
			boolean trigger = change.kind() == Fact.ChangeBehaviour.Kind.TRIGGER;
			lock(locks, change.on(), trigger ? SHARE_ROW_EXCLUSIVE : ACCESS_EXCLUSIVE, effect, false);
		}
		else if (fact instanceof Fact.Harmless harmless && harmless.on() != null) {
			boolean rename = harmless.what().startsWith("RENAME");
			lock(locks, harmless.on(), rename ? ACCESS_EXCLUSIVE : SHARE_UPDATE_EXCLUSIVE, effect, false);
		}
	}

	private static void addDrop(Fact.DropObject drop, Collector locks) {
		switch (drop.kind()) {
			case TABLE -> lock(locks, drop.name(), ACCESS_EXCLUSIVE, LockEffect.NONE, true);
			case VIEW, MATERIALIZED_VIEW, SEQUENCE ->
				lock(locks, drop.name(), ACCESS_EXCLUSIVE, LockEffect.NONE, false);
			case INDEX -> lock(locks, drop.name(), drop.concurrently() ? SHARE_UPDATE_EXCLUSIVE : ACCESS_EXCLUSIVE,
					LockEffect.NONE, false);
			case TRIGGER, RULE, POLICY -> lock(locks, drop.on(), ACCESS_EXCLUSIVE, LockEffect.NONE, false);
			case SCHEMA -> lock(locks, null, ACCESS_EXCLUSIVE, LockEffect.NONE, true);
			case TYPE, DOMAIN, EXTENSION, FUNCTION -> {
				if (drop.cascade()) {
					lock(locks, null, ACCESS_EXCLUSIVE, LockEffect.NONE, true);
				}
			}
			default -> {
				// no table
			}
		}
	}

	private static void addCreate(Fact.CreateObject create, Collector locks) {
		if (create.kind() == ObjectKind.TRIGGER) {
			lock(locks, create.on(), SHARE_ROW_EXCLUSIVE, LockEffect.NONE, false);
		}
		else if (create.kind() == ObjectKind.RULE || create.kind() == ObjectKind.POLICY) {
			lock(locks, create.on(), ACCESS_EXCLUSIVE, LockEffect.NONE, false);
		}
		else if (create.kind() == ObjectKind.VIEW && create.orReplace()) {
			lock(locks, create.name(), ACCESS_EXCLUSIVE, LockEffect.NONE, false);
		}
	}

	private static void lock(Collector locks, @Nullable ObjectName table, String mode, LockEffect effect,
			boolean withReferenced) {
		int strength = MODES.indexOf(mode) + 1;
		boolean reads = mode.equals(ACCESS_EXCLUSIVE);
		boolean writes = strength >= MODES.indexOf("SHARE") + 1;
		locks.add(table, mode, strength, reads, writes, effect, withReferenced);
	}

}
