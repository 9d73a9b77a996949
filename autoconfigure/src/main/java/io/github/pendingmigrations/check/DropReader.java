package io.github.pendingmigrations.check;

import java.util.List;

/**
 * Reads {@code DROP …} behind this word.
 */
final class DropReader implements HeadReader {

	@Override
	public void read(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		if (t.isPostgresql() && t.accept("OWNED", "BY")) {
			readNames(t);
			facts.add(new Fact.DropEverything(t.rangeSince(first), "DROP OWNED"));
			return;
		}
		if (t.isPostgresql() && t.accept("STATISTICS")) {
			if (t.rest().size() == 0) {
				throw t.unreadable("expected a name");
			}
			facts.add(new Fact.Harmless(t.rangeSince(first), "DROP STATISTICS", null));
			return;
		}
		boolean needsNoTransaction = t.isPostgresql() && (t.is("TABLESPACE") || t.is("SUBSCRIPTION"));
		if (needsNoTransaction) {
			facts.add(new Fact.OutsideTransaction(t.range(), "DROP " + t.peek().text()));
		}
		if (t.isH2() && t.accept("ALL", "OBJECTS")) {
			t.accept("DELETE", "FILES");
			t.expectEnd();
			facts.add(new Fact.DropEverything(t.rangeSince(first), "DROP ALL OBJECTS"));
			return;
		}
		boolean temporary = t.isMysql() && t.accept("TEMPORARY");
		ObjectKind kind = readKind(t);
		boolean concurrently = kind == ObjectKind.INDEX && t.isPostgresql() && t.accept("CONCURRENTLY");
		boolean ifExists = t.accept("IF", "EXISTS");
		int firstFact = facts.size();
		do {
			readOne(t, first, kind, ifExists, concurrently, temporary, facts);
		}
		while (t.acceptSymbol(','));
		ifExists |= t.isH2() && t.accept("IF", "EXISTS");
		boolean cascade = t.accept("CASCADE");
		if (cascade) {
			t.accept("CONSTRAINTS");
		}
		else {
			t.accept("RESTRICT");
		}
		readTail(t, first, kind, facts);
		t.expectEnd();
		for (int i = firstFact; cascade && i < facts.size(); i++) {
			Fact.DropObject drop = (Fact.DropObject) facts.get(i);
			facts.set(i, new Fact.DropObject(drop.range(), kind, drop.name(), ifExists, true, drop.on(), concurrently,
					temporary));
		}
		SourceRange range = t.rangeSince(first);
		if (concurrently) {
			facts.add(new Fact.OutsideTransaction(range, "DROP INDEX CONCURRENTLY"));
		}
		if (t.isPostgresql() && kind == ObjectKind.DATABASE) {
			facts.add(new Fact.OutsideTransaction(range, "DROP DATABASE"));
		}
	}

	private static ObjectKind readKind(Tokens t) {
		if (t.accept("MATERIALIZED", "VIEW")) {
			return ObjectKind.MATERIALIZED_VIEW;
		}
		if (t.accept("FOREIGN", "TABLE")) {
			return ObjectKind.TABLE;
		}
		if (t.is("FOREIGN", "DATA") || t.is("ACCESS", "METHOD") || t.is("TEXT", "SEARCH") || t.is("EVENT", "TRIGGER")
				|| t.is("USER", "MAPPING") || t.is("OPERATOR", "CLASS") || t.is("OPERATOR", "FAMILY")) {
			boolean three = t.is("FOREIGN", "DATA") || t.is("TEXT", "SEARCH");
			t.take();
			t.take();
			if (three) {
				t.take();
			}
			return ObjectKind.OTHER;
		}
		Token token = t.take();
		if (token.kind() != TokenKind.WORD) {
			throw new UnreadableException("expected what to drop", token);
		}
		return switch (token.text()) {
			case "TABLE" -> ObjectKind.TABLE;
			case "TABLES" -> {
				if (!t.isMysql()) {
					throw new UnreadableException("not known here", token);
				}
				yield ObjectKind.TABLE;
			}
			case "VIEW" -> ObjectKind.VIEW;
			case "INDEX" -> ObjectKind.INDEX;
			case "SEQUENCE" -> ObjectKind.SEQUENCE;
			case "TYPE" -> ObjectKind.TYPE;
			case "DOMAIN" -> ObjectKind.DOMAIN;
			case "EXTENSION" -> ObjectKind.EXTENSION;
			case "SCHEMA" -> ObjectKind.SCHEMA;
			case "DATABASE" -> ObjectKind.DATABASE;
			case "FUNCTION", "ROUTINE", "AGGREGATE", "ALIAS" -> ObjectKind.FUNCTION;
			case "PROCEDURE" -> ObjectKind.PROCEDURE;
			case "TRIGGER" -> ObjectKind.TRIGGER;
			case "RULE" -> ObjectKind.RULE;
			case "POLICY" -> ObjectKind.POLICY;
			case "ROLE", "USER", "GROUP" -> ObjectKind.ROLE;
			case "CAST", "COLLATION", "CONVERSION", "EVENT", "LANGUAGE", "OPERATOR", "PUBLICATION", "SERVER",
					"SUBSCRIPTION", "TABLESPACE", "TRANSFORM", "CONSTANT", "SYNONYM", "PACKAGE", "SERVICE" ->
				ObjectKind.OTHER;
			default -> throw new UnreadableException("not known here", token);
		};
	}

	private static void readOne(Tokens t, Token first, ObjectKind kind, boolean ifExists, boolean concurrently,
			boolean temporary, List<Fact> facts) {
		Token start = facts.isEmpty() || t.previous().kind() == TokenKind.WORD ? first : t.peek();
		ObjectName name;
		if (kind == ObjectKind.OTHER) {
			// CAST (a AS b), operators: nothing is looked up under these names
			while (!t.atEnd() && !t.isSymbol(',') && !t.is("CASCADE") && !t.is("RESTRICT")) {
				t.skipOne();
			}
			Token last = t.previous();
			name = new ObjectName(null, t.source().text(last.start(), last.end()));
		}
		else if (kind == ObjectKind.ROLE && t.peek().kind() == TokenKind.STRING) {
			name = new ObjectName(null, t.take().text());
			if (t.acceptSymbol('@')) {
				t.take();
			}
		}
		else {
			name = t.objectName();
		}
		if (t.isSymbol('(') && (kind == ObjectKind.FUNCTION || kind == ObjectKind.PROCEDURE)) {
			t.parenthesized();
		}
		ObjectName on = null;
		boolean belongs = kind == ObjectKind.INDEX || kind == ObjectKind.TRIGGER || kind == ObjectKind.RULE
				|| kind == ObjectKind.POLICY;
		if (belongs && t.accept("ON")) {
			on = t.objectName();
		}
		facts.add(new Fact.DropObject(t.rangeSince(start), kind, name, ifExists, false, on, concurrently, temporary));
	}

	private static void readTail(Tokens t, Token first, ObjectKind kind, List<Fact> facts) {
		if (t.isMysql() && kind == ObjectKind.INDEX) {
			readIndexOptions(t, first, facts);
		}
		if (t.isMysql() && (t.accept("WAIT") || t.accept("NOWAIT"))) {
			if (t.previous().isWord("WAIT")) {
				t.take();
			}
		}
		if (t.isPostgresql() && kind == ObjectKind.DATABASE && t.accept("WITH")) {
			t.parenthesized();
		}
		else if (kind == ObjectKind.DATABASE && t.isSymbol('(')) {
			t.parenthesized();
		}
	}

	private static void readIndexOptions(Tokens t, Token first, List<Fact> facts) {
		if (!(facts.get(facts.size() - 1) instanceof Fact.DropObject drop) || drop.on() == null) {
			return;
		}
		String algorithm = null;
		String lock = null;
		while (t.accept("ALGORITHM") || t.accept("LOCK")) {
			boolean isLock = t.previous().isWord("LOCK");
			t.acceptSymbol('=');
			String value = t.take().text();
			algorithm = isLock ? algorithm : value;
			lock = isLock ? value : lock;
		}
		SourceRange range = t.rangeSince(first);
		if (drop.name().name().equalsIgnoreCase("PRIMARY")) {
			facts.set(facts.size() - 1,
					new Fact.DropConstraint(range, drop.on(), null, ConstraintKind.PRIMARY_KEY, false, false));
		}
		if (algorithm != null || lock != null) {
			facts.add(new Fact.ExecutionOption(range, drop.on(), algorithm, lock));
		}
	}

	private static void readNames(Tokens t) {
		do {
			t.take();
		}
		while (t.acceptSymbol(','));
		if (!t.accept("CASCADE")) {
			t.accept("RESTRICT");
		}
		t.expectEnd();
	}

}
