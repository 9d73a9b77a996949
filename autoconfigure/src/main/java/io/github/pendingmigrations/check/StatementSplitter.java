package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Cuts a script, or a chunk of one that somebody else has cut already, into statements.
 */
final class StatementSplitter {

	private static final Set<String> ROUTINES = Set.of("PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE");

	/** How far into a CREATE the kind of object can stand, DEFINER and all. */
	private static final int HEAD_LENGTH = 16;

	private final String sql;

	private final Dialect dialect;

	private final Lexer lexer;

	private boolean failed;

	StatementSplitter(String sql, Dialect dialect) {
		this.sql = sql;
		this.dialect = dialect;
		this.lexer = new Lexer(sql, 0, sql.length(), dialect);
	}

	List<Lexer.Comment> directives() {
		return this.lexer.directives();
	}

	/**
	 * Return the next statement.
	 * @return the statement, or {@code null} at the end of the script
	 */
	@Nullable Piece next() {
		while (!this.failed) {
			Collector collector = new Collector();
			Token token = this.lexer.next();
			if (token.kind() == TokenKind.END && token.start() == token.end()) {
				return null;
			}
			int conditionalsBefore = this.lexer.conditionalComments() - (this.lexer.isUncertain() ? 1 : 0);
			boolean uncertain = this.lexer.isUncertain();
			boolean certain = !uncertain;
			while (!collector.isEnd(token)) {
				if (token.kind() == TokenKind.ERROR) {
					return failed(collector.tokens, token, token.text());
				}
				String error = collector.add(token);
				if (error != null) {
					return failed(collector.tokens, token, error);
				}
				if (collector.isDelimiterCommand()) {
					this.lexer.readDelimiter();
					collector = new Collector();
				}
				token = this.lexer.next();
				boolean here = this.lexer.isUncertain();
				if (!collector.isEnd(token) && token.kind() != TokenKind.END) {
					uncertain |= here;
					certain |= !here;
				}
			}
			if (collector.tokens.isEmpty()) {
				continue;
			}
			if (collector.depth > 0 || collector.blocks > 0) {
				return failed(collector.tokens, token,
						(collector.depth > 0) ? "a parenthesis that is not closed" : "a block without its END");
			}
			if (collector.isCopyFromStdin() && !this.lexer.skipCopyData()) {
				return failed(collector.tokens, token, "data of a COPY that does not end with \\.");
			}
			boolean mixed = (uncertain && certain)
					|| this.lexer.conditionalComments() - conditionalsBefore > (uncertain ? 1 : 0);
			return new Piece(collector.tokens, collector.start(), token.start(), !uncertain,
					mixed ? "a comment that only some servers execute, inside a statement" : null);
		}
		return null;
	}

	private Piece failed(List<Token> tokens, Token at, String error) {
		this.failed = true;
		int start = tokens.isEmpty() ? at.start() : tokens.get(0).start();
		return new Piece(List.of(), start, this.sql.length(), true, error, at.start(), true);
	}

	/**
	 * A statement.
	 *
	 * @param tokens its tokens, without the delimiter
	 * @param start the index of its first character
	 * @param end the index after its last character
	 * @param certain whether every server executes it
	 * @param error why it cannot be read, if so
	 * @param errorAt where that is
	 * @param last whether nothing behind it can be read either
	 */
	record Piece(List<Token> tokens, int start, int end, boolean certain, @Nullable String error, int errorAt,
			boolean last) {

		Piece(List<Token> tokens, int start, int end, boolean certain, @Nullable String error) {
			this(tokens, start, end, certain, error, start, false);
		}

	}

	/**
	 * Collects the tokens of a statement and knows where it ends.
	 */
	private final class Collector {

		private final List<Token> tokens = new ArrayList<>();

		private int depth;

		private int blocks;

		private boolean routine;

		private boolean opensBlock;

		boolean isEnd(Token token) {
			if (token.kind() == TokenKind.END) {
				return true;
			}
			return token.isSymbol(';') && this.depth == 0 && this.blocks == 0;
		}

		@Nullable String add(Token token) {
			if (token.kind() == TokenKind.SYMBOL) {
				char c = token.text().charAt(0);
				if (c == '(') {
					this.depth++;
				}
				else if (c == ')') {
					this.depth--;
				}
				if (this.depth < 0) {
					return "a parenthesis that was not opened";
				}
			}
			else if (token.kind() == TokenKind.WORD) {
				String error = addWord(token.text());
				if (error != null) {
					return error;
				}
			}
			this.tokens.add(token);
			return null;
		}

		private @Nullable String addWord(String word) {
			int size = this.tokens.size();
			if (!this.routine && size > 0 && size < HEAD_LENGTH && ROUTINES.contains(word)
					&& this.tokens.get(0).isWord("CREATE")) {
				this.routine = true;
				if (StatementSplitter.this.dialect == Dialect.ANSI) {
					return "code, whose end only its database knows";
				}
			}
			boolean mysql = StatementSplitter.this.dialect.isMysqlFamily();
			boolean anonymous = mysql && word.equals("NOT") && size == 1 && this.tokens.get(0).isWord("BEGIN");
			boolean atomic = StatementSplitter.this.dialect == Dialect.POSTGRESQL && this.routine
					&& word.equals("ATOMIC") && this.tokens.get(size - 1).isWord("BEGIN");
			if (anonymous || atomic) {
				this.opensBlock = true;
				this.blocks++;
				return null;
			}
			// END IF at the end of the outermost block closes an IF, not the block
			boolean inBlock = this.blocks > 0 || (size > 0 && this.tokens.get(size - 1).isWord("END"));
			if (mysql && this.routine && word.equals("BEGIN")) {
				this.opensBlock = true;
				this.blocks++;
			}
			else if (inBlock && this.opensBlock) {
				countBlock(word, size, mysql);
			}
			return null;
		}

		private void countBlock(String word, int size, boolean mysql) {
			Token before = this.tokens.get(size - 1);
			boolean afterEnd = before.isWord("END");
			if (before.isSymbol('.')) {
				// the column t.end
				return;
			}
			if (word.equals("CASE") && !afterEnd) {
				this.blocks++;
			}
			else if (word.equals("BEGIN") && mysql) {
				this.blocks++;
			}
			else if (word.equals("END")) {
				this.blocks--;
			}
			else if (afterEnd && Set.of("IF", "LOOP", "WHILE", "REPEAT", "FOR").contains(word)) {
				// END IF closes no block that was counted
				this.blocks++;
			}
		}

		boolean isDelimiterCommand() {
			return this.tokens.size() == 1 && StatementSplitter.this.dialect.isMysqlFamily()
					&& this.tokens.get(0).isWord("DELIMITER");
		}

		boolean isCopyFromStdin() {
			if (StatementSplitter.this.dialect != Dialect.POSTGRESQL || !this.tokens.get(0).isWord("COPY")) {
				return false;
			}
			for (int i = 1; i + 1 < this.tokens.size(); i++) {
				if (this.tokens.get(i).isWord("FROM") && this.tokens.get(i + 1).isWord("STDIN")) {
					return true;
				}
			}
			return false;
		}

		int start() {
			return this.tokens.get(0).start();
		}

	}

}
