package io.github.pendingmigrations.check;

/**
 * The locks of H2, and the cautious answer for a database that is not known.
 */
final class StandardLockModel extends LockModel {

	private static final String EXCLUSIVE = "exclusive";

	@Override
	LockEffect effect(Fact fact, int version) {
		boolean copies = fact instanceof Fact.AddColumn || fact instanceof Fact.DropColumn
				|| fact instanceof Fact.AlterColumnType || fact instanceof Fact.RedefineColumn
				|| fact instanceof Fact.RewriteTable;
		if (copies) {
			return LockEffect.REWRITE;
		}
		if (fact instanceof Fact.CreateIndex) {
			return LockEffect.BUILD;
		}
		boolean scans = fact instanceof Fact.AddConstraint
				|| (fact instanceof Fact.AlterColumn alter && alter.change() == Fact.AlterColumn.Change.SET_NOT_NULL);
		if (scans) {
			return LockEffect.SCAN;
		}
		return (fact instanceof Fact.WriteRows) ? LockEffect.ROWS : LockEffect.NONE;
	}

	@Override
	protected void add(Fact fact, int version, Collector locks) {
		LockEffect effect = effect(fact, version);
		if (fact instanceof Fact.WriteRows write) {
			locks.add(write.table(), "row locks", 1, false, false, effect, false);
		}
		else if (fact instanceof Fact.OnTable onTable) {
			locks.add(onTable.table(), EXCLUSIVE, 2, true, true, effect, false);
			if (fact instanceof Fact.AddConstraint add && add.constraint().references() != null) {
				locks.add(add.constraint().references(), EXCLUSIVE, 2, true, true, LockEffect.NONE, false);
			}
		}
		else if (fact instanceof Fact.DropObject drop
				&& (drop.kind() == ObjectKind.TABLE || drop.kind() == ObjectKind.VIEW)) {
			locks.add(drop.name(), EXCLUSIVE, 2, true, true, effect, false);
		}
		else if (fact instanceof Fact.RenameObject rename) {
			locks.add(rename.from(), EXCLUSIVE, 2, true, true, effect, false);
		}
		else if (fact instanceof Fact.CreateTable create) {
			for (ObjectName referenced : create.references()) {
				locks.add(referenced, EXCLUSIVE, 2, true, true, LockEffect.NONE, false);
			}
		}
	}

}
