package io.github.pendingmigrations.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.StatementLocks;
import io.github.pendingmigrations.TableName;
import io.github.pendingmigrations.check.Dialect;
import io.github.pendingmigrations.check.Fact;
import io.github.pendingmigrations.check.ObjectKind;
import io.github.pendingmigrations.check.ObjectName;
import io.github.pendingmigrations.check.SqlScript;
import io.github.pendingmigrations.check.SqlStatement;
import org.jspecify.annotations.Nullable;

/**
 * {@link StatementLocks} by the reader of the checker.
 */
class SqlStatementLocks implements StatementLocks {

	private static final Set<ObjectKind> RELATIONS = Set.of(ObjectKind.TABLE, ObjectKind.VIEW,
			ObjectKind.MATERIALIZED_VIEW, ObjectKind.SEQUENCE);

	@Override
	public Reading read(DatabaseProduct product, String sql) {
		Dialect dialect = Dialect.of(product.name());
		SqlScript script = SqlScript.read(sql, dialect);
		boolean understood = !script.isUnknown();
		List<TableLock> locks = new ArrayList<>();
		List<Removal> removals = new ArrayList<>();
		for (SqlStatement statement : script.statements()) {
			// The version decides between a shorter and a longer time under the same lock
			for (io.github.pendingmigrations.check.TableLock lock : statement.locks(dialect, 0)) {
				ObjectName table = lock.table();
				if (table != null) {
					locks.add(new TableLock(name(table), lock.lock(), work(lock)));
				}
				else {
					understood = false;
				}
			}
			for (Fact fact : statement.facts()) {
				Removal removal = removal(product, fact);
				if (removal != null) {
					removals.add(removal);
				}
			}
		}
		return new Reading(understood, locks, removals);
	}

	private static Work work(io.github.pendingmigrations.check.TableLock lock) {
		if (!lock.blocksReads() && !lock.blocksWrites()) {
			return Work.NONE;
		}
		return switch (lock.effect()) {
			case NONE, ROWS -> Work.NONE;
			case SCAN, BUILD -> Work.SCAN;
			case REWRITE -> Work.REWRITE;
		};
	}

	private static @Nullable Removal removal(DatabaseProduct product, Fact fact) {
		if (fact instanceof Fact.DropColumn drop) {
			return new Removal(Removal.Kind.COLUMN, name(drop.table()), drop.column(), drop.cascade());
		}
		if (fact instanceof Fact.DropConstraint drop && drop.name() != null && !drop.domain()) {
			return new Removal(Removal.Kind.CONSTRAINT, name(drop.table()), drop.name(), drop.cascade());
		}
		if (fact instanceof Fact.DropObject drop && !drop.temporary() && isRelation(product, drop.kind())) {
			return new Removal(Removal.Kind.RELATION, name(drop.name()), null, drop.cascade());
		}
		return null;
	}

	/**
	 * Only with PostgreSQL does an index have a name of its own in its schema.
	 */
	private static boolean isRelation(DatabaseProduct product, ObjectKind kind) {
		return RELATIONS.contains(kind) || (kind == ObjectKind.INDEX && product == DatabaseProduct.POSTGRESQL);
	}

	private static TableName name(ObjectName name) {
		return new TableName(name.schema(), name.name());
	}

}
