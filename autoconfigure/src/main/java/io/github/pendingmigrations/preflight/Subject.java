package io.github.pendingmigrations.preflight;

import java.util.ArrayList;
import java.util.List;

import io.github.pendingmigrations.DatabaseProduct;
import io.github.pendingmigrations.PendingMigrationType;
import io.github.pendingmigrations.PendingMigrations.Statement;
import io.github.pendingmigrations.PendingScript;
import io.github.pendingmigrations.PendingScript.SqlBody;
import io.github.pendingmigrations.Preflight.Lock;
import io.github.pendingmigrations.StatementLocks;
import io.github.pendingmigrations.StatementLocks.Reading;
import io.github.pendingmigrations.StatementLocks.Removal;
import io.github.pendingmigrations.StatementLocks.TableLock;

/**
 * What a migration is about to do.
 *
 * @param type how it is written
 * @param statements its remaining statements
 */
record Subject(PendingMigrationType type, List<ReadStatement> statements) {

	static Subject of(PendingScript script, int statementsDone, DatabaseProduct product, StatementLocks reader) {
		List<ReadStatement> statements = new ArrayList<>();
		// A Java migration is not even created before it is applied
		if (script.type() == PendingMigrationType.SQL && script.load() instanceof SqlBody body) {
			for (Statement statement : body.statements()) {
				if (statement.number() > statementsDone) {
					statements.add(new ReadStatement(statement.number(), reader.read(product, statement.sql())));
				}
			}
		}
		return new Subject(script.type(), statements);
	}

	/**
	 * Return all locks, as the statements name the tables.
	 */
	List<Lock> locks() {
		List<Lock> locks = new ArrayList<>();
		for (ReadStatement statement : this.statements) {
			for (TableLock lock : statement.reading().locks()) {
				locks.add(new Lock(lock.table(), lock.mode(), lock.work(), List.of(statement.number()), false));
			}
		}
		return locks;
	}

	/**
	 * A statement and what it says.
	 *
	 * @param number its number
	 * @param reading what it says
	 */
	record ReadStatement(int number, Reading reading) {

		List<Removal> removals() {
			return this.reading.removals();
		}

	}

}
