package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Set;

import io.github.pendingmigrations.check.Fact.ChangeBehaviour.Kind;

/**
 * Reads {@code ALTER …} behind this word.
 */
final class AlterReader implements HeadReader {

	private static final Set<String> ROUTINES = Set.of("FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE");

	/** Objects whose settings nobody but the server notices. */
	private static final Set<String> PLAIN = Set.of("STATISTICS", "PUBLICATION", "SUBSCRIPTION", "COLLATION", "SERVER",
			"TEXT", "LANGUAGE", "OPERATOR", "CONVERSION", "LARGE", "TABLESPACE");

	/** Of these objects no statement names any. */
	private static final Set<String> UNNOTICED = Set.of("STATISTICS", "LARGE", "TABLESPACE");

	/** What takes something away from whoever uses such an object. */
	private static final Set<String> TAKING = Set.of("RENAME", "DROP", "SET", "DISABLE", "OPTIONS");

	private final HeadReader tables;

	private final ConstraintReader constraints;

	private final ColumnReader columns;

	AlterReader(HeadReader tables, ConstraintReader constraints, ColumnReader columns) {
		this.tables = tables;
		this.constraints = constraints;
		this.columns = columns;
	}

	@Override
	public void read(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		if (t.isMysql()) {
			t.accept("ONLINE");
			if (t.accept("IGNORE")) {
				facts.add(new Fact.Opaque(t.rangeSince(first),
						"ALTER IGNORE, which deletes rows that break a constraint", null));
			}
		}
		if (t.accept("TABLE") || (t.isPostgresql() && t.accept("FOREIGN", "TABLE"))) {
			this.tables.read(t, facts);
			return;
		}
		if (t.isPostgresql()) {
			readPostgresql(t, first, facts);
		}
		else {
			readOther(t, first, facts);
		}
		t.expectEnd();
	}

	private void readOther(Tokens t, Token first, List<Fact> facts) {
		if (t.accept("SEQUENCE")) {
			t.accept("IF", "EXISTS");
			ObjectName name = t.objectName();
			facts.add(alterSequence(t, first, name));
		}
		else if (t.isH2() && t.accept("INDEX")) {
			readRenameOnly(t, first, ObjectKind.INDEX, facts);
		}
		else if (t.isH2() && (t.accept("VIEW") || t.accept("SCHEMA"))) {
			ObjectKind kind = t.previous().isWord("VIEW") ? ObjectKind.VIEW : ObjectKind.SCHEMA;
			if (kind == ObjectKind.VIEW && t.peek(1).isWord("RECOMPILE")) {
				ObjectName name = t.objectName();
				t.take();
				facts.add(new Fact.Harmless(t.rangeSince(first), "ALTER VIEW", name));
			}
			else {
				readRenameOnly(t, first, kind, facts);
			}
		}
		else if (t.isMysql() && (t.is("VIEW") || t.is("ALGORITHM") || t.is("DEFINER") || t.is("SQL", "SECURITY"))) {
			t.until(Set.of("VIEW"), false);
			t.expect("VIEW");
			ObjectName name = t.objectName();
			t.rest();
			facts.add(new Fact.CreateObject(t.rangeSince(first), ObjectKind.VIEW, name, true, false, null, false));
		}
		else if (t.isMysql() && (t.accept("DATABASE") || t.accept("SCHEMA"))) {
			boolean readOnly = contains(t.rest(), Set.of("READ"));
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), null, Kind.SETTING, readOnly));
		}
		else if (t.isMysql() && (t.accept("PROCEDURE") || t.accept("FUNCTION"))) {
			ObjectName name = t.objectName();
			boolean security = contains(t.rest(), Set.of("SECURITY"));
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), name, Kind.SETTING, security));
		}
		else {
			throw t.unreadable("not known here");
		}
	}

	// with another step, running code that takes blocks of numbers takes them twice
	private static Fact alterSequence(Tokens t, Token first, ObjectName name) {
		boolean step = contains(t.rest(), Set.of("INCREMENT"));
		return new Fact.ChangeBehaviour(t.rangeSince(first), name, Kind.SETTING, step);
	}

	private static boolean contains(Tokens tokens, Set<String> words) {
		for (int i = 0; i < tokens.size(); i++) {
			Token token = tokens.get(i);
			if (token.kind() == TokenKind.WORD && words.contains(token.text())) {
				return true;
			}
		}
		return false;
	}

	private static void readRenameOnly(Tokens t, Token first, ObjectKind kind, List<Fact> facts) {
		t.accept("IF", "EXISTS");
		ObjectName name = t.objectName();
		t.expect("RENAME");
		t.expect("TO");
		ObjectName to = t.objectName();
		addRename(t, first, kind, name, to, facts);
	}

	private static void addRename(Tokens t, Token first, ObjectKind kind, ObjectName from, ObjectName to,
			List<Fact> facts) {
		SourceRange range = t.rangeSince(first);
		// nobody names an index but its owner
		facts.add((kind == ObjectKind.INDEX) ? new Fact.Harmless(range, "RENAME INDEX", null)
				: new Fact.RenameObject(range, kind, from, to));
	}

	private void readPostgresql(Tokens t, Token first, List<Fact> facts) {
		if (t.accept("TYPE")) {
			readType(t, first, facts);
		}
		else if (t.accept("DOMAIN")) {
			readDomain(t, first, facts);
		}
		else if (t.accept("INDEX")) {
			readIndex(t, first, facts);
		}
		else if (t.accept("SYSTEM")) {
			t.rest();
			facts.add(new Fact.OutsideTransaction(t.rangeSince(first), "ALTER SYSTEM"));
			facts.add(
					new Fact.Opaque(t.rangeSince(first), "ALTER SYSTEM, which changes the server for everybody", null));
		}
		else if (t.accept("DEFAULT", "PRIVILEGES")) {
			boolean revoke = t.until(Set.of("REVOKE"), false).size() >= 0 && t.is("REVOKE");
			t.rest();
			facts.add(revoke ? new Fact.ChangeBehaviour(t.rangeSince(first), null, Kind.PRIVILEGES, true)
					: new Fact.Harmless(t.rangeSince(first), "ALTER DEFAULT PRIVILEGES", null));
		}
		else if (t.isAny(PLAIN)) {
			readPlain(t, first, facts);
		}
		else if (t.accept("EVENT", "TRIGGER")) {
			t.rest();
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), null, Kind.TRIGGER, true));
		}
		else if (t.is("ROLE") || t.is("USER") || t.is("GROUP")) {
			t.rest();
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), null, Kind.PRIVILEGES, true));
		}
		else {
			readNamed(t, first, facts);
		}
	}

	private static void readPlain(Tokens t, Token first, List<Fact> facts) {
		Token what = t.take();
		Tokens rest = t.rest();
		boolean restricts = !UNNOTICED.contains(what.text()) && contains(rest, TAKING);
		facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), null, Kind.SETTING, restricts));
		if (what.isWord("SUBSCRIPTION") && contains(rest, Set.of("REFRESH"))) {
			facts.add(new Fact.OutsideTransaction(t.rangeSince(first), "ALTER SUBSCRIPTION … REFRESH PUBLICATION"));
		}
	}

	private void readNamed(Tokens t, Token first, List<Fact> facts) {
		ObjectKind kind = kind(t);
		if (kind == ObjectKind.MATERIALIZED_VIEW && t.accept("ALL", "IN", "TABLESPACE")) {
			t.rest();
			facts.add(new Fact.RewriteTable(t.rangeSince(first), null, "SET TABLESPACE", false));
			return;
		}
		t.accept("IF", "EXISTS");
		ObjectName name = t.objectName();
		if (t.isSymbol('(') && (kind == ObjectKind.FUNCTION || kind == ObjectKind.PROCEDURE)) {
			t.parenthesized();
		}
		boolean belongs = kind == ObjectKind.TRIGGER || kind == ObjectKind.POLICY || kind == ObjectKind.RULE;
		ObjectName on = name;
		if (belongs) {
			t.expect("ON");
			on = t.objectName();
		}
		if (kind == ObjectKind.EXTENSION && t.accept("SET", "SCHEMA")) {
			t.name();
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), on, Kind.SETTING, true));
		}
		else if (t.is("RENAME", "TO") || t.is("SET", "SCHEMA")) {
			boolean schema = t.take().isWord("SET");
			t.take();
			String to = t.name();
			addRename(t, first, kind, name,
					schema ? new ObjectName(to, name.name()) : new ObjectName(name.schema(), to), facts);
		}
		else if (t.accept("OWNER", "TO")) {
			t.name();
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), on, Kind.OWNER, true));
		}
		else if (kind == ObjectKind.VIEW || kind == ObjectKind.MATERIALIZED_VIEW) {
			readView(t, first, name, facts);
		}
		else if (kind == ObjectKind.POLICY) {
			t.rest();
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), on, Kind.ROW_SECURITY, true));
		}
		else if (kind == ObjectKind.SEQUENCE && (t.is("SET", "LOGGED") || t.is("SET", "UNLOGGED"))) {
			t.rest();
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), on, Kind.SETTING, false));
		}
		else if (kind == ObjectKind.SEQUENCE && !t.atEnd()) {
			facts.add(alterSequence(t, first, on));
		}
		else if (kind == ObjectKind.DATABASE && !t.atEnd()) {
			boolean moves = t.is("SET", "TABLESPACE");
			t.rest();
			// new connections meet it
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), on, Kind.SETTING, true));
			if (moves) {
				facts.add(new Fact.OutsideTransaction(t.rangeSince(first), "ALTER DATABASE … SET TABLESPACE"));
			}
		}
		else if (kind == ObjectKind.FUNCTION || kind == ObjectKind.PROCEDURE || kind == ObjectKind.EXTENSION
				|| kind == ObjectKind.TRIGGER) {
			if (t.atEnd()) {
				throw t.unreadable("the statement ends too early");
			}
			t.rest();
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), on, Kind.SETTING, false));
		}
		else {
			throw t.unreadable("not known here");
		}
	}

	private static ObjectKind kind(Tokens t) {
		if (t.accept("MATERIALIZED", "VIEW")) {
			return ObjectKind.MATERIALIZED_VIEW;
		}
		if (t.acceptAny(ROUTINES) != null) {
			return ObjectKind.FUNCTION;
		}
		Token token = t.take();
		return switch (token.text()) {
			case "VIEW" -> ObjectKind.VIEW;
			case "SEQUENCE" -> ObjectKind.SEQUENCE;
			case "SCHEMA" -> ObjectKind.SCHEMA;
			case "DATABASE" -> ObjectKind.DATABASE;
			case "EXTENSION" -> ObjectKind.EXTENSION;
			case "TRIGGER" -> ObjectKind.TRIGGER;
			case "POLICY" -> ObjectKind.POLICY;
			case "RULE" -> ObjectKind.RULE;
			default -> throw new UnreadableException("not known here", token);
		};
	}

	private static void readView(Tokens t, Token first, ObjectName name, List<Fact> facts) {
		if (t.accept("RENAME")) {
			PostgresqlAlterTableReader.readRename(t, first, name, facts);
			return;
		}
		if (t.accept("ALTER")) {
			t.accept("COLUMN");
			t.name();
			if (t.accept("DROP", "DEFAULT")) {
				facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), name, Kind.SETTING, true));
				return;
			}
		}
		if (t.accept("SET", "TABLESPACE") || t.accept("SET", "ACCESS", "METHOD")) {
			String how = "SET " + (t.previous().isWord("METHOD") ? "ACCESS METHOD" : "TABLESPACE");
			t.name();
			facts.add(new Fact.RewriteTable(t.rangeSince(first), name, how, false));
			return;
		}
		if (!t.accept("SET")) {
			if (!t.accept("RESET")) {
				t.expect("CLUSTER");
			}
		}
		// who may read it, and what may be written through it
		boolean restricts = contains(t.rest(), Set.of("SECURITY_INVOKER", "CHECK_OPTION"));
		facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), name, Kind.SETTING, restricts));
	}

	private void readIndex(Tokens t, Token first, List<Fact> facts) {
		if (t.accept("ALL", "IN", "TABLESPACE")) {
			t.rest();
			facts.add(new Fact.RewriteTable(t.rangeSince(first), null, "SET TABLESPACE", false));
			return;
		}
		t.accept("IF", "EXISTS");
		ObjectName name = t.objectName();
		if (t.accept("RENAME", "TO") || t.accept("ATTACH", "PARTITION")) {
			t.objectName();
		}
		else if (t.accept("SET", "TABLESPACE")) {
			t.name();
			facts.add(new Fact.RewriteTable(t.rangeSince(first), name, "SET TABLESPACE", false));
			return;
		}
		else {
			if (!t.accept("SET") && !t.accept("RESET") && !t.accept("ALTER") && !t.accept("DEPENDS")
					&& !t.accept("NO")) {
				throw t.unreadable("not known here");
			}
			t.rest();
		}
		facts.add(new Fact.Harmless(t.rangeSince(first), "ALTER INDEX", null));
	}

	private void readType(Tokens t, Token first, List<Fact> facts) {
		ObjectName type = t.objectName();
		if (t.accept("ADD", "VALUE")) {
			t.accept("IF", "NOT", "EXISTS");
			String value = string(t);
			if (t.accept("BEFORE") || t.accept("AFTER")) {
				string(t);
			}
			facts.add(new Fact.AddEnumValue(t.rangeSince(first), type, value));
		}
		else if (t.accept("RENAME", "VALUE")) {
			String from = string(t);
			t.expect("TO");
			String to = string(t);
			facts.add(new Fact.RenameEnumValue(t.rangeSince(first), type, from, to));
		}
		else if (t.is("RENAME", "TO") || t.is("SET", "SCHEMA")) {
			boolean schema = t.take().isWord("SET");
			t.take();
			String to = t.name();
			facts.add(new Fact.RenameObject(t.rangeSince(first), ObjectKind.TYPE, type,
					schema ? new ObjectName(to, type.name()) : new ObjectName(type.schema(), to)));
		}
		else if (t.accept("OWNER", "TO")) {
			t.name();
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), type, Kind.OWNER, true));
		}
		else if (t.accept("RENAME", "ATTRIBUTE")) {
			String from = t.name();
			t.expect("TO");
			String to = t.name();
			readBehaviour(t);
			facts.add(new Fact.RenameColumn(t.rangeSince(first), type, from, to));
		}
		else {
			do {
				readAttribute(t, type, facts);
			}
			while (t.acceptSymbol(','));
		}
	}

	private void readAttribute(Tokens t, ObjectName type, List<Fact> facts) {
		Token first = t.peek();
		if (t.accept("DROP", "ATTRIBUTE")) {
			boolean ifExists = t.accept("IF", "EXISTS");
			String name = t.name();
			boolean cascade = readBehaviour(t);
			facts.add(new Fact.DropColumn(t.rangeSince(first), type, name, ifExists, cascade));
			return;
		}
		boolean add = t.accept("ADD", "ATTRIBUTE");
		if (!add) {
			t.expect("ALTER");
			t.expect("ATTRIBUTE");
		}
		String name = t.name();
		if (!add) {
			t.accept("SET", "DATA");
			t.expect("TYPE");
		}
		String dataType = this.columns.readType(t);
		if (t.accept("COLLATE")) {
			t.objectName();
		}
		readBehaviour(t);
		SourceRange range = t.rangeSince(first);
		facts.add(add ? new Fact.RewriteTable(range, null, "ADD ATTRIBUTE", false)
				: new Fact.AlterColumnType(range, type, name, dataType, null, true));
	}

	private static boolean readBehaviour(Tokens t) {
		boolean cascade = t.accept("CASCADE");
		if (!cascade) {
			t.accept("RESTRICT");
		}
		return cascade;
	}

	private static String string(Tokens t) {
		if (t.peek().kind() != TokenKind.STRING) {
			throw t.unreadable("expected a string");
		}
		return t.take().text();
	}

	private void readDomain(Tokens t, Token first, List<Fact> facts) {
		ObjectName domain = t.objectName();
		if (t.accept("ADD")) {
			ConstraintDefinition constraint = this.constraints.startsHere(t) ? this.constraints.readTable(t, facts)
					: this.constraints.readInline(t, domain.name(), facts);
			facts.add(new Fact.AddConstraint(t.rangeSince(first), domain, constraint, true));
		}
		else if (t.accept("DROP", "CONSTRAINT")) {
			t.accept("IF", "EXISTS");
			String name = t.name();
			boolean cascade = readBehaviour(t);
			facts.add(new Fact.DropConstraint(t.rangeSince(first), domain, name, ConstraintKind.UNSPECIFIED, cascade,
					true));
		}
		else if (t.accept("VALIDATE", "CONSTRAINT")) {
			String name = t.name();
			facts.add(new Fact.ValidateConstraint(t.rangeSince(first), domain, name));
		}
		else if (t.accept("SET", "NOT", "NULL")) {
			facts.add(new Fact.AlterColumn(t.rangeSince(first), domain, "VALUE", Fact.AlterColumn.Change.SET_NOT_NULL));
		}
		else if (t.accept("DROP", "NOT", "NULL")) {
			facts
				.add(new Fact.AlterColumn(t.rangeSince(first), domain, "VALUE", Fact.AlterColumn.Change.DROP_NOT_NULL));
		}
		else if (t.accept("DROP", "DEFAULT")) {
			facts.add(new Fact.AlterColumn(t.rangeSince(first), domain, "VALUE", Fact.AlterColumn.Change.DROP_DEFAULT));
		}
		else if (t.accept("SET", "DEFAULT")) {
			this.columns.readExpression(t);
			facts.add(new Fact.AlterColumn(t.rangeSince(first), domain, "VALUE", Fact.AlterColumn.Change.SET_DEFAULT));
		}
		else if (t.accept("RENAME", "CONSTRAINT")) {
			t.name();
			t.expect("TO");
			t.name();
			facts.add(new Fact.Harmless(t.rangeSince(first), "RENAME CONSTRAINT", null));
		}
		else if (t.accept("OWNER", "TO")) {
			t.name();
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), domain, Kind.OWNER, true));
		}
		else {
			boolean schema = t.accept("SET", "SCHEMA");
			if (!schema) {
				t.expect("RENAME");
				t.expect("TO");
			}
			String to = t.name();
			facts.add(new Fact.RenameObject(t.rangeSince(first), ObjectKind.DOMAIN, domain,
					schema ? new ObjectName(to, domain.name()) : new ObjectName(domain.schema(), to)));
		}
	}

}
