package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Set;

import io.github.pendingmigrations.check.Fact.AlterColumn.Change;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code ALTER TABLE} of MySQL and MariaDB, behind these words.
 */
final class MysqlAlterTableReader implements HeadReader {

	private static final Set<String> INDEX_KINDS = Set.of("INDEX", "KEY", "FULLTEXT", "SPATIAL");

	private static final Set<String> REWRITING_OPTIONS = Set.of("ENGINE", "ROW_FORMAT", "KEY_BLOCK_SIZE", "COMPRESSION",
			"ENCRYPTION", "PAGE_COMPRESSED", "PAGE_COMPRESSION_LEVEL", "TABLESPACE", "DATA", "ENCRYPTED",
			"ENCRYPTION_KEY_ID", "UNION", "PACK_KEYS", "CHECKSUM");

	private static final Set<String> OPTIONS = Set.of("COMMENT", "AUTO_INCREMENT", "STATS_PERSISTENT",
			"STATS_AUTO_RECALC", "STATS_SAMPLE_PAGES", "MAX_ROWS", "MIN_ROWS", "AVG_ROW_LENGTH", "DELAY_KEY_WRITE",
			"INSERT_METHOD", "CONNECTION", "PASSWORD", "AUTOEXTEND_SIZE", "ENGINE_ATTRIBUTE", "COLLATE", "CHARSET");

	private final ColumnReader columns;

	private final ConstraintReader constraints;

	private final IndexReader indexes;

	private final Expressions expressions;

	MysqlAlterTableReader(ColumnReader columns, ConstraintReader constraints, IndexReader indexes,
			Expressions expressions) {
		this.columns = columns;
		this.constraints = constraints;
		this.indexes = indexes;
		this.expressions = expressions;
	}

	@Override
	public void read(Tokens t, List<Fact> facts) {
		Token first = t.peek();
		t.accept("IF", "EXISTS");
		ObjectName table = t.objectName();
		if (t.accept("WAIT")) {
			t.take();
		}
		else {
			t.accept("NOWAIT");
		}
		String algorithm = null;
		String lock = null;
		int before = facts.size();
		boolean options = false;
		do {
			if (t.accept("ALGORITHM")) {
				t.acceptSymbol('=');
				algorithm = t.take().text();
			}
			else if (t.accept("LOCK")) {
				t.acceptSymbol('=');
				lock = t.take().text();
			}
			else {
				readSpecification(t, table, facts);
			}
			// options of a table and of partitioning need no comma between them
			options = !t.atEnd() && !t.isSymbol(',') && startsOption(t);
		}
		while (options || t.acceptSymbol(','));
		t.expectEnd();
		if (algorithm != null || lock != null) {
			facts.add(before, new Fact.ExecutionOption(t.rangeSince(first), table, algorithm, lock));
		}
	}

	private static boolean startsOption(Tokens t) {
		return t.isAny(REWRITING_OPTIONS) || t.isAny(OPTIONS) || t.is("DEFAULT") || t.is("CHARACTER", "SET")
				|| t.is("PARTITION", "BY") || t.is("REMOVE", "PARTITIONING");
	}

	private void readSpecification(Tokens t, ObjectName table, List<Fact> facts) {
		Token first = t.peek();
		if (t.accept("ADD")) {
			readAdd(t, first, table, facts);
		}
		else if (t.accept("DROP")) {
			readDrop(t, first, table, facts);
		}
		else if (t.accept("CHANGE") || t.accept("MODIFY")) {
			boolean change = t.previous().isWord("CHANGE");
			t.accept("COLUMN");
			t.accept("IF", "EXISTS");
			String column = t.name();
			ColumnDefinition definition = change ? this.columns.read(t, facts) : this.columns.read(t, column, facts);
			if (definition.type().isEmpty()) {
				throw t.unreadable("expected a type");
			}
			facts.add(new Fact.RedefineColumn(t.rangeSince(first), table, column, definition));
		}
		else if (t.accept("ALTER")) {
			readAlter(t, first, table, facts);
		}
		else if (t.accept("RENAME")) {
			readRename(t, first, table, facts);
		}
		else if (t.accept("CONVERT", "TO")) {
			if (!t.accept("CHARSET")) {
				t.expect("CHARACTER");
				t.expect("SET");
			}
			t.take();
			if (t.accept("COLLATE")) {
				t.acceptSymbol('=');
				t.take();
			}
			facts.add(new Fact.RewriteTable(t.rangeSince(first), table, "CONVERT TO CHARACTER SET", false));
		}
		else {
			readOption(t, first, table, facts);
		}
	}

	private void readAdd(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		if (t.accept("PARTITION")) {
			t.accept("IF", "NOT", "EXISTS");
			Fact.AlterPartition.Change change = Fact.AlterPartition.Change.ADD;
			if (t.accept("PARTITIONS")) {
				// of a hash: all rows are spread anew
				change = Fact.AlterPartition.Change.REORGANIZE;
				t.take();
			}
			else {
				t.parenthesized();
			}
			facts.add(new Fact.AlterPartition(t.rangeSince(first), table, null, change, false));
		}
		else if (t.accept("SYSTEM", "VERSIONING")) {
			facts.add(new Fact.RewriteTable(t.rangeSince(first), table, "ADD SYSTEM VERSIONING", false));
		}
		else if (t.is("PERIOD", "FOR")) {
			throw t.unreadable("not known here");
		}
		else if (this.constraints.startsHere(t)) {
			ConstraintDefinition constraint = this.constraints.readTable(t, facts);
			facts.add(new Fact.AddConstraint(t.rangeSince(first), table, constraint, false));
		}
		else if (t.isAny(INDEX_KINDS) && !isType(t.peek(1))) {
			facts.add(this.indexes.readInAlter(t, first, table));
		}
		else {
			readAddColumns(t, first, table, facts);
		}
	}

	// KEY and INDEX are reserved, the other two may be names of columns
	private static boolean isType(Token token) {
		return token.kind() == TokenKind.WORD && Set
			.of("INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "VARCHAR", "CHAR", "TEXT", "BOOLEAN", "BOOL")
			.contains(token.text());
	}

	private void readAddColumns(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		t.accept("COLUMN");
		boolean ifNotExists = t.accept("IF", "NOT", "EXISTS");
		if (!t.isSymbol('(')) {
			ColumnDefinition column = this.columns.read(t, facts);
			if (column.type().isEmpty() && column.generation() == ColumnDefinition.Generation.NONE) {
				throw t.unreadable("expected a type");
			}
			facts.add(new Fact.AddColumn(t.rangeSince(first), table, column, ifNotExists));
			return;
		}
		Tokens inside = t.parenthesized();
		do {
			Token start = inside.peek();
			if (this.constraints.startsHere(inside)) {
				ConstraintDefinition constraint = this.constraints.readTable(inside, facts);
				facts.add(new Fact.AddConstraint(inside.rangeSince(start), table, constraint, false));
			}
			else if (inside.isAny(INDEX_KINDS)) {
				facts.add(this.indexes.readInAlter(inside, start, table));
			}
			else {
				ColumnDefinition column = this.columns.read(inside, facts);
				facts.add(new Fact.AddColumn(inside.rangeSince(start), table, column, ifNotExists));
			}
		}
		while (inside.acceptSymbol(','));
		inside.expectEnd();
	}

	private static void readDrop(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		if (t.accept("PRIMARY", "KEY")) {
			facts.add(new Fact.DropConstraint(t.rangeSince(first), table, null, ConstraintKind.PRIMARY_KEY, false,
					false));
		}
		else if (t.accept("FOREIGN", "KEY") || t.accept("CONSTRAINT") || t.accept("CHECK")) {
			ConstraintKind kind = switch (t.previous().text()) {
				case "KEY" -> ConstraintKind.FOREIGN_KEY;
				case "CHECK" -> ConstraintKind.CHECK;
				default -> ConstraintKind.UNSPECIFIED;
			};
			t.accept("IF", "EXISTS");
			String name = t.name();
			facts.add(new Fact.DropConstraint(t.rangeSince(first), table, name, kind, false, false));
		}
		else if (t.accept("INDEX") || t.accept("KEY")) {
			boolean ifExists = t.accept("IF", "EXISTS");
			String name = t.name();
			if (name.equalsIgnoreCase("PRIMARY")) {
				facts.add(new Fact.DropConstraint(t.rangeSince(first), table, null, ConstraintKind.PRIMARY_KEY, false,
						false));
				return;
			}
			facts.add(new Fact.DropObject(t.rangeSince(first), ObjectKind.INDEX, new ObjectName(null, name), ifExists,
					false, table, false, false));
		}
		else if (t.accept("PARTITION")) {
			t.accept("IF", "EXISTS");
			facts.add(partitions(t, first, table, Fact.AlterPartition.Change.DROP));
		}
		else if (t.accept("SYSTEM", "VERSIONING")) {
			facts.add(new Fact.DropEverything(t.rangeSince(first), "DROP SYSTEM VERSIONING"));
		}
		else {
			t.accept("COLUMN");
			boolean ifExists = t.accept("IF", "EXISTS");
			String column = t.name();
			boolean cascade = t.accept("CASCADE");
			if (!cascade) {
				t.accept("RESTRICT");
			}
			facts.add(new Fact.DropColumn(t.rangeSince(first), table, column, ifExists, cascade));
		}
	}

	private void readAlter(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		if (t.accept("INDEX") || t.accept("KEY")) {
			t.accept("IF", "EXISTS");
			t.name();
			if (!t.accept("VISIBLE") && !t.accept("INVISIBLE") && !t.accept("IGNORED")) {
				t.expect("NOT");
				t.expect("IGNORED");
			}
			facts.add(new Fact.Harmless(t.rangeSince(first), "ALTER INDEX", table));
			return;
		}
		if (t.accept("CHECK") || t.accept("CONSTRAINT")) {
			t.name();
			boolean enforced = !t.accept("NOT");
			t.expect("ENFORCED");
			facts
				.add(new Fact.ChangeBehaviour(t.rangeSince(first), table, Fact.ChangeBehaviour.Kind.SETTING, enforced));
			if (enforced) {
				facts.add(new Fact.RewriteTable(t.rangeSince(first), table, "ENFORCED", false));
			}
			return;
		}
		t.accept("COLUMN");
		t.accept("IF", "EXISTS");
		String column = t.name();
		Change change;
		if (t.accept("DROP", "DEFAULT")) {
			change = Change.DROP_DEFAULT;
		}
		else if (t.accept("SET", "DEFAULT")) {
			Tokens expression = this.columns.readExpression(t);
			this.expressions.checkCalls(expression, facts);
			change = (this.expressions.classify(expression) == ColumnDefinition.DefaultValue.NULL) ? Change.DROP_DEFAULT
					: Change.SET_DEFAULT;
		}
		else {
			t.expect("SET");
			if (!t.accept("VISIBLE")) {
				t.expect("INVISIBLE");
			}
			change = Change.SETTING;
		}
		facts.add(new Fact.AlterColumn(t.rangeSince(first), table, column, change));
	}

	private static void readRename(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		if (t.accept("COLUMN")) {
			t.accept("IF", "EXISTS");
			String from = t.name();
			t.expect("TO");
			String to = t.name();
			facts.add(new Fact.RenameColumn(t.rangeSince(first), table, from, to));
		}
		else if (t.accept("INDEX") || t.accept("KEY")) {
			t.accept("IF", "EXISTS");
			t.name();
			t.expect("TO");
			t.name();
			facts.add(new Fact.Harmless(t.rangeSince(first), "RENAME INDEX", table));
		}
		else {
			if (!t.accept("TO") && !t.accept("AS")) {
				t.acceptSymbol('=');
			}
			ObjectName to = t.objectName();
			facts.add(new Fact.RenameObject(t.rangeSince(first), ObjectKind.TABLE, table, to));
		}
	}

	private void readOption(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		if (readPartitions(t, first, table, facts)) {
			return;
		}
		if (t.accept("FORCE")) {
			facts.add(new Fact.RewriteTable(t.rangeSince(first), table, "FORCE", true));
		}
		else if (t.accept("ORDER", "BY")) {
			// the columns are separated by commas as specifications are
			do {
				t.name();
				if (!t.accept("ASC")) {
					t.accept("DESC");
				}
			}
			while (t.acceptSymbol(','));
			facts.add(new Fact.RewriteTable(t.rangeSince(first), table, "ORDER BY", false));
		}
		else if (t.accept("ENABLE", "KEYS") || t.accept("DISABLE", "KEYS") || t.accept("WITH", "VALIDATION")
				|| t.accept("WITHOUT", "VALIDATION")) {
			facts.add(new Fact.Harmless(t.rangeSince(first), t.previous().text(), table));
		}
		else if (t.accept("DISCARD", "TABLESPACE") || t.accept("IMPORT", "TABLESPACE")) {
			facts.add(new Fact.DropEverything(t.rangeSince(first), first.text() + " TABLESPACE"));
		}
		else if (t.isAny(REWRITING_OPTIONS)) {
			String option = t.take().text();
			if (option.equals("DATA")) {
				t.expect("DIRECTORY");
			}
			t.acceptSymbol('=');
			t.skipOne();
			boolean online = option.equals("ENGINE") || option.equals("ROW_FORMAT") || option.equals("KEY_BLOCK_SIZE");
			facts.add(new Fact.RewriteTable(t.rangeSince(first), table, option + "=", online));
		}
		else {
			t.accept("DEFAULT");
			if (!t.accept("CHARACTER", "SET") && t.acceptAny(OPTIONS) == null) {
				throw t.unreadable("not known here");
			}
			t.acceptSymbol('=');
			t.take();
			facts.add(new Fact.Harmless(t.rangeSince(first), "an option", table));
		}
	}

	private static boolean readPartitions(Tokens t, Token first, ObjectName table, List<Fact> facts) {
		if (t.accept("PARTITION", "BY") || t.accept("REMOVE", "PARTITIONING")) {
			boolean remove = t.previous().isWord("PARTITIONING");
			if (!remove) {
				t.rest();
			}
			facts.add(new Fact.RewriteTable(t.rangeSince(first), table, remove ? "REMOVE PARTITIONING" : "PARTITION BY",
					false));
			return true;
		}
		if (t.accept("TRUNCATE", "PARTITION")) {
			facts.add(partitions(t, first, table, Fact.AlterPartition.Change.TRUNCATE));
		}
		else if (t.accept("DISCARD", "PARTITION") || t.accept("IMPORT", "PARTITION")) {
			facts.add(partitions(t, first, table, Fact.AlterPartition.Change.DISCARD));
			t.expect("TABLESPACE");
		}
		else if (t.accept("COALESCE", "PARTITION")) {
			t.take();
			facts.add(new Fact.AlterPartition(t.rangeSince(first), table, null, Fact.AlterPartition.Change.COALESCE,
					false));
		}
		else if (t.accept("EXCHANGE", "PARTITION")) {
			ObjectName partition = t.objectName();
			t.expect("WITH");
			t.expect("TABLE");
			t.objectName();
			if (!t.accept("WITH", "VALIDATION")) {
				t.accept("WITHOUT", "VALIDATION");
			}
			facts.add(new Fact.AlterPartition(t.rangeSince(first), table, partition,
					Fact.AlterPartition.Change.EXCHANGE, false));
		}
		else if (t.accept("REORGANIZE", "PARTITION") || t.accept("REBUILD", "PARTITION")
				|| t.accept("OPTIMIZE", "PARTITION") || t.accept("REPAIR", "PARTITION")
				|| t.accept("ANALYZE", "PARTITION") || t.accept("CHECK", "PARTITION")
				|| t.accept("CONVERT", "PARTITION")) {
			if (first.isWord("CONVERT")) {
				throw t.unreadable("not known here");
			}
			boolean reorganize = first.isWord("REORGANIZE");
			if (!t.is("INTO") && !t.accept("ALL")) {
				names(t);
			}
			if (reorganize && t.accept("INTO")) {
				t.parenthesized();
			}
			facts.add(new Fact.AlterPartition(t.rangeSince(first), table, null, Fact.AlterPartition.Change.REORGANIZE,
					false));
		}
		else {
			return false;
		}
		return true;
	}

	private static Fact partitions(Tokens t, Token first, ObjectName table, Fact.AlterPartition.Change change) {
		String name = t.accept("ALL") ? null : names(t);
		return new Fact.AlterPartition(t.rangeSince(first), table, (name != null) ? new ObjectName(null, name) : null,
				change, false);
	}

	private static @Nullable String names(Tokens t) {
		String name = t.name();
		boolean several = false;
		// a comma may also start the next specification
		while (t.isSymbol(',') && (t.peek(2).kind() == TokenKind.END || t.peek(2).isSymbol(',')
				|| t.peek(2).isWord("INTO") || t.peek(2).isWord("TABLESPACE"))) {
			t.take();
			t.name();
			several = true;
		}
		return several ? null : name;
	}

}
