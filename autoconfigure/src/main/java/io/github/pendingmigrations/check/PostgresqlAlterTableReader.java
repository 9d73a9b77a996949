package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Set;

import io.github.pendingmigrations.check.Fact.AlterColumn.Change;
import io.github.pendingmigrations.check.Fact.ChangeBehaviour.Kind;

/**
 * Reads {@code ALTER TABLE} of PostgreSQL, behind these words.
 */
final class PostgresqlAlterTableReader implements HeadReader {

	private final ColumnReader columns;

	private final ConstraintReader constraints;

	private final Expressions expressions;

	PostgresqlAlterTableReader(ColumnReader columns, ConstraintReader constraints, Expressions expressions) {
		this.columns = columns;
		this.constraints = constraints;
		this.expressions = expressions;
	}

	@Override
	public void read(Tokens t, List<Fact> facts) {
		Token first = t.peek();
		if (t.accept("ALL", "IN", "TABLESPACE")) {
			t.name();
			if (t.accept("OWNED", "BY")) {
				t.until(Set.of("SET"), false);
			}
			t.expect("SET");
			t.expect("TABLESPACE");
			t.name();
			t.accept("NOWAIT");
			t.expectEnd();
			facts.add(new Fact.RewriteTable(t.rangeSince(first), null, "SET TABLESPACE", false));
			return;
		}
		t.accept("IF", "EXISTS");
		t.accept("ONLY");
		ObjectName table = t.objectName();
		t.acceptSymbol('*');
		do {
			readAction(t, table, facts);
		}
		while (t.acceptSymbol(','));
		t.expectEnd();
	}

	private void readAction(Tokens t, ObjectName table, List<Fact> facts) {
		Token first = t.peek();
		if (t.accept("ADD")) {
			readAdd(t, first, table, facts);
		}
		else if (t.accept("DROP")) {
			readDrop(t, first, table, facts);
		}
		else if (t.accept("ALTER")) {
			readAlter(t, first, table, facts);
		}
		else if (t.accept("VALIDATE", "CONSTRAINT")) {
			String name = t.name();
			facts.add(new Fact.ValidateConstraint(t.rangeSince(first), table, name));
		}
		else if (t.accept("RENAME")) {
			readRename(t, first, table, facts);
		}
		else if (t.accept("SET")) {
			readSet(t, first, table, facts);
		}
		else if (t.accept("ATTACH", "PARTITION")) {
			ObjectName partition = t.objectName();
			if (!t.accept("DEFAULT")) {
				t.expect("FOR");
				t.expect("VALUES");
				if (t.accept("IN") || t.accept("WITH")) {
					t.parenthesized();
				}
				else {
					t.expect("FROM");
					t.parenthesized();
					t.expect("TO");
					t.parenthesized();
				}
			}
			facts.add(new Fact.AlterPartition(t.rangeSince(first), table, partition, Fact.AlterPartition.Change.ATTACH,
					false));
		}
		else if (t.accept("DETACH", "PARTITION")) {
			readDetach(t, first, table, facts);
		}
		else {
			readSetting(t, first, table, facts);
		}
	}

	private void readAdd(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		if (this.constraints.startsHere(t)) {
			ConstraintDefinition constraint = this.constraints.readTable(t, facts);
			facts.add(new Fact.AddConstraint(t.rangeSince(first), table, constraint, false));
			return;
		}
		t.accept("COLUMN");
		boolean ifNotExists = t.accept("IF", "NOT", "EXISTS");
		ColumnDefinition column = this.columns.read(t, facts);
		if (column.type().isEmpty()) {
			throw t.unreadable("expected a type");
		}
		facts.add(new Fact.AddColumn(t.rangeSince(first), table, column, ifNotExists));
	}

	private static void readDrop(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		boolean constraint = t.accept("CONSTRAINT");
		if (!constraint) {
			t.accept("COLUMN");
		}
		boolean ifExists = t.accept("IF", "EXISTS");
		String name = t.name();
		boolean cascade = t.accept("CASCADE");
		if (!cascade) {
			t.accept("RESTRICT");
		}
		SourceRange range = t.rangeSince(first);
		facts.add(constraint ? new Fact.DropConstraint(range, table, name, ConstraintKind.UNSPECIFIED, cascade, false)
				: new Fact.DropColumn(range, table, name, ifExists, cascade));
	}

	private void readAlter(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		if (t.accept("CONSTRAINT")) {
			t.name();
			boolean enforced = false;
			while (!t.atEnd() && !t.isSymbol(',')) {
				boolean known = t.accept("DEFERRABLE") || t.accept("NOT", "DEFERRABLE")
						|| t.accept("INITIALLY", "DEFERRED") || t.accept("INITIALLY", "IMMEDIATE")
						|| t.accept("NOT", "ENFORCED") || t.accept("NO", "INHERIT") || t.accept("INHERIT");
				if (!known) {
					t.expect("ENFORCED");
					enforced = true;
				}
			}
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), table, Kind.SETTING, enforced));
			if (enforced) {
				facts.add(new Fact.RewriteTable(t.rangeSince(first), table, "ENFORCED", false));
			}
			return;
		}
		t.accept("COLUMN");
		String column = t.peek().kind() == TokenKind.NUMBER ? t.take().text() : t.name();
		if (t.accept("TYPE") || t.accept("SET", "DATA", "TYPE")) {
			readType(t, first, table, column, facts);
			return;
		}
		Change change = readChange(t, facts);
		facts.add(new Fact.AlterColumn(t.rangeSince(first), table, column, change));
		if (change == Change.SET_EXPRESSION) {
			facts.add(new Fact.NeedsVersion(t.rangeSince(first), "SET EXPRESSION", 17));
			facts.add(new Fact.RewriteTable(t.rangeSince(first), table, "SET EXPRESSION", false));
		}
	}

	private void readType(Tokens t, Token first, ObjectName table, String column, List<Fact> facts) {
		String type = this.columns.readType(t);
		if (t.accept("COLLATE")) {
			t.objectName();
		}
		String conversion = null;
		boolean keepsValues = true;
		if (t.accept("USING")) {
			Tokens expression = t.until(Set.of(), true);
			if (expression.size() == 0) {
				throw t.unreadable("expected an expression");
			}
			conversion = expression.text();
			this.expressions.checkCalls(expression, facts);
			keepsValues = false;
			for (int i = 0; i < expression.size(); i++) {
				Token token = expression.get(i);
				boolean name = token.kind() == TokenKind.QUOTED || token.kind() == TokenKind.WORD;
				String text = (token.kind() == TokenKind.WORD)
						? t.dialect().fold(t.source().text(token.start(), token.end())) : token.text();
				keepsValues |= name && text.equals(column);
			}
		}
		facts.add(new Fact.AlterColumnType(t.rangeSince(first), table, column, type, conversion, keepsValues));
	}

	private Change readChange(Tokens t, List<Fact> facts) {
		if (t.accept("SET", "NOT", "NULL")) {
			return Change.SET_NOT_NULL;
		}
		if (t.accept("DROP", "NOT", "NULL")) {
			return Change.DROP_NOT_NULL;
		}
		if (t.accept("DROP", "DEFAULT")) {
			return Change.DROP_DEFAULT;
		}
		if (t.accept("SET", "DEFAULT")) {
			Tokens expression = this.columns.readExpression(t);
			this.expressions.checkCalls(expression, facts);
			return this.expressions.classify(expression) == ColumnDefinition.DefaultValue.NULL ? Change.DROP_DEFAULT
					: Change.SET_DEFAULT;
		}
		if (t.accept("DROP", "EXPRESSION") || t.accept("DROP", "IDENTITY")) {
			Change change = t.previous().isWord("IDENTITY") ? Change.DROP_IDENTITY : Change.DROP_EXPRESSION;
			t.accept("IF", "EXISTS");
			return change;
		}
		if (t.accept("SET", "EXPRESSION")) {
			t.expect("AS");
			this.expressions.checkCalls(t.parenthesized(), facts);
			return Change.SET_EXPRESSION;
		}
		if (t.accept("ADD", "GENERATED")) {
			boolean always = readIdentityKind(t);
			t.expect("AS");
			t.expect("IDENTITY");
			if (t.isSymbol('(')) {
				t.parenthesized();
			}
			return always ? Change.REFUSE_VALUES : Change.GENERATE_VALUES;
		}
		if (t.is("RESTART") || (t.is("SET") && t.peek(1).kind() == TokenKind.WORD && isIdentityOption(t.peek(1)))) {
			return readIdentityOptions(t);
		}
		if (t.accept("SET", "STATISTICS") || t.accept("SET", "STORAGE") || t.accept("SET", "COMPRESSION")) {
			t.acceptSymbol('-');
			t.take();
			return Change.SETTING;
		}
		if ((t.is("SET") || t.is("RESET")) && t.peek(1).isSymbol('(')) {
			t.take();
			t.parenthesized();
			return Change.SETTING;
		}
		throw t.unreadable("not known here");
	}

	private static boolean isIdentityOption(Token token) {
		return Set.of("GENERATED", "INCREMENT", "MINVALUE", "MAXVALUE", "START", "CACHE", "CYCLE", "NO", "RESTART")
			.contains(token.text());
	}

	private static boolean readIdentityKind(Tokens t) {
		if (t.accept("ALWAYS")) {
			return true;
		}
		t.expect("BY");
		t.expect("DEFAULT");
		return false;
	}

	private static Change readIdentityOptions(Tokens t) {
		Change change = Change.SETTING;
		while (t.is("RESTART") || t.is("SET")) {
			if (t.accept("SET", "GENERATED")) {
				change = readIdentityKind(t) ? Change.REFUSE_VALUES : Change.GENERATE_VALUES;
			}
			else {
				t.accept("SET");
				t.take();
				while (!t.atEnd() && !t.isSymbol(',') && !t.is("SET") && !t.is("RESTART")) {
					t.take();
				}
			}
		}
		return change;
	}

	static void readRename(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		if (t.accept("TO")) {
			String name = t.name();
			facts.add(new Fact.RenameObject(t.rangeSince(first), ObjectKind.TABLE, table,
					new ObjectName(table.schema(), name)));
			return;
		}
		if (t.accept("CONSTRAINT")) {
			String from = t.name();
			t.expect("TO");
			t.name();
			facts.add(new Fact.Harmless(t.rangeSince(first), "RENAME CONSTRAINT " + from, table));
			return;
		}
		t.accept("COLUMN");
		String from = t.name();
		t.expect("TO");
		String to = t.name();
		facts.add(new Fact.RenameColumn(t.rangeSince(first), table, from, to));
	}

	private static void readSet(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		if (t.accept("SCHEMA")) {
			String schema = t.name();
			facts.add(new Fact.RenameObject(t.rangeSince(first), ObjectKind.TABLE, table,
					new ObjectName(schema, table.name())));
		}
		else if (t.accept("LOGGED") || t.accept("UNLOGGED")) {
			String how = "SET " + t.previous().text();
			facts.add(new Fact.RewriteTable(t.rangeSince(first), table, how, false));
		}
		else if (t.accept("TABLESPACE") || t.accept("ACCESS", "METHOD")) {
			String how = "SET " + (t.previous().isWord("METHOD") ? "ACCESS METHOD" : "TABLESPACE");
			if (!t.accept("DEFAULT")) {
				t.name();
			}
			facts.add(new Fact.RewriteTable(t.rangeSince(first), table, how, false));
		}
		else if (t.accept("WITHOUT")) {
			if (!t.accept("CLUSTER")) {
				t.expect("OIDS");
			}
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), table, Kind.SETTING, false));
		}
		else {
			t.parenthesized();
			facts.add(new Fact.Harmless(t.rangeSince(first), "SET", table));
		}
	}

	private static void readDetach(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		ObjectName partition = t.objectName();
		boolean concurrently = t.accept("CONCURRENTLY");
		boolean finalize = !concurrently && t.accept("FINALIZE");
		SourceRange range = t.rangeSince(first);
		facts.add(new Fact.AlterPartition(range, table, partition,
				finalize ? Fact.AlterPartition.Change.FINALIZE_DETACH : Fact.AlterPartition.Change.DETACH,
				concurrently));
		if (concurrently) {
			facts.add(new Fact.OutsideTransaction(range, "DETACH PARTITION … CONCURRENTLY"));
			facts.add(new Fact.NeedsVersion(range, "DETACH PARTITION … CONCURRENTLY", 14));
		}
	}

	private static void readSetting(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		Kind kind;
		boolean restricts = false;
		if (t.is("ENABLE") || t.is("DISABLE")) {
			boolean enable = t.take().isWord("ENABLE");
			restricts = true;
			if (t.accept("ROW", "LEVEL", "SECURITY")) {
				// without it, code that leans on it sees the rows of everybody
				kind = Kind.ROW_SECURITY;
			}
			else {
				if (enable && !t.accept("REPLICA")) {
					t.accept("ALWAYS");
				}
				kind = t.is("RULE") ? Kind.RULE : Kind.TRIGGER;
				if (!t.accept("RULE")) {
					t.expect("TRIGGER");
				}
				if (!t.accept("ALL") && !t.accept("USER")) {
					t.name();
				}
			}
		}
		else if (t.is("FORCE") || t.is("NO", "FORCE")) {
			restricts = true;
			t.accept("NO");
			t.expect("FORCE");
			t.expect("ROW");
			t.expect("LEVEL");
			t.expect("SECURITY");
			kind = Kind.ROW_SECURITY;
		}
		else if (t.accept("OWNER", "TO")) {
			t.name();
			kind = Kind.OWNER;
			restricts = true;
		}
		else if (t.accept("INHERIT") || t.accept("NO", "INHERIT")) {
			t.objectName();
			kind = Kind.INHERITANCE;
			restricts = true;
		}
		else if (t.accept("REPLICA", "IDENTITY")) {
			if (t.accept("USING", "INDEX")) {
				t.name();
			}
			else {
				// updates and deletes of a published table are refused then
				restricts = t.take().isWord("NOTHING");
			}
			kind = restricts ? Kind.SETTING : Kind.REPLICA_IDENTITY;
		}
		else if (t.accept("CLUSTER", "ON") || t.accept("OF")) {
			t.objectName();
			kind = Kind.SETTING;
		}
		else if (t.accept("NOT", "OF")) {
			kind = Kind.SETTING;
		}
		else {
			t.expect("RESET");
			t.parenthesized();
			facts.add(new Fact.Harmless(t.rangeSince(first), "RESET", table));
			return;
		}
		facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), table, kind, restricts));
	}

}
