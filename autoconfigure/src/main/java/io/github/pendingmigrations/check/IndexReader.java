package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Reads the definition of an index.
 */
final class IndexReader {

	private final ConstraintReader constraints;

	private final Expressions expressions;

	IndexReader(ConstraintReader constraints, Expressions expressions) {
		this.constraints = constraints;
		this.expressions = expressions;
	}

	/**
	 * Read an index that {@code ALTER TABLE} of MySQL adds.
	 * @param t the tokens
	 * @param first the first token of the action
	 * @param table the table
	 * @return what it does
	 */
	Fact readInAlter(Tokens t, Token first, ObjectName table) {
		boolean special = t.accept("FULLTEXT") || t.accept("SPATIAL");
		String name = this.constraints.readMysqlIndexHead(t);
		String columns = t.parenthesized().text();
		while (ConstraintReader.readMysqlIndexOption(t)) {
			// in any order
		}
		return new Fact.CreateIndex(t.rangeSince(first), table, (name != null) ? new ObjectName(null, name) : null,
				false, false, false, special, false, columns);
	}

	/**
	 * Read {@code CREATE INDEX} behind the words that say what kind of index it is.
	 * @param t the tokens, behind {@code INDEX}
	 * @param first the first token of the statement
	 * @param unique whether it is unique
	 * @param special whether it is of a special kind
	 * @param facts where to add what it does
	 */
	void readCreate(Tokens t, Token first, boolean unique, boolean special, List<Fact> facts) {
		boolean concurrently = t.isPostgresql() && t.accept("CONCURRENTLY");
		boolean ifNotExists = t.accept("IF", "NOT", "EXISTS");
		ObjectName name = t.is("ON") ? null : t.objectName();
		if (t.isMysql() && t.accept("USING")) {
			t.name();
		}
		t.expect("ON");
		boolean only = t.isPostgresql() && t.accept("ONLY");
		ObjectName table = t.objectName();
		if (t.isPostgresql() && t.accept("USING")) {
			t.name();
		}
		Tokens columns = t.parenthesized();
		checkColumns(columns, facts);
		String algorithm = null;
		String lock = null;
		while (!t.atEnd()) {
			if (t.accept("ALGORITHM")) {
				t.acceptSymbol('=');
				algorithm = t.take().text();
			}
			else if (t.accept("LOCK")) {
				t.acceptSymbol('=');
				lock = t.take().text();
			}
			else {
				readTail(t, facts);
			}
		}
		SourceRange range = t.rangeSince(first);
		if (algorithm != null || lock != null) {
			facts.add(new Fact.ExecutionOption(range, table, algorithm, lock));
		}
		facts.add(new Fact.CreateIndex(range, table, qualify(name, table), unique, concurrently, only, special,
				ifNotExists, columns.text()));
		if (concurrently) {
			facts.add(new Fact.OutsideTransaction(range, "CREATE INDEX CONCURRENTLY"));
		}
	}

	private void checkColumns(Tokens columns, List<Fact> facts) {
		if (!columns.isMysql()) {
			this.expressions.checkCalls(columns, facts);
			return;
		}
		int start = columns.mark();
		while (!columns.atEnd()) {
			// c(10) is a prefix, an expression stands in parentheses of its own
			if (columns.isSymbol('(')) {
				this.expressions.checkCalls(columns.parenthesized(), facts);
			}
			columns.until(Set.of(), true);
			columns.acceptSymbol(',');
		}
		columns.reset(start);
	}

	// an index is in the schema of its table
	private static @Nullable ObjectName qualify(@Nullable ObjectName name, ObjectName table) {
		return (name != null && name.schema() == null) ? new ObjectName(table.schema(), name.name()) : name;
	}

	private void readTail(Tokens t, List<Fact> facts) {
		if (t.isMysql() && ConstraintReader.readMysqlIndexOption(t)) {
			return;
		}
		if (t.isMysql() && (t.accept("WAIT") || t.accept("NOWAIT"))) {
			if (t.previous().isWord("WAIT")) {
				t.take();
			}
			return;
		}
		if (t.isPostgresql()) {
			if (t.accept("INCLUDE") || t.accept("WITH")) {
				t.parenthesized();
				return;
			}
			if (t.accept("NULLS", "NOT", "DISTINCT") || t.accept("NULLS", "DISTINCT")) {
				return;
			}
			if (t.accept("TABLESPACE")) {
				t.name();
				return;
			}
		}
		if (t.accept("WHERE")) {
			Tokens condition = t.until(Set.of(), false);
			if (condition.size() == 0) {
				throw t.unreadable("expected a condition");
			}
			this.expressions.checkCalls(condition, facts);
			return;
		}
		throw t.unreadable("not known here");
	}

}
