package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Set;

/**
 * Reads statements that look after tables, and those that change nothing but comments and
 * privileges.
 */
final class MaintenanceReader {

	private static final Set<String> VACUUM_WORDS = Set.of("FREEZE", "VERBOSE", "ANALYZE");

	private static final Set<String> OFF = Set.of("FALSE", "OFF", "0");

	void readVacuum(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		boolean full = false;
		if (t.isSymbol('(')) {
			full = option(t.parenthesized(), "FULL");
		}
		full |= t.accept("FULL");
		while (t.acceptAny(VACUUM_WORDS) != null) {
			// in this order
		}
		boolean named = !t.atEnd();
		SourceRange range = t.rangeSince(first);
		facts.add(new Fact.OutsideTransaction(range, "VACUUM"));
		String how = full ? "VACUUM FULL" : "VACUUM";
		do {
			ObjectName table = named ? tableWithColumns(t) : null;
			facts.add(full ? new Fact.RewriteTable(t.rangeSince(first), table, how, false)
					: new Fact.Harmless(t.rangeSince(first), how, table));
		}
		while (t.acceptSymbol(','));
		t.expectEnd();
	}

	private static ObjectName tableWithColumns(Tokens t) {
		t.accept("ONLY");
		ObjectName table = t.objectName();
		if (t.isSymbol('(')) {
			t.parenthesized();
		}
		return table;
	}

	private static boolean option(Tokens options, String name) {
		boolean on = false;
		while (!options.atEnd()) {
			if (options.accept(name)) {
				boolean off = options.isAny(OFF) || OFF.contains(options.peek().text());
				on = !off;
			}
			options.until(Set.of(), true);
			options.acceptSymbol(',');
		}
		return on;
	}

	void readAnalyze(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		if (t.isSymbol('(')) {
			t.parenthesized();
		}
		t.accept("VERBOSE");
		if (t.isMysql()) {
			if (!t.accept("LOCAL")) {
				t.accept("NO_WRITE_TO_BINLOG");
			}
			t.expect("TABLE");
		}
		if (t.atEnd()) {
			facts.add(new Fact.Harmless(t.rangeSince(first), "ANALYZE", null));
			return;
		}
		if (t.isH2()) {
			t.rest();
			facts.add(new Fact.Harmless(t.rangeSince(first), "ANALYZE", null));
			return;
		}
		do {
			ObjectName table = tableWithColumns(t);
			facts.add(new Fact.Harmless(t.rangeSince(first), "ANALYZE", table));
		}
		while (t.acceptSymbol(','));
		if (t.isMysql()
				&& (t.accept("PERSISTENT") || t.accept("UPDATE", "HISTOGRAM") || t.accept("DROP", "HISTOGRAM"))) {
			t.rest();
		}
		t.expectEnd();
	}

	void readCluster(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		if (t.isSymbol('(')) {
			t.parenthesized();
		}
		t.accept("VERBOSE");
		ObjectName table = null;
		if (!t.atEnd()) {
			table = t.objectName();
			if (t.accept("USING")) {
				t.objectName();
			}
			else if (t.accept("ON")) {
				// CLUSTER i ON t, as it was long ago
				table = t.objectName();
			}
		}
		t.expectEnd();
		SourceRange range = t.rangeSince(first);
		facts.add(new Fact.RewriteTable(range, table, "CLUSTER", false));
		if (table == null) {
			facts.add(new Fact.OutsideTransaction(range, "CLUSTER without a table"));
		}
	}

	void readReindex(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		boolean concurrently = t.isSymbol('(') && option(t.parenthesized(), "CONCURRENTLY");
		Token what = t.take();
		ObjectKind kind = switch (what.text()) {
			case "INDEX" -> ObjectKind.INDEX;
			case "TABLE" -> ObjectKind.TABLE;
			case "SCHEMA" -> ObjectKind.SCHEMA;
			case "DATABASE", "SYSTEM" -> ObjectKind.DATABASE;
			default -> throw new UnreadableException("not known here", what);
		};
		concurrently |= t.accept("CONCURRENTLY");
		ObjectName name = t.atEnd() ? null : t.objectName();
		if (name == null && kind != ObjectKind.DATABASE) {
			throw t.unreadable("expected a name");
		}
		t.expectEnd();
		SourceRange range = t.rangeSince(first);
		facts.add(new Fact.Reindex(range, kind, name, concurrently, what.isWord("SYSTEM")));
		if (concurrently) {
			facts.add(new Fact.OutsideTransaction(range, "REINDEX CONCURRENTLY"));
			facts.add(new Fact.NeedsVersion(range, "REINDEX CONCURRENTLY", 12));
		}
		else if (kind == ObjectKind.DATABASE || kind == ObjectKind.SCHEMA) {
			facts.add(new Fact.OutsideTransaction(range, "REINDEX " + what.text()));
		}
	}

	void readRefresh(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		t.expect("MATERIALIZED");
		t.expect("VIEW");
		boolean concurrently = t.accept("CONCURRENTLY");
		ObjectName view = t.objectName();
		if (t.accept("WITH")) {
			t.accept("NO");
			t.expect("DATA");
		}
		t.expectEnd();
		facts.add(new Fact.RefreshView(t.rangeSince(first), view, concurrently));
	}

	void readLock(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		if (t.isMysql()) {
			if (!t.accept("TABLES")) {
				t.expect("TABLE");
			}
			do {
				ObjectName table = t.objectName();
				Tokens mode = t.until(Set.of(), true);
				facts.add(new Fact.LockTable(t.rangeSince(first), table, mode.text()));
			}
			while (t.acceptSymbol(','));
			t.expectEnd();
			return;
		}
		t.accept("TABLE");
		int from = facts.size();
		do {
			t.accept("ONLY");
			ObjectName table = t.objectName();
			t.acceptSymbol('*');
			facts.add(new Fact.LockTable(t.rangeSince(first), table, ""));
		}
		while (t.acceptSymbol(','));
		String mode = "ACCESS EXCLUSIVE";
		if (t.accept("IN")) {
			mode = t.until(Set.of("MODE"), false).text().toUpperCase(java.util.Locale.ROOT).replaceAll("\\s+", " ");
			t.expect("MODE");
		}
		t.accept("NOWAIT");
		t.expectEnd();
		for (int i = from; i < facts.size(); i++) {
			Fact.LockTable lock = (Fact.LockTable) facts.get(i);
			facts.set(i, new Fact.LockTable(lock.range(), lock.table(), mode));
		}
	}

	void readTruncate(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		t.accept("TABLE");
		int from = facts.size();
		do {
			Token start = (facts.size() == from) ? first : t.peek();
			t.accept("ONLY");
			ObjectName table = t.objectName();
			t.acceptSymbol('*');
			facts.add(new Fact.Truncate(t.rangeSince(start), table, false));
		}
		while (t.acceptSymbol(','));
		if (!t.accept("RESTART", "IDENTITY")) {
			t.accept("CONTINUE", "IDENTITY");
		}
		boolean cascade = t.accept("CASCADE");
		if (!cascade) {
			t.accept("RESTRICT");
		}
		if (t.isMysql() && (t.accept("WAIT") || t.accept("NOWAIT")) && t.previous().isWord("WAIT")) {
			t.take();
		}
		t.expectEnd();
		for (int i = from; cascade && i < facts.size(); i++) {
			Fact.Truncate truncate = (Fact.Truncate) facts.get(i);
			facts.set(i, new Fact.Truncate(truncate.range(), truncate.table(), true));
		}
	}

	void readComment(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		t.expect("ON");
		t.until(Set.of("IS"), false);
		t.expect("IS");
		Token text = t.take();
		if (text.kind() != TokenKind.STRING && text.kind() != TokenKind.DOLLAR_STRING && !text.isWord("NULL")) {
			throw new UnreadableException("expected a text", text);
		}
		while (t.peek().kind() == TokenKind.STRING) {
			t.take();
		}
		t.expectEnd();
		facts.add(new Fact.Harmless(t.rangeSince(first), "COMMENT", null));
	}

	void readGrant(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		t.until(Set.of("TO"), false);
		t.expect("TO");
		t.take();
		t.rest();
		facts.add(new Fact.Harmless(t.rangeSince(first), "GRANT", null));
	}

	void readRevoke(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		t.until(Set.of("FROM"), false);
		t.expect("FROM");
		t.take();
		t.rest();
		facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), null, Fact.ChangeBehaviour.Kind.PRIVILEGES, true));
	}

	void readOptimize(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		if (!t.accept("LOCAL")) {
			t.accept("NO_WRITE_TO_BINLOG");
		}
		if (!t.accept("TABLES")) {
			t.expect("TABLE");
		}
		do {
			ObjectName table = t.objectName();
			facts.add(new Fact.RewriteTable(t.rangeSince(first), table, "OPTIMIZE TABLE", false));
		}
		while (t.acceptSymbol(','));
		t.expectEnd();
	}

	void readRename(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		if (!t.accept("TABLES")) {
			t.expect("TABLE");
		}
		t.accept("IF", "EXISTS");
		do {
			ObjectName from = t.objectName();
			if (t.accept("WAIT")) {
				t.take();
			}
			t.expect("TO");
			ObjectName to = t.objectName();
			facts.add(new Fact.RenameObject(t.rangeSince(first), ObjectKind.TABLE, from, to));
		}
		while (t.acceptSymbol(','));
		t.expectEnd();
	}

	void readImportForeignSchema(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		t.expect("FOREIGN");
		t.expect("SCHEMA");
		t.rest();
		facts.add(new Fact.Harmless(t.rangeSince(first), "IMPORT FOREIGN SCHEMA", null));
	}

}
