package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Set;

import io.github.pendingmigrations.check.Fact.AlterColumn.Change;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code ALTER TABLE} of H2 and what other databases have in common with it, behind
 * these words.
 */
final class StandardAlterTableReader implements HeadReader {

	private final ColumnReader columns;

	private final ConstraintReader constraints;

	private final Expressions expressions;

	StandardAlterTableReader(ColumnReader columns, ConstraintReader constraints, Expressions expressions) {
		this.columns = columns;
		this.constraints = constraints;
		this.expressions = expressions;
	}

	@Override
	public void read(Tokens t, List<Fact> facts) {
		t.accept("IF", "EXISTS");
		ObjectName table = t.objectName();
		Token first = t.peek();
		if (t.accept("ADD")) {
			readAdd(t, first, table, facts);
		}
		else if (t.accept("DROP")) {
			readDrop(t, first, table, facts);
		}
		else if (t.accept("ALTER") || (t.isH2() && t.accept("MODIFY"))) {
			t.accept("COLUMN");
			t.accept("IF", "EXISTS");
			readAlter(t, first, table, facts);
		}
		else if (t.accept("RENAME")) {
			PostgresqlAlterTableReader.readRename(t, first, table, facts);
		}
		else if (t.isH2() && t.accept("SET", "REFERENTIAL_INTEGRITY")) {
			t.take();
			if (!t.accept("CHECK")) {
				t.accept("NOCHECK");
			}
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), table, Fact.ChangeBehaviour.Kind.SETTING, true));
		}
		else {
			throw t.unreadable("not known here");
		}
		t.expectEnd();
	}

	private void readAdd(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		if (this.constraints.startsHere(t)) {
			ConstraintDefinition constraint = this.constraints.readTable(t, facts);
			facts.add(new Fact.AddConstraint(t.rangeSince(first), table, constraint, false));
			return;
		}
		t.accept("COLUMN");
		boolean ifNotExists = t.accept("IF", "NOT", "EXISTS");
		if (!t.isSymbol('(')) {
			addColumn(t, first, table, ifNotExists, facts);
			return;
		}
		Tokens inside = t.parenthesized();
		do {
			addColumn(inside, inside.peek(), table, ifNotExists, facts);
		}
		while (inside.acceptSymbol(','));
		inside.expectEnd();
		if (!t.atEnd()) {
			// BEFORE c, AFTER c
			t.take();
			t.name();
		}
	}

	private void addColumn(Tokens t, Token first, ObjectName table, boolean ifNotExists, List<Fact> facts) {
		ColumnDefinition column = this.columns.read(t, facts);
		if (column.type().isEmpty() && column.generation() == ColumnDefinition.Generation.NONE) {
			throw t.unreadable("expected a type");
		}
		facts.add(new Fact.AddColumn(t.rangeSince(first), table, column, ifNotExists));
	}

	private static void readDrop(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		if (t.accept("PRIMARY", "KEY")) {
			facts.add(new Fact.DropConstraint(t.rangeSince(first), table, null, ConstraintKind.PRIMARY_KEY, false,
					false));
			return;
		}
		if (t.accept("CONSTRAINT")) {
			t.accept("IF", "EXISTS");
			String name = t.name();
			boolean cascade = readBehaviour(t);
			facts.add(new Fact.DropConstraint(t.rangeSince(first), table, name, ConstraintKind.UNSPECIFIED, cascade,
					false));
			return;
		}
		t.accept("COLUMN");
		boolean ifExists = t.accept("IF", "EXISTS");
		boolean parentheses = t.isSymbol('(');
		Tokens names = parentheses ? t.parenthesized() : t;
		do {
			Token start = parentheses ? names.peek() : first;
			String column = names.name();
			facts.add(new Fact.DropColumn(names.rangeSince(start), table, column, ifExists, false));
		}
		while (names.acceptSymbol(','));
		if (parentheses) {
			names.expectEnd();
		}
		if (readBehaviour(t)) {
			Fact.DropColumn last = (Fact.DropColumn) facts.remove(facts.size() - 1);
			facts.add(new Fact.DropColumn(last.range(), table, last.column(), ifExists, true));
		}
	}

	private static boolean readBehaviour(Tokens t) {
		if (t.accept("CASCADE")) {
			t.accept("CONSTRAINTS");
			return true;
		}
		t.accept("RESTRICT");
		return false;
	}

	private void readAlter(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		String column = t.name();
		if (t.accept("RENAME", "TO")) {
			String to = t.name();
			facts.add(new Fact.RenameColumn(t.rangeSince(first), table, column, to));
			return;
		}
		if (t.accept("SET", "DATA", "TYPE") || t.accept("TYPE")) {
			ColumnDefinition definition = this.columns.read(t, column, facts);
			facts.add(new Fact.AlterColumnType(t.rangeSince(first), table, column, definition.type(), null, true));
			return;
		}
		Change change = readChange(t, facts);
		if (change != null) {
			facts.add(new Fact.AlterColumn(t.rangeSince(first), table, column, change));
			return;
		}
		ColumnDefinition definition = this.columns.read(t, column, facts);
		if (definition.type().isEmpty()) {
			throw t.unreadable("expected a type");
		}
		facts.add(new Fact.RedefineColumn(t.rangeSince(first), table, column, definition));
	}

	private @Nullable Change readChange(Tokens t, List<Fact> facts) {
		if (t.accept("SET", "NULL") || t.accept("DROP", "NOT", "NULL")) {
			return Change.DROP_NOT_NULL;
		}
		if (t.accept("SET", "NOT", "NULL")) {
			return Change.SET_NOT_NULL;
		}
		if (t.accept("DROP", "DEFAULT") || t.accept("SET", "DEFAULT", "NULL")) {
			return Change.DROP_DEFAULT;
		}
		if (t.accept("SET", "DEFAULT")) {
			this.expressions.checkCalls(this.columns.readExpression(t), facts);
			return Change.SET_DEFAULT;
		}
		if (!t.isH2()) {
			return null;
		}
		if (t.accept("DROP", "ON", "UPDATE") || t.accept("SET", "VISIBLE") || t.accept("SET", "INVISIBLE")) {
			return Change.SETTING;
		}
		if (t.accept("SET", "ON", "UPDATE")) {
			this.expressions.checkCalls(this.columns.readExpression(t), facts);
			return Change.SETTING;
		}
		if (t.accept("DROP", "IDENTITY")) {
			return Change.DROP_IDENTITY;
		}
		if (t.accept("DROP", "EXPRESSION")) {
			return Change.DROP_EXPRESSION;
		}
		if (t.accept("SELECTIVITY") || t.accept("RESTART", "WITH")) {
			t.take();
			return Change.SETTING;
		}
		if (t.accept("RESTART")) {
			return Change.SETTING;
		}
		if (t.accept("SET", "GENERATED", "ALWAYS")) {
			return Change.REFUSE_VALUES;
		}
		if (t.accept("SET", "GENERATED", "BY")) {
			t.expect("DEFAULT");
			return Change.GENERATE_VALUES;
		}
		if (t.is("SET") && t.peek(1).kind() == TokenKind.WORD
				&& Set.of("INCREMENT", "CACHE").contains(t.peek(1).text())) {
			t.take();
			t.take();
			t.accept("BY");
			t.take();
			return Change.SETTING;
		}
		return null;
	}

}
