package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads a statement: finds the reader for its first words, and makes unknown what none of
 * them can read to its last token.
 */
final class StatementReader {

	/** Words that a statement may start with. */
	static final Set<String> HEADS = Set.of("ALTER", "ANALYZE", "BEGIN", "CALL", "CHECKPOINT", "CLUSTER", "COMMENT",
			"COMMIT", "COPY", "CREATE", "DEALLOCATE", "DELETE", "DISCARD", "DO", "DROP", "END", "EXEC", "EXECUTE",
			"EXPLAIN", "FLUSH", "GRANT", "IMPORT", "INSERT", "LISTEN", "LOAD", "LOCK", "MERGE", "NOTIFY", "OPTIMIZE",
			"PREPARE", "REASSIGN", "REFRESH", "REINDEX", "RELEASE", "RENAME", "REPLACE", "RESET", "REVOKE", "ROLLBACK",
			"ABORT", "RUNSCRIPT", "SAVEPOINT", "SCRIPT", "SECURITY", "SELECT", "SET", "SHOW", "START", "TABLE",
			"TRUNCATE", "UNLOCK", "UPDATE", "USE", "VACUUM", "VALUES", "WITH", "DESCRIBE", "DESC");

	/** Statements that are not read word by word. */
	private static final Set<String> RUNNING_ON = Set.of("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES",
			"SET", "COMMENT", "GRANT", "REVOKE", "CREATE", "SHOW");

	private static final Set<String> KINDS = Set.of("TABLE", "VIEW", "INDEX", "SCHEMA", "DATABASE", "SEQUENCE", "TYPE",
			"FUNCTION", "PROCEDURE", "TRIGGER", "USER", "ROLE", "COLUMN", "CONSTRAINT", "PARTITION");

	private final Dialect dialect;

	private final Expressions expressions = new Expressions();

	private final QueryReader queries = new QueryReader(this.expressions);

	private final ConstraintReader constraints = new ConstraintReader(this.expressions);

	private final ColumnReader columns = new ColumnReader(this.constraints, this.expressions);

	private final SessionReader session = new SessionReader(this.expressions);

	private final MaintenanceReader maintenance = new MaintenanceReader();

	private final HeadReader create;

	private final HeadReader drop = new DropReader();

	private final HeadReader alter;

	private final CodeReader code = new CodeReader(this.expressions, this.queries, this::readNested);

	/** The routines that this script has created so far. */
	private final Map<String, Tokens> routines = new HashMap<>();

	private final Set<String> overloaded = new HashSet<>();

	private int callDepth;

	StatementReader(Dialect dialect) {
		this.dialect = dialect;
		IndexReader indexes = new IndexReader(this.constraints, this.expressions);
		this.create = new CreateReader(this.columns, this.constraints, indexes, this.queries);
		HeadReader tables = switch (dialect) {
			case POSTGRESQL -> new PostgresqlAlterTableReader(this.columns, this.constraints, this.expressions);
			case MYSQL, MARIADB -> new MysqlAlterTableReader(this.columns, this.constraints, indexes, this.expressions);
			case H2, ANSI -> new StandardAlterTableReader(this.columns, this.constraints, this.expressions);
		};
		this.alter = new AlterReader(tables, this.constraints, this.columns);
	}

	/**
	 * Read a statement.
	 * @param source the script
	 * @param tokens its tokens, at least one
	 * @return what it does, at least one fact
	 */
	List<Fact> read(Source source, List<Token> tokens) {
		Tokens t = new Tokens(source, tokens);
		List<Fact> facts = new ArrayList<>(2);
		try {
			readOne(t, facts);
		}
		catch (UnreadableException ex) {
			facts.clear();
			Token at = ex.at();
			SourceRange range = (at.end() > at.start()) ? source.range(at.start(), at.end()) : t.range();
			facts.add(new Fact.Unknown(range, describe(ex, source), false));
		}
		if (this.dialect == Dialect.ANSI) {
			checkForNextStatement(t, facts);
		}
		addPlaceholders(source, tokens, facts);
		return List.copyOf(facts);
	}

	// some databases need no semicolon between statements, so that a query swallows the
	// next
	private static void checkForNextStatement(Tokens t, List<Fact> facts) {
		if (!RUNNING_ON.contains(t.get(0).text())) {
			return;
		}
		for (int i = 1; i < t.size(); i++) {
			Token token = t.get(i);
			if (startsStatement(t, i)) {
				facts.clear();
				facts.add(new Fact.Unknown(t.source().range(token.start(), token.end()),
						"'" + token.text() + "': another statement seems to start here without a semicolon before it",
						false));
				return;
			}
		}
	}

	private static boolean startsStatement(Tokens t, int i) {
		Token token = t.get(i);
		boolean runs = token.isWord("GO") || token.isWord("EXEC");
		if (token.kind() != TokenKind.WORD || runs || i + 1 >= t.size()) {
			return runs;
		}
		Token next = t.get(i + 1);
		boolean changes = token.isWord("DROP") || token.isWord("ALTER") || token.isWord("TRUNCATE");
		return (changes && KINDS.contains(next.text())) || (token.isWord("DELETE") && next.isWord("FROM"))
				|| (token.isWord("UPDATE") && i + 2 < t.size() && t.get(i + 2).isWord("SET"));
	}

	private static String describe(UnreadableException ex, Source source) {
		Token at = ex.at();
		String message = ex.reason();
		if (at.end() <= at.start()) {
			return message;
		}
		String text = source.text(at.start(), Math.min(at.end(), at.start() + 40));
		return "'" + text + "': " + message;
	}

	private static void addPlaceholders(Source source, List<Token> tokens, List<Fact> facts) {
		for (Token token : tokens) {
			if (token.kind() == TokenKind.PLACEHOLDER) {
				facts.add(new Fact.Placeholder(source.range(token.start(), token.end()), token.text()));
			}
		}
	}

	private void readOne(Tokens t, List<Fact> facts) {
		if (t.is("CREATE")) {
			rememberRoutine(t);
		}
		if (t.isMysql() && t.is("BEGIN", "NOT") && t.peek(2).isWord("ATOMIC")) {
			this.code.readBody(t, facts);
			requireEnd(t, facts);
			return;
		}
		if (t.isSymbol('(')) {
			this.queries.read(t, facts);
			requireEnd(t, facts);
			return;
		}
		Token first = t.take();
		if (first.kind() != TokenKind.WORD) {
			throw new UnreadableException("no statement starts like this", first);
		}
		readNested(t, facts);
	}

	private void readNested(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		switch (first.text()) {
			case "CREATE" -> this.create.read(t, facts);
			case "ALTER" -> this.alter.read(t, facts);
			case "DROP" -> this.drop.read(t, facts);
			case "TRUNCATE" -> this.maintenance.readTruncate(t, facts);
			case "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "TABLE", "REPLACE" -> {
				t.reset(t.mark() - 1);
				this.queries.read(t, facts);
			}
			case "COMMENT" -> this.maintenance.readComment(t, facts);
			case "GRANT" -> this.maintenance.readGrant(t, facts);
			case "REVOKE" -> this.maintenance.readRevoke(t, facts);
			case "SET" -> readSet(t, facts);
			case "RESET", "DISCARD" -> readReset(t, first, facts);
			case "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE" ->
				this.session.readTransaction(t, facts);
			case "ANALYZE" -> this.maintenance.readAnalyze(t, facts);
			case "LOCK" -> this.maintenance.readLock(t, facts);
			case "EXPLAIN" -> readExplain(t, facts);
			case "SHOW" -> {
				t.rest();
				facts.add(new Fact.Harmless(t.rangeSince(first), "SHOW", null));
			}
			case "CALL", "EXECUTE", "EXEC", "PREPARE" -> readCall(t, facts);
			default -> readOfDialect(t, first, facts);
		}
		requireEnd(t, facts);
	}

	private void readSet(Tokens t, List<Fact> facts) {
		if (t.isMysql() && t.accept("STATEMENT")) {
			// SET STATEMENT lock_wait_timeout = 1 FOR ALTER TABLE …
			this.expressions.checkCalls(t.until(Set.of("FOR"), false), facts);
			t.expect("FOR");
			t.take();
			readNested(t, facts);
			return;
		}
		this.session.readSet(t, facts);
	}

	private void readReset(Tokens t, Token first, List<Fact> facts) {
		if (t.isMysql()) {
			throw new UnreadableException("a setting of the server, which is changed for everybody", first);
		}
		if (first.isWord("DISCARD") && t.is("ALL")) {
			facts.add(new Fact.OutsideTransaction(t.range(), "DISCARD ALL"));
		}
		this.session.readReset(t, facts);
	}

	private static void requireEnd(Tokens t, List<Fact> facts) {
		t.expectEnd();
		if (facts.isEmpty()) {
			facts.add(new Fact.Harmless(t.range(), t.get(0).text(), null));
		}
	}

	private void readOfDialect(Tokens t, Token first, List<Fact> facts) {
		boolean read = switch (this.dialect) {
			case POSTGRESQL -> readPostgresql(t, first, facts);
			case MYSQL, MARIADB -> readMysql(t, first, facts);
			case H2 -> readH2(t, first, facts);
			case ANSI -> false;
		};
		if (!read) {
			throw new UnreadableException("no statement that is known here starts like this", first);
		}
	}

	private boolean readPostgresql(Tokens t, Token first, List<Fact> facts) {
		switch (first.text()) {
			case "DO" -> this.code.readDo(t, facts);
			case "VACUUM" -> this.maintenance.readVacuum(t, facts);
			case "CLUSTER" -> this.maintenance.readCluster(t, facts);
			case "REINDEX" -> this.maintenance.readReindex(t, facts);
			case "REFRESH" -> this.maintenance.readRefresh(t, facts);
			case "COPY" -> readCopy(t, facts);
			case "IMPORT" -> this.maintenance.readImportForeignSchema(t, facts);
			case "SECURITY", "LISTEN", "UNLISTEN", "NOTIFY", "DEALLOCATE", "CHECKPOINT" -> {
				t.rest();
				facts.add(new Fact.Harmless(t.rangeSince(first), first.text(), null));
			}
			case "REASSIGN" -> {
				t.expect("OWNED");
				t.rest();
				facts.add(new Fact.ChangeBehaviour(t.rangeSince(first), null, Fact.ChangeBehaviour.Kind.OWNER, true));
			}
			default -> {
				return false;
			}
		}
		return true;
	}

	private boolean readMysql(Tokens t, Token first, List<Fact> facts) {
		switch (first.text()) {
			case "USE" -> this.session.readUse(t, facts);
			case "DO" -> {
				this.expressions.checkCalls(t.rest(), facts);
				facts.add(new Fact.Harmless(t.rangeSince(first), "DO", null));
			}
			case "RENAME" -> this.maintenance.readRename(t, facts);
			case "FLUSH" -> {
				t.expect("PRIVILEGES");
				facts.add(new Fact.Harmless(t.rangeSince(first), "FLUSH PRIVILEGES", null));
			}
			case "OPTIMIZE" -> this.maintenance.readOptimize(t, facts);
			case "UNLOCK", "DESCRIBE", "DESC" -> {
				t.rest();
				facts.add(new Fact.Harmless(t.rangeSince(first), first.text(), null));
			}
			default -> {
				return false;
			}
		}
		return true;
	}

	private boolean readH2(Tokens t, Token first, List<Fact> facts) {
		if (first.isWord("USE")) {
			this.session.readUse(t, facts);
			return true;
		}
		boolean file = first.isWord("RUNSCRIPT") || first.isWord("SCRIPT");
		if (file) {
			facts.add(new Fact.Opaque(t.rest().range(), "a script that is read from elsewhere", null));
		}
		return file;
	}

	private void readExplain(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		boolean executes = t.isSymbol('(') ? t.parenthesized().text().toUpperCase(Locale.ROOT).contains("ANALY")
				: t.accept("ANALYZE");
		t.accept("VERBOSE");
		if (executes) {
			t.take();
			readNested(t, facts);
			return;
		}
		t.rest();
		facts.add(new Fact.Harmless(t.rangeSince(first), "EXPLAIN", null));
	}

	private void readCopy(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		if (t.isSymbol('(')) {
			this.queries.read(t.parenthesized(), facts);
		}
		else {
			ObjectName table = t.objectName();
			if (t.isSymbol('(')) {
				t.parenthesized();
			}
			if (t.is("FROM")) {
				facts.add(new Fact.WriteRows(t.rangeSince(first), table, Fact.WriteRows.Verb.INSERT, false, List.of(),
						true));
			}
		}
		if (!t.accept("FROM")) {
			t.expect("TO");
		}
		if (t.is("PROGRAM")) {
			throw t.unreadable("a program on the server");
		}
		t.take();
		t.rest();
		if (facts.isEmpty()) {
			facts.add(new Fact.Harmless(t.rangeSince(first), "COPY", null));
		}
	}

	private void readCall(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		if (t.isPostgresql() && first.isWord("PREPARE") && t.accept("TRANSACTION")) {
			t.take();
			facts.add(new Fact.TransactionControl(t.rangeSince(first), "PREPARE TRANSACTION"));
			return;
		}
		if (first.isWord("CALL") && t.isName()) {
			int mark = t.mark();
			Tokens body = this.routines.get(t.objectName().key());
			if (body != null && this.callDepth == 0) {
				if (t.isSymbol('(')) {
					this.expressions.checkCalls(t.parenthesized(), facts);
				}
				this.callDepth++;
				try {
					readRoutine(body, facts);
				}
				finally {
					this.callDepth--;
				}
				return;
			}
			t.reset(mark);
		}
		boolean h2Function = this.dialect == Dialect.H2 && first.isWord("CALL");
		Tokens rest = t.rest();
		if (h2Function) {
			List<Fact> calls = new ArrayList<>();
			this.expressions.checkCalls(rest, calls);
			if (calls.isEmpty() && rest.size() > 0) {
				facts.add(new Fact.Harmless(t.rangeSince(first), "CALL", null));
				return;
			}
		}
		String what = first.isWord("CALL") ? "a call of a procedure, which may do anything"
				: "SQL that is put together when it runs";
		facts.add(new Fact.Opaque(t.rangeSince(first), what, this.expressions.hint(rest)));
	}

	private void readRoutine(Tokens routine, List<Fact> facts) {
		for (int i = 0; i < routine.size(); i++) {
			Token token = routine.get(i);
			if (token.kind() == TokenKind.DOLLAR_STRING) {
				this.code.readString(routine.source(), token, facts);
				return;
			}
			if (token.isWord("BEGIN")) {
				this.code.readBody(routine.from(i), facts);
				return;
			}
		}
		throw new UnreadableException("a call of a routine whose code is not found", routine.get(0));
	}

	private void remember(String key, Tokens routine) {
		Tokens before = this.routines.put(key, routine);
		boolean overloaded = before != null && routine.isPostgresql();
		if (overloaded || this.overloaded.contains(key)) {
			// which one is called depends on the types of the arguments
			this.overloaded.add(key);
			this.routines.remove(key);
		}
	}

	private void rememberRoutine(Tokens t) {
		for (int i = 1; i < Math.min(t.size() - 1, 12); i++) {
			Token token = t.get(i);
			if (token.isWord("PROCEDURE") || token.isWord("FUNCTION")) {
				int mark = t.mark();
				t.reset(mark + i + 1);
				t.accept("IF", "NOT", "EXISTS");
				if (t.isName()) {
					String key = t.objectName().key();
					t.reset(mark);
					remember(key, t.rest());
				}
				t.reset(mark);
				return;
			}
		}
	}

}
