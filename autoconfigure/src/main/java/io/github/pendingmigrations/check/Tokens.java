package io.github.pendingmigrations.check;

import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The tokens of a statement, read from left to right.
 */
final class Tokens {

	private final Source source;

	private final List<Token> tokens;

	private final int from;

	private final int to;

	private final Token end;

	private int index;

	private boolean openBracket;

	Tokens(Source source, List<Token> tokens) {
		this(source, tokens, 0, tokens.size());
	}

	private Tokens(Source source, List<Token> tokens, int from, int to) {
		this.source = source;
		this.tokens = tokens;
		this.from = from;
		this.to = to;
		this.index = from;
		int endAt = (to > from) ? tokens.get(to - 1).end() : 0;
		this.end = new Token(TokenKind.END, "", endAt, endAt);
	}

	Source source() {
		return this.source;
	}

	Dialect dialect() {
		return this.source.dialect();
	}

	boolean isPostgresql() {
		return dialect() == Dialect.POSTGRESQL;
	}

	boolean isMysql() {
		return dialect().isMysqlFamily();
	}

	boolean isH2() {
		return dialect() == Dialect.H2;
	}

	Token peek() {
		return peek(0);
	}

	Token peek(int ahead) {
		int i = this.index + ahead;
		return (i < this.to) ? this.tokens.get(i) : this.end;
	}

	Token previous() {
		return (this.index > this.from) ? this.tokens.get(this.index - 1) : this.tokens.get(this.from);
	}

	Token take() {
		Token token = peek();
		if (token.kind() == TokenKind.END) {
			throw unreadable("the statement ends too early");
		}
		this.index++;
		return token;
	}

	boolean atEnd() {
		return this.index >= this.to;
	}

	int mark() {
		return this.index;
	}

	void reset(int mark) {
		this.index = mark;
	}

	boolean is(String word) {
		return peek().isWord(word);
	}

	boolean is(String word, String next) {
		return peek().isWord(word) && peek(1).isWord(next);
	}

	boolean isSymbol(char symbol) {
		return peek().isSymbol(symbol);
	}

	boolean isAny(Set<String> words) {
		Token token = peek();
		return token.kind() == TokenKind.WORD && words.contains(token.text());
	}

	boolean accept(String word) {
		if (is(word)) {
			this.index++;
			return true;
		}
		return false;
	}

	boolean accept(String word, String next) {
		if (is(word, next)) {
			this.index += 2;
			return true;
		}
		return false;
	}

	boolean accept(String word, String next, String third) {
		if (is(word, next) && peek(2).isWord(third)) {
			this.index += 3;
			return true;
		}
		return false;
	}

	boolean acceptSymbol(char symbol) {
		if (isSymbol(symbol)) {
			this.index++;
			return true;
		}
		return false;
	}

	@Nullable String acceptAny(Set<String> words) {
		return isAny(words) ? take().text() : null;
	}

	void expect(String word) {
		if (!accept(word)) {
			throw unreadable("expected " + word);
		}
	}

	void expectSymbol(char symbol) {
		if (!acceptSymbol(symbol)) {
			throw unreadable("expected '" + symbol + "'");
		}
	}

	void expectEnd() {
		if (!atEnd()) {
			throw unreadable("not known here");
		}
	}

	UnreadableException unreadable(String reason) {
		return new UnreadableException(reason, peek());
	}

	/**
	 * Read a name.
	 * @return the name as the database stores it
	 */
	String name() {
		Token token = peek();
		if (!isName(token)) {
			throw unreadable("expected a name");
		}
		this.index++;
		return nameOf(token);
	}

	boolean isName() {
		return isName(peek());
	}

	private boolean isName(Token token) {
		return switch (token.kind()) {
			case QUOTED, PLACEHOLDER -> true;
			case WORD -> !Keywords.isReserved(token.text());
			case STRING -> isMysql() && this.source.charAt(token.start()) == '"';
			default -> false;
		};
	}

	private String nameOf(Token token) {
		if (token.kind() == TokenKind.WORD) {
			return dialect().fold(this.source.text(token.start(), token.end()));
		}
		return dialect().quoted(token.text());
	}

	/**
	 * Read the name of an object, with or without its schema.
	 * @return the name
	 */
	ObjectName objectName() {
		String schema = null;
		String name = name();
		while (isSymbol('.')) {
			this.index++;
			schema = name;
			// behind a dot every word is a name
			Token token = take();
			boolean name2 = token.kind() == TokenKind.WORD || isName(token);
			if (!name2) {
				this.index--;
				throw unreadable("expected a name");
			}
			name = nameOf(token);
		}
		// a name such as ${prefix}_t or t_${suffix}
		while (peek().kind() == TokenKind.PLACEHOLDER
				|| (previous().kind() == TokenKind.PLACEHOLDER && isName() && peek().start() == previous().end())) {
			name = name + nameOf(take());
		}
		return new ObjectName(schema, name);
	}

	/**
	 * Skip everything up to the parenthesis that closes the one at this place.
	 * @return the tokens between them
	 */
	Tokens parenthesized() {
		expectSymbol('(');
		int start = this.index;
		int depth = 1;
		while (depth > 0) {
			Token token = take();
			if (token.kind() == TokenKind.SYMBOL) {
				char c = token.text().charAt(0);
				if (c == '(') {
					depth++;
				}
				else if (c == ')') {
					depth--;
				}
			}
		}
		return new Tokens(this.source, this.tokens, start, this.index - 1);
	}

	/**
	 * Skip one token, or everything in parentheses or brackets if one opens here.
	 */
	void skipOne() {
		if (isSymbol('(')) {
			parenthesized();
		}
		else if (!isSymbol('[') || !skipBrackets()) {
			take();
		}
	}

	private boolean skipBrackets() {
		if (this.openBracket) {
			return false;
		}
		int depth = 0;
		for (int i = this.index; i < this.to; i++) {
			Token token = this.tokens.get(i);
			depth += token.isSymbol('[') ? 1 : token.isSymbol(']') ? -1 : 0;
			if (depth == 0) {
				this.index = i + 1;
				return true;
			}
		}
		// looked for only once, so that many of them take no longer
		this.openBracket = true;
		return false;
	}

	/**
	 * Skip everything up to a word or symbol outside parentheses.
	 * @param words the words to stop before
	 * @param comma whether to stop before a comma
	 * @return the skipped tokens
	 */
	Tokens until(Set<String> words, boolean comma) {
		int start = this.index;
		while (!atEnd() && !isAny(words) && !(comma && isSymbol(','))) {
			skipOne();
		}
		return new Tokens(this.source, this.tokens, start, this.index);
	}

	Tokens rest() {
		Tokens rest = new Tokens(this.source, this.tokens, this.index, this.to);
		this.index = this.to;
		return rest;
	}

	/**
	 * Return these tokens from one of them on, to be read on their own.
	 * @param i the number of the token
	 * @return the tokens
	 */
	Tokens from(int i) {
		return new Tokens(this.source, this.tokens, this.from + i, this.to);
	}

	Tokens since(int mark) {
		return new Tokens(this.source, this.tokens, mark, this.index);
	}

	int size() {
		return this.to - this.from;
	}

	Token get(int i) {
		return this.tokens.get(this.from + i);
	}

	String text() {
		return (this.to > this.from)
				? this.source.text(this.tokens.get(this.from).start(), this.tokens.get(this.to - 1).end()) : "";
	}

	SourceRange rangeSince(Token first) {
		return this.source.range(first.start(), Math.max(first.end(), previous().end()));
	}

	SourceRange range() {
		return (this.to > this.from)
				? this.source.range(this.tokens.get(this.from).start(), this.tokens.get(this.to - 1).end())
				: this.source.range(0, 0);
	}

}
