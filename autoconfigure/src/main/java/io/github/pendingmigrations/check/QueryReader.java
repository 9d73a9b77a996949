package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.github.pendingmigrations.check.Fact.WriteRows.Verb;

/**
 * Reads queries and the statements that write rows.
 */
final class QueryReader {

	private static final Set<String> MODIFIERS = Set.of("LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "QUICK");

	private static final Set<String> MAIN = Set.of("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE",
			"REPLACE");

	private static final Set<String> AFTER_WHERE = Set.of("RETURNING", "ORDER", "LIMIT", "FETCH", "GROUP", "HAVING");

	private static final Set<String> CONSTANTS = Set.of("TRUE", "FALSE", "NULL", "AND", "NOT", "IS", "OR", "UNKNOWN",
			"BETWEEN", "IN", "LIKE", "BOOL", "BOOLEAN");

	/** Nobody nests a condition deeper than this, and looking deeper takes time. */
	private static final int MAX_DEPTH = 8;

	private final Expressions expressions;

	QueryReader(Expressions expressions) {
		this.expressions = expressions;
	}

	/**
	 * Read a query or a statement that writes rows, to the end.
	 * @param t the tokens
	 * @param facts where to add what it does
	 */
	void read(Tokens t, List<Fact> facts) {
		Token first = t.peek();
		while (t.isSymbol('(') && !t.atEnd()) {
			Tokens inner = t.parenthesized();
			read(inner, facts);
			if (!t.atEnd()) {
				readQuery(t.rest(), facts);
			}
			return;
		}
		if (t.accept("WITH")) {
			readCommonTables(t, facts);
		}
		if (t.accept("INSERT")) {
			readInsert(t, first, Verb.INSERT, facts);
		}
		else if (t.accept("REPLACE")) {
			readInsert(t, first, Verb.REPLACE, facts);
		}
		else if (t.accept("UPDATE")) {
			readUpdate(t, first, facts);
		}
		else if (t.accept("DELETE")) {
			readDelete(t, first, facts);
		}
		else if (t.accept("MERGE")) {
			readMerge(t, first, facts);
		}
		else if (t.is("SELECT") || t.is("VALUES") || t.is("TABLE") || (t.isH2() && t.is("FROM"))) {
			boolean alone = t.peek(1).kind() == TokenKind.END;
			if (alone && !t.isPostgresql()) {
				throw t.unreadable("the statement ends too early");
			}
			readQuery(t.rest(), facts);
			facts.add(new Fact.Harmless(t.rangeSince(first), first.text(), null));
		}
		else {
			throw t.unreadable("expected a query");
		}
	}

	/**
	 * Look through a query.
	 * @param query its tokens
	 * @param facts where to add what it does besides reading
	 */
	void readQuery(Tokens query, List<Fact> facts) {
		this.expressions.checkCalls(query, facts);
		int depth = 0;
		for (int i = 0; i < query.size(); i++) {
			Token token = query.get(i);
			if (token.isSymbol('(')) {
				depth++;
			}
			else if (token.isSymbol(')')) {
				depth--;
			}
			else if (token.isWord("SET_CONFIG")) {
				// which of the settings, only the server knows
				facts.add(new Fact.SetOption(query.source().range(token.start(), token.end()), "search_path", null,
						false));
			}
			else if (token.isWord("INTO") && depth == 0 && query.size() > i + 1) {
				readInto(query, i, facts);
			}
			else if (token.isWord("WITH") && i + 1 < query.size() && !query.get(i + 1).isSymbol('(')
					&& hasWriteBehind(query, i)) {
				facts.add(new Fact.Opaque(query.source().range(token.start(), token.end()),
						"a statement that writes rows inside a query", null));
			}
		}
	}

	private static boolean hasWriteBehind(Tokens query, int from) {
		for (int i = from; i + 1 < query.size(); i++) {
			Token next = query.get(i + 1);
			if (query.get(i).isSymbol('(') && next.kind() == TokenKind.WORD
					&& Set.of("INSERT", "UPDATE", "DELETE", "MERGE").contains(next.text())) {
				return true;
			}
		}
		return false;
	}

	private static void readInto(Tokens query, int i, List<Fact> facts) {
		Token next = query.get(i + 1);
		SourceRange range = query.source().range(next.start(), next.end());
		if (next.kind() == TokenKind.PARAMETER) {
			return;
		}
		if (query.isPostgresql()) {
			facts.add(new Fact.CreateTable(range, new ObjectName(null, query.source().text(next.start(), next.end())),
					true, false, false, List.of(), List.of(), null));
			return;
		}
		facts.add(new Fact.Opaque(range, "a query that writes its result elsewhere", null));
	}

	private void readCommonTables(Tokens t, List<Fact> facts) {
		t.accept("RECURSIVE");
		do {
			t.name();
			if (t.isSymbol('(')) {
				t.parenthesized();
			}
			t.expect("AS");
			t.accept("NOT");
			t.accept("MATERIALIZED");
			Tokens inner = t.parenthesized();
			List<Fact> inside = new ArrayList<>();
			read(inner, inside);
			inside.removeIf((fact) -> fact instanceof Fact.Harmless);
			facts.addAll(inside);
			if (!t.isSymbol(',')) {
				// SEARCH … SET x, CYCLE … SET y
				while (!t.atEnd() && !t.isAny(MAIN) && !t.isSymbol('(')) {
					t.take();
				}
			}
		}
		while (t.acceptSymbol(','));
	}

	private void readInsert(Tokens t, Token first, Verb verb, List<Fact> facts) {
		while (t.acceptAny(MODIFIERS) != null) {
			// in any order
		}
		t.accept("OVERWRITE");
		t.accept("INTO");
		ObjectName table = t.objectName();
		if (t.accept("AS")) {
			t.name();
		}
		List<String> columns = List.of();
		if (t.isSymbol('(') && !t.peek(1).isWord("SELECT") && !t.peek(1).isWord("WITH")) {
			columns = names(t.parenthesized());
		}
		if (t.accept("OVERRIDING")) {
			t.take();
			t.expect("VALUE");
		}
		Tokens rest = t.rest();
		boolean source = rest.is("VALUES") || rest.is("VALUE") || rest.is("DEFAULT") || rest.is("SET")
				|| rest.is("SELECT") || rest.is("WITH") || rest.is("TABLE") || rest.isSymbol('(');
		if (!source || rest.size() < 2) {
			throw t.unreadable("expected the rows");
		}
		boolean query = contains(rest, "SELECT") || contains(rest, "TABLE");
		readQuery(rest, facts);
		facts.add(new Fact.WriteRows(t.rangeSince(first), table, verb, false, columns, query));
	}

	private void readUpdate(Tokens t, Token first, List<Fact> facts) {
		while (t.acceptAny(MODIFIERS) != null) {
			// in any order
		}
		t.accept("ONLY");
		ObjectName table = t.objectName();
		t.until(Set.of("SET"), false);
		t.expect("SET");
		int mark = t.mark();
		boolean where = skipToWhere(t);
		List<String> columns = assigned(t, mark);
		boolean all = readWhere(t, where);
		this.expressions.checkCalls(t.since(mark), facts);
		facts.add(new Fact.WriteRows(t.rangeSince(first), table, Verb.UPDATE, all, columns, true));
	}

	private static List<String> assigned(Tokens t, int mark) {
		int end = t.mark();
		t.reset(mark);
		List<String> columns = new ArrayList<>();
		boolean readable = true;
		while (readable && t.mark() < end) {
			if (t.isName()) {
				columns.add(t.objectName().name());
			}
			else if (t.isSymbol('(')) {
				columns.addAll(names(t.parenthesized()));
			}
			readable = t.acceptSymbol('=');
			while (t.mark() < end && !t.isSymbol(',') && !t.is("FROM")) {
				t.skipOne();
			}
			if (t.mark() < end && !t.acceptSymbol(',')) {
				break;
			}
		}
		t.reset(end);
		return readable ? List.copyOf(columns) : List.of();
	}

	private void readDelete(Tokens t, Token first, List<Fact> facts) {
		while (t.acceptAny(MODIFIERS) != null) {
			// in any order
		}
		if (t.isMysql() && !t.is("FROM")) {
			// DELETE a, b FROM a JOIN b …
			t.until(Set.of("FROM"), false);
		}
		if (t.isPostgresql() || t.isMysql()) {
			t.expect("FROM");
		}
		else {
			t.accept("FROM");
		}
		t.accept("ONLY");
		ObjectName table = t.objectName();
		int mark = t.mark();
		boolean where = skipToWhere(t);
		boolean all = readWhere(t, where);
		this.expressions.checkCalls(t.since(mark), facts);
		facts.add(new Fact.WriteRows(t.rangeSince(first), table, Verb.DELETE, all, List.of(), true));
	}

	private void readMerge(Tokens t, Token first, List<Fact> facts) {
		t.expect("INTO");
		t.accept("ONLY");
		ObjectName table = t.objectName();
		Tokens rest = t.rest();
		if (rest.size() < 3) {
			throw t.unreadable("the statement ends too early");
		}
		SourceRange range = t.rangeSince(first);
		boolean using = contains(rest, "USING");
		if (!using) {
			// MERGE INTO t KEY (id) VALUES … of H2
			Tokens afterTable = rest;
			if (afterTable.isSymbol('(')) {
				afterTable.parenthesized();
			}
			readQuery(afterTable.rest(), facts);
			facts.add(new Fact.WriteRows(range, table, Verb.REPLACE, false, List.of(), contains(rest, "SELECT")));
			return;
		}
		boolean delete = contains(rest, "DELETE");
		boolean all = delete || (contains(rest, "UPDATE") && isOnEverything(rest));
		Tokens calls = rest;
		while (!calls.atEnd()) {
			// INSERT (a, b) calls nothing
			Tokens part = calls.until(Set.of("INSERT"), false);
			this.expressions.checkCalls(part, facts);
			if (calls.accept("INSERT") && calls.isSymbol('(')) {
				calls.parenthesized();
			}
		}
		facts.add(new Fact.WriteRows(range, table, delete ? Verb.DELETE : Verb.UPDATE, all, List.of(), true));
	}

	private static boolean isOnEverything(Tokens rest) {
		int mark = rest.mark();
		rest.until(Set.of("ON"), false);
		boolean everything = rest.accept("ON") && isAlwaysTrue(rest.until(Set.of("WHEN"), false));
		rest.reset(mark);
		return everything;
	}

	private static boolean skipToWhere(Tokens t) {
		t.until(Set.of("WHERE"), false);
		return t.accept("WHERE");
	}

	private static boolean readWhere(Tokens t, boolean where) {
		if (!where) {
			return true;
		}
		Tokens condition = t.until(AFTER_WHERE, false);
		if (condition.size() == 0) {
			throw t.unreadable("expected a condition");
		}
		t.rest();
		return isAlwaysTrue(condition);
	}

	private static boolean isAlwaysTrue(Tokens condition) {
		return isAlwaysTrue(condition, 0);
	}

	// one arm of an OR without any column makes the condition a constant
	private static boolean isAlwaysTrue(Tokens condition, int depth) {
		while (!condition.atEnd()) {
			Tokens arm = condition.until(Set.of("OR"), false);
			if (isConstant(arm) || areAllTrue(arm, depth)) {
				return true;
			}
			condition.accept("OR");
		}
		return false;
	}

	private static boolean areAllTrue(Tokens arm, int depth) {
		boolean all = arm.size() > 0;
		while (all && !arm.atEnd()) {
			Tokens term = arm.until(Set.of("AND"), false);
			arm.accept("AND");
			all = isConstant(term) || isSameOnBothSides(term) || isTrueInParentheses(term, depth);
		}
		return all;
	}

	private static boolean isTrueInParentheses(Tokens term, int depth) {
		if (depth >= MAX_DEPTH || !term.isSymbol('(')) {
			return false;
		}
		Tokens inside = term.parenthesized();
		return term.atEnd() && isAlwaysTrue(inside, depth + 1);
	}

	private static boolean isConstant(Tokens arm) {
		for (int i = 0; i < arm.size(); i++) {
			Token token = arm.get(i);
			boolean column = token.kind() == TokenKind.QUOTED || token.kind() == TokenKind.PLACEHOLDER
					|| token.kind() == TokenKind.PARAMETER
					|| (token.kind() == TokenKind.WORD && !CONSTANTS.contains(token.text()));
			if (column) {
				return false;
			}
		}
		return true;
	}

	private static boolean isSameOnBothSides(Tokens arm) {
		int middle = arm.size() / 2;
		if (arm.size() % 2 == 0 || middle == 0 || !arm.get(middle).isSymbol('=')) {
			return false;
		}
		for (int i = 0; i < middle; i++) {
			if (!arm.get(i).text().equals(arm.get(middle + 1 + i).text())) {
				return false;
			}
		}
		return true;
	}

	private static List<String> names(Tokens inside) {
		List<String> names = new ArrayList<>();
		while (!inside.atEnd()) {
			if (inside.isName()) {
				names.add(inside.name());
			}
			inside.until(Set.of(), true);
			inside.acceptSymbol(',');
		}
		return names;
	}

	private static boolean contains(Tokens tokens, String word) {
		for (int i = 0; i < tokens.size(); i++) {
			if (tokens.get(i).isWord(word)) {
				return true;
			}
		}
		return false;
	}

}
