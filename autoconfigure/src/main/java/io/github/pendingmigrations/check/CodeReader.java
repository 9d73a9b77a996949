package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads the code of blocks and routines: control words are dropped, every statement
 * between them is read as any other. What remains unread is unknown.
 */
final class CodeReader {

	private static final Set<String> SKIPPED = Set.of("NULL", "RAISE", "RETURN", "EXIT", "CONTINUE", "GET", "CLOSE",
			"FETCH", "MOVE", "LEAVE", "ITERATE", "SIGNAL", "RESIGNAL", "ASSERT");

	private static final Set<String> BLOCK_ENDS = Set.of("IF", "LOOP", "CASE", "WHILE", "REPEAT", "FOR");

	/** Words that tell a statement that is not known from a declaration. */
	private static final Set<String> NEVER_DECLARED = Set.of("DROP", "ALTER", "CREATE", "TRUNCATE", "DELETE", "INSERT",
			"MERGE", "EXECUTE");

	private static final Set<String> WRITING = Set.of("INSERT", "UPDATE", "DELETE", "MERGE", "WITH");

	private final Expressions expressions;

	private final QueryReader queries;

	private final HeadReader statements;

	CodeReader(Expressions expressions, QueryReader queries, HeadReader statements) {
		this.expressions = expressions;
		this.queries = queries;
		this.statements = statements;
	}

	/**
	 * Read {@code DO} behind this word.
	 * @param t the tokens
	 * @param facts where to add what it does
	 */
	void readDo(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		String language = "PLPGSQL";
		Token body = null;
		while (!t.atEnd()) {
			if (t.accept("LANGUAGE")) {
				language = t.take().text().toUpperCase(Locale.ROOT);
			}
			else {
				body = t.take();
			}
		}
		if (body == null || !language.equals("PLPGSQL")) {
			throw new UnreadableException("code in a language that is not known here", first);
		}
		readString(t.source(), body, facts);
	}

	/**
	 * Read code that stands in a string.
	 * @param source the script
	 * @param body the string
	 * @param facts where to add what it does
	 */
	void readString(Source source, Token body, List<Fact> facts) {
		if (body.kind() != TokenKind.DOLLAR_STRING) {
			throw new UnreadableException("code in a string in quotes", body);
		}
		int start = source.text().indexOf(body.text(), body.start() + 2);
		Lexer lexer = new Lexer(source.text(), start, start + body.text().length(), source.dialect());
		List<Token> tokens = new ArrayList<>();
		Token token = lexer.next();
		while (token.kind() != TokenKind.END) {
			if (token.kind() == TokenKind.ERROR) {
				throw new UnreadableException(token.text(), token);
			}
			if (token.kind() == TokenKind.PLACEHOLDER) {
				facts.add(new Fact.Placeholder(source.range(token.start(), token.end()), token.text()));
			}
			tokens.add(token);
			token = lexer.next();
		}
		readBody(new Tokens(source, tokens), facts);
	}

	/**
	 * Read code.
	 * @param t its tokens
	 * @param facts where to add what it does
	 */
	void readBody(Tokens t, List<Fact> facts) {
		while (!t.atEnd()) {
			Tokens piece = nextPiece(t);
			if (piece.size() > 0) {
				Token first = piece.peek();
				try {
					readPiece(piece, facts);
				}
				catch (UnreadableException ex) {
					facts.add(new Fact.Unknown(t.source().range(first.start(), piece.get(piece.size() - 1).end()),
							ex.reason(), false));
				}
			}
		}
	}

	private static Tokens nextPiece(Tokens t) {
		int mark = t.mark();
		while (!t.atEnd() && !t.isSymbol(';')) {
			t.skipOne();
		}
		Tokens piece = t.since(mark);
		t.acceptSymbol(';');
		return piece;
	}

	private void readPiece(Tokens t, List<Fact> facts) {
		while (!t.atEnd()) {
			if (!dropControl(t, facts)) {
				readStatement(t, facts);
				return;
			}
		}
	}

	/**
	 * Drop what controls the flow before a statement.
	 * @return whether there was anything
	 */
	private boolean dropControl(Tokens t, List<Fact> facts) {
		if (t.isSymbol('<') && t.peek(1).isSymbol('<')) {
			while (!t.isSymbol('>')) {
				t.take();
			}
			t.take();
			t.expectSymbol('>');
			return true;
		}
		boolean label = t.isMysql() && t.peek().kind() == TokenKind.WORD && t.peek(1).isSymbol(':')
				&& !t.peek(2).isSymbol('=');
		if (label) {
			t.take();
			t.take();
			return true;
		}
		if (t.accept("BEGIN")) {
			t.accept("NOT", "ATOMIC");
			t.accept("ATOMIC");
			return true;
		}
		if (t.accept("ELSE") || t.accept("LOOP") || t.accept("EXCEPTION") || t.accept("REPEAT")) {
			return true;
		}
		if (t.accept("END")) {
			t.acceptAny(BLOCK_ENDS);
			if (!t.atEnd()) {
				t.name();
			}
			t.expectEnd();
			return true;
		}
		if (t.is("IF") || t.is("ELSIF") || t.is("ELSEIF") || t.is("WHEN")) {
			boolean handler = t.take().isWord("WHEN");
			this.expressions.checkCalls(t.until(Set.of("THEN"), false), facts);
			t.expect("THEN");
			return !handler || !t.atEnd();
		}
		if (t.accept("CASE")) {
			this.expressions.checkCalls(t.until(Set.of("WHEN"), false), facts);
			return true;
		}
		if (t.accept("WHILE")) {
			this.expressions.checkCalls(t.until(Set.of("LOOP", "DO"), false), facts);
			t.take();
			return true;
		}
		if (t.accept("FOR") || t.accept("FOREACH")) {
			readLoop(t, facts);
			return true;
		}
		if (t.is("UNTIL")) {
			t.take();
			this.expressions.checkCalls(t.until(Set.of("END"), false), facts);
			return true;
		}
		if (t.accept("DECLARE")) {
			readDeclaration(t, facts);
			return true;
		}
		return false;
	}

	private void readLoop(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		t.until(Set.of("IN"), false);
		t.expect("IN");
		Tokens over = t.until(Set.of("LOOP", "DO"), false);
		t.take();
		if (over.is("EXECUTE")) {
			facts.add(new Fact.Opaque(t.source().range(first.start(), over.get(over.size() - 1).end()),
					"SQL that is put together when it runs", this.expressions.hint(over)));
			return;
		}
		if (over.isAny(WRITING)) {
			// FOR r IN DELETE … RETURNING … LOOP
			this.queries.read(over, facts);
			return;
		}
		this.queries.readQuery(over, facts);
	}

	private void readDeclaration(Tokens t, List<Fact> facts) {
		boolean handler = false;
		for (int ahead = 0; ahead < 3; ahead++) {
			handler |= t.peek(ahead).isWord("HANDLER");
		}
		if (t.isMysql() && handler) {
			t.until(Set.of("FOR"), false);
			t.expect("FOR");
			// the conditions, then a statement
			boolean condition = true;
			while (condition) {
				if (t.accept("SQLSTATE")) {
					t.accept("VALUE");
					t.take();
				}
				else if (!t.accept("SQLEXCEPTION") && !t.accept("SQLWARNING") && !t.accept("NOT", "FOUND")) {
					t.take();
				}
				condition = t.acceptSymbol(',');
			}
			return;
		}
		this.expressions.checkCalls(t.rest(), facts);
	}

	private void readStatement(Tokens t, List<Fact> facts) {
		Token first = t.peek();
		if (t.isAny(SKIPPED)) {
			t.take();
			this.expressions.checkCalls(t.rest(), facts);
			return;
		}
		boolean assignment = t.peek(1).isSymbol(':') || t.peek(1).isSymbol('=') || t.peek(1).isSymbol('.')
				|| t.peek(1).isSymbol('[');
		boolean variable = t.isMysql() && t.is("SET") && !t.is("SET", "GLOBAL") && !t.is("SET", "PERSIST");
		if ((assignment && first.kind() != TokenKind.SYMBOL) || variable) {
			this.queries.readQuery(withoutHead(t), facts);
			return;
		}
		if (t.is("EXECUTE") || t.is("PREPARE") || t.is("DEALLOCATE") || (t.is("OPEN") && contains(t, "EXECUTE"))) {
			Tokens rest = t.rest();
			facts.add(new Fact.Opaque(rest.range(), "SQL that is put together when it runs",
					this.expressions.hint(rest)));
			return;
		}
		if (t.is("OPEN")) {
			this.queries.readQuery(t.rest(), facts);
			return;
		}
		if (t.accept("PERFORM")) {
			this.queries.readQuery(t.rest(), facts);
			return;
		}
		if (isDeclaration(t)) {
			this.expressions.checkCalls(t.rest(), facts);
			return;
		}
		if (t.is("SELECT") && !t.isMysql()) {
			// SELECT … INTO sets a variable
			this.expressions.checkCalls(t.rest(), facts);
			return;
		}
		t.take();
		this.statements.read(t, facts);
	}

	private static Tokens withoutHead(Tokens t) {
		t.take();
		return t.rest();
	}

	// name type [:= value], between DECLARE and BEGIN
	private static boolean isDeclaration(Tokens t) {
		if (t.isMysql() || t.peek().kind() != TokenKind.WORD || t.peek(1).kind() != TokenKind.WORD) {
			return false;
		}
		return !StatementReader.HEADS.contains(t.peek().text())
				&& NEVER_DECLARED.stream().noneMatch((word) -> contains(t, word));
	}

	private static boolean contains(Tokens t, String word) {
		for (int i = 0; i < t.size(); i++) {
			if (t.get(i).isWord(word)) {
				return true;
			}
		}
		return false;
	}

}
