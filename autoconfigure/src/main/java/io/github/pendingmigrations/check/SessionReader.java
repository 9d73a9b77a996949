package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Reads settings of the session and the control of transactions.
 */
final class SessionReader {

	private final Expressions expressions;

	SessionReader(Expressions expressions) {
		this.expressions = expressions;
	}

	void readSet(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		do {
			readOne(t, first, facts);
		}
		while (t.isMysql() && t.acceptSymbol(','));
		t.expectEnd();
	}

	private void readOne(Tokens t, Token first, List<Fact> facts) {
		boolean global = t.isMysql() && (t.accept("GLOBAL") || t.accept("PERSIST") || t.accept("PERSIST_ONLY"));
		if (global || (t.isMysql() && t.is("PASSWORD"))) {
			throw new UnreadableException("a setting of the server, which is changed for everybody", first);
		}
		boolean local = t.accept("LOCAL");
		if (!local) {
			t.accept("SESSION");
		}
		if (t.accept("TIME", "ZONE")) {
			t.rest();
			facts.add(new Fact.SetOption(t.rangeSince(first), "timezone", null, local));
			return;
		}
		if (t.accept("TRANSACTION") || t.accept("CONSTRAINTS") || t.accept("NAMES") || t.accept("CHARACTERISTICS")
				|| t.accept("CHARSET") || t.accept("CHARACTER", "SET")) {
			t.rest();
			facts.add(new Fact.Harmless(t.rangeSince(first), "SET", null));
			return;
		}
		if (t.accept("AUTHORIZATION") || t.accept("ROLE") || t.accept("DEFAULT", "ROLE")) {
			t.rest();
			facts.add(new Fact.SetOption(t.rangeSince(first), "role", null, local));
			return;
		}
		if (t.accept("SCHEMA")) {
			t.acceptSymbol('=');
			String value = value(t, facts);
			facts.add(new Fact.SetOption(t.rangeSince(first), "search_path", value, local));
			return;
		}
		readOption(t, first, local, facts);
	}

	private void readOption(Tokens t, Token first, boolean local, List<Fact> facts) {
		String name;
		if (t.peek().kind() == TokenKind.PARAMETER) {
			name = t.take().text().toLowerCase(Locale.ROOT);
			if (name.startsWith("@@global.") || name.startsWith("@@persist")) {
				throw new UnreadableException("a setting of the server, which is changed for everybody", first);
			}
			name = name.replaceFirst("^@@(session\\.|local\\.)?", "");
		}
		else {
			name = t.objectName().toString().toLowerCase(Locale.ROOT);
		}
		if (t.isH2() && name.equals("referential_integrity")) {
			t.take();
			facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), null, Fact.ChangeBehaviour.Kind.SETTING, true));
			return;
		}
		t.acceptSymbol(':');
		if (!t.acceptSymbol('=') && !t.accept("TO") && t.dialect() == Dialect.POSTGRESQL) {
			throw t.unreadable("expected a value");
		}
		String value = value(t, facts);
		String known = name.equals("schema_search_path") ? "search_path" : name;
		facts.add(name.equals("autocommit") ? new Fact.TransactionControl(t.rangeSince(first), "SET AUTOCOMMIT")
				: new Fact.SetOption(t.rangeSince(first), known, value, local));
	}

	private @Nullable String value(Tokens t, List<Fact> facts) {
		int mark = t.mark();
		Token token = t.take();
		boolean plain = token.kind() == TokenKind.WORD || token.kind() == TokenKind.STRING
				|| token.kind() == TokenKind.QUOTED || token.kind() == TokenKind.NUMBER;
		boolean call = t.isSymbol('(');
		boolean more = false;
		while (!t.atEnd() && !(t.isMysql() && t.isSymbol(','))) {
			t.skipOne();
			more = true;
		}
		if (call && token.kind() == TokenKind.WORD && !BuiltInFunctions.isKnown(token.text())) {
			throw new UnreadableException("a call of a function, which may do anything", token);
		}
		this.expressions.checkCalls(t.since(mark), facts);
		if (!plain || more) {
			return null;
		}
		return (token.kind() == TokenKind.WORD) ? t.dialect().fold(t.source().text(token.start(), token.end()))
				: token.text();
	}

	void readReset(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		String what = t.rest().text().toLowerCase(Locale.ROOT);
		boolean path = what.equals("all") || what.equals("search_path") || what.equals("role")
				|| what.startsWith("session");
		facts.add(new Fact.SetOption(t.rangeSince(first), path ? "search_path" : what, null, false));
	}

	void readUse(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		String name = t.name();
		t.expectEnd();
		facts.add(new Fact.SetOption(t.rangeSince(first), "search_path", name, false));
	}

	void readTransaction(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		boolean start = first.isWord("START") || first.isWord("BEGIN");
		if (first.isWord("START")) {
			t.expect("TRANSACTION");
		}
		if (first.isWord("RELEASE")) {
			t.accept("SAVEPOINT");
			t.name();
		}
		else if (first.isWord("SAVEPOINT")) {
			t.name();
		}
		else if (start) {
			readModes(t);
		}
		else {
			readEnd(t);
		}
		t.expectEnd();
		facts.add(new Fact.TransactionControl(t.rangeSince(first), first.text()));
	}

	private static void readModes(Tokens t) {
		if (!t.accept("WORK") && !t.accept("TRANSACTION")) {
			t.accept("TRAN");
		}
		while (t.isAny(Set.of("ISOLATION", "LEVEL", "READ", "WRITE", "ONLY", "COMMITTED", "UNCOMMITTED", "REPEATABLE",
				"SERIALIZABLE", "DEFERRABLE", "NOT", "WITH", "CONSISTENT", "SNAPSHOT")) || t.isSymbol(',')) {
			t.take();
		}
	}

	private static void readEnd(Tokens t) {
		if (t.accept("PREPARED")) {
			t.take();
			return;
		}
		if (!t.accept("WORK")) {
			t.accept("TRANSACTION");
		}
		if (t.accept("AND")) {
			t.accept("NO");
			t.expect("CHAIN");
		}
		if (t.accept("TO")) {
			t.accept("SAVEPOINT");
			t.name();
		}
	}

}
