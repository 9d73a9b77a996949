package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Reads the definition of a constraint.
 */
final class ConstraintReader {

	/** The words that a constraint in a column's definition starts with. */
	static final Set<String> INLINE_STARTS = Set.of("CONSTRAINT", "PRIMARY", "UNIQUE", "KEY", "CHECK", "REFERENCES");

	private static final Set<String> TABLE_STARTS = Set.of("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK",
			"EXCLUDE");

	private static final Set<String> ACTIONS = Set.of("CASCADE", "RESTRICT");

	private final Expressions expressions;

	ConstraintReader(Expressions expressions) {
		this.expressions = expressions;
	}

	/**
	 * Return whether a constraint of a table starts here.
	 * @param t the tokens
	 * @return {@code true} if it does
	 */
	boolean startsHere(Tokens t) {
		if (t.is("CHECK") && !t.peek(1).isSymbol('(') && !t.peek(1).isWord("CONSTRAINT")) {
			return false;
		}
		boolean named = t.is("CONSTRAINT") || t.is("NOT", "NULL");
		return named || t.isAny(TABLE_STARTS);
	}

	/**
	 * Read a constraint that stands in the definition of a column.
	 * @param t the tokens
	 * @param column the column
	 * @param facts where to add what it does besides
	 * @return the constraint, of kind {@code NOT_NULL} also for {@code NOT NULL} with a
	 * name
	 */
	ConstraintDefinition readInline(Tokens t, String column, List<Fact> facts) {
		Token first = t.peek();
		String name = t.accept("CONSTRAINT") ? t.name() : null;
		List<String> columns = List.of(column);
		Options options = new Options();
		ConstraintKind kind;
		ObjectName references = null;
		String notNull = null;
		if (t.accept("NOT", "NULL")) {
			kind = ConstraintKind.NOT_NULL;
		}
		else if (t.accept("NULL") || t.is("DEFAULT") || t.is("GENERATED")) {
			// PostgreSQL lets a name stand before these, too, and forgets it
			return new ConstraintDefinition(ConstraintKind.UNSPECIFIED, null, columns, null, false, false, false, null,
					"");
		}
		else if (t.accept("PRIMARY", "KEY") || (t.isMysql() && t.accept("KEY"))) {
			kind = ConstraintKind.PRIMARY_KEY;
		}
		else if (t.accept("UNIQUE")) {
			t.accept("KEY");
			kind = ConstraintKind.UNIQUE;
		}
		else if (t.accept("CHECK")) {
			kind = ConstraintKind.CHECK;
			notNull = readCondition(t, facts);
		}
		else if (t.accept("REFERENCES")) {
			kind = ConstraintKind.FOREIGN_KEY;
			references = t.objectName();
			if (t.isSymbol('(')) {
				t.parenthesized();
			}
		}
		else {
			throw t.unreadable("expected a constraint");
		}
		options.read(t, kind);
		if (options.since18) {
			facts.add(new Fact.NeedsVersion(t.rangeSince(first), "NOT ENFORCED", 18));
		}
		return new ConstraintDefinition(kind, name, columns, references, options.notValid, options.enforced, false,
				notNull, t.source().text(first.start(), t.previous().end()));
	}

	/**
	 * Read a constraint of a table.
	 * @param t the tokens
	 * @param facts where to add what it does besides
	 * @return the constraint
	 */
	ConstraintDefinition readTable(Tokens t, List<Fact> facts) {
		Token first = t.peek();
		String name = null;
		if (t.accept("CONSTRAINT")) {
			t.accept("IF", "NOT", "EXISTS");
			boolean unnamed = t.is("PRIMARY", "KEY") || t.is("UNIQUE") || t.is("FOREIGN", "KEY") || t.is("CHECK");
			name = unnamed ? null : t.name();
		}
		List<String> columns = List.of();
		ObjectName references = null;
		String notNull = null;
		ConstraintKind kind;
		Options options = new Options();
		if (t.accept("PRIMARY", "KEY") || t.accept("UNIQUE")) {
			kind = t.previous().isWord("UNIQUE") ? ConstraintKind.UNIQUE : ConstraintKind.PRIMARY_KEY;
			String index = readMysqlIndexHead(t);
			name = (name != null) ? name : index;
			t.accept("NULLS", "NOT", "DISTINCT");
			t.accept("NULLS", "DISTINCT");
			if (t.accept("USING", "INDEX")) {
				t.name();
				options.usingIndex = true;
			}
			else {
				columns = readColumns(t);
			}
		}
		else if (t.accept("FOREIGN", "KEY")) {
			kind = ConstraintKind.FOREIGN_KEY;
			t.accept("IF", "NOT", "EXISTS");
			if (!t.isSymbol('(')) {
				String index = t.name();
				name = (name != null) ? name : index;
			}
			columns = readColumns(t);
			t.expect("REFERENCES");
			references = t.objectName();
			if (t.isSymbol('(')) {
				t.parenthesized();
			}
		}
		else if (t.accept("CHECK")) {
			kind = ConstraintKind.CHECK;
			notNull = readCondition(t, facts);
		}
		else if (t.isPostgresql() && t.accept("EXCLUDE")) {
			kind = ConstraintKind.EXCLUDE;
			if (t.accept("USING")) {
				t.name();
			}
			t.parenthesized();
		}
		else if (t.isPostgresql() && t.accept("NOT", "NULL")) {
			kind = ConstraintKind.NOT_NULL;
			columns = List.of(t.name());
			facts.add(new Fact.NeedsVersion(t.rangeSince(first), "a NOT NULL constraint with a name", 18));
		}
		else {
			throw t.unreadable("expected a constraint");
		}
		options.read(t, kind);
		if (options.since18) {
			facts.add(new Fact.NeedsVersion(t.rangeSince(first), "NOT ENFORCED", 18));
		}
		return new ConstraintDefinition(kind, name, columns, references, options.notValid, options.enforced,
				options.usingIndex, notNull, t.source().text(first.start(), t.previous().end()));
	}

	/**
	 * Read what MySQL lets stand between the kind of an index and its columns.
	 * @param t the tokens
	 * @return the name of the index, or {@code null} if it has none
	 */
	@Nullable String readMysqlIndexHead(Tokens t) {
		if (!t.isMysql() && !t.isH2()) {
			return null;
		}
		if (!t.accept("KEY")) {
			t.accept("INDEX");
		}
		t.accept("IF", "NOT", "EXISTS");
		String name = (!t.isSymbol('(') && !t.is("USING") && t.isName()) ? t.objectName().name() : null;
		if (t.isMysql() && t.accept("USING")) {
			t.name();
		}
		return name;
	}

	List<String> readColumns(Tokens t) {
		Tokens inside = t.parenthesized();
		List<String> columns = new ArrayList<>();
		while (!inside.atEnd()) {
			if (inside.isName()) {
				columns.add(inside.name());
			}
			inside.until(Set.of(), true);
			inside.acceptSymbol(',');
		}
		return columns;
	}

	private @Nullable String readCondition(Tokens t, List<Fact> facts) {
		Tokens condition = t.parenthesized();
		if (condition.size() == 0) {
			throw t.unreadable("expected a condition");
		}
		this.expressions.checkCalls(condition, facts);
		while (condition.isSymbol('(') && condition.size() > 2) {
			Tokens inner = condition.parenthesized();
			if (!condition.atEnd()) {
				return null;
			}
			condition = inner;
		}
		if (condition.size() == 4 && condition.isName()) {
			String column = condition.name();
			return condition.accept("IS", "NOT", "NULL") ? column : null;
		}
		return null;
	}

	/**
	 * What may follow a constraint.
	 */
	private static final class Options {

		private boolean notValid;

		private boolean enforced = true;

		private boolean usingIndex;

		private boolean since18;

		void read(Tokens t, ConstraintKind kind) {
			while (readOne(t, kind)) {
				// in any order
			}
		}

		private boolean readOne(Tokens t, ConstraintKind kind) {
			boolean references = kind == ConstraintKind.FOREIGN_KEY;
			if (t.accept("NOT", "VALID")) {
				this.notValid = true;
				return true;
			}
			if (t.accept("NOT", "ENFORCED")) {
				this.enforced = false;
				this.since18 = t.isPostgresql();
				return true;
			}
			if (references && t.accept("ON")) {
				readAction(t);
				return true;
			}
			if (references && t.accept("MATCH")) {
				t.take();
				return true;
			}
			if (t.accept("INITIALLY")) {
				t.take();
				return true;
			}
			if (t.accept("USING", "INDEX")) {
				t.accept("TABLESPACE");
				t.name();
				return true;
			}
			if (t.isH2() && t.accept("NOCHECK")) {
				this.notValid = true;
				return true;
			}
			return readIndexOption(t, kind) || t.accept("DEFERRABLE") || t.accept("NOT", "DEFERRABLE")
					|| t.accept("ENFORCED") || t.accept("NO", "INHERIT")
					|| (t.isH2() && t.is("CHECK") && !t.peek(1).isSymbol('(') && t.accept("CHECK"));
		}

		private static void readAction(Tokens t) {
			if (!t.accept("DELETE")) {
				t.expect("UPDATE");
			}
			if (t.accept("SET")) {
				if (!t.accept("NULL")) {
					t.expect("DEFAULT");
				}
				if (t.isSymbol('(')) {
					t.parenthesized();
				}
			}
			else if (!t.accept("NO", "ACTION") && t.acceptAny(ACTIONS) == null) {
				throw t.unreadable("expected what happens to the rows");
			}
		}

		private static boolean readIndexOption(Tokens t, ConstraintKind kind) {
			boolean index = kind == ConstraintKind.UNIQUE || kind == ConstraintKind.PRIMARY_KEY
					|| kind == ConstraintKind.EXCLUDE;
			if (!index) {
				return false;
			}
			if (t.accept("INCLUDE") || (t.is("WITH") && t.peek(1).isSymbol('(') && t.accept("WITH"))
					|| (kind == ConstraintKind.EXCLUDE && t.accept("WHERE"))) {
				t.parenthesized();
				return true;
			}
			if (t.accept("NULLS", "NOT", "DISTINCT") || t.accept("NULLS", "DISTINCT")) {
				return true;
			}
			return t.isMysql() && readMysqlIndexOption(t);
		}

	}

	/**
	 * Read one option of an index of MySQL.
	 * @param t the tokens
	 * @return whether there was one
	 */
	static boolean readMysqlIndexOption(Tokens t) {
		if (t.accept("USING") || t.accept("WITH", "PARSER") || t.accept("COMMENT")) {
			t.take();
			return true;
		}
		if (t.accept("KEY_BLOCK_SIZE") || t.accept("CLUSTERING") || t.accept("ENGINE_ATTRIBUTE")) {
			t.acceptSymbol('=');
			t.take();
			return true;
		}
		return t.accept("VISIBLE") || t.accept("INVISIBLE") || t.accept("IGNORED") || t.accept("NOT", "IGNORED");
	}

}
