package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Cuts a script into tokens as its database does. Linear in the length of the script.
 */
final class Lexer {

	/** Every MySQL and MariaDB in use runs a conditional comment up to this version. */
	private static final int ALWAYS_EXECUTED = 50700;

	private static final String[] SYMBOLS = new String[128];

	static {
		for (int i = 0; i < SYMBOLS.length; i++) {
			SYMBOLS[i] = String.valueOf((char) i);
		}
	}

	private final String sql;

	private final int end;

	private final Dialect dialect;

	private final boolean mysql;

	private final List<Comment> directives = new ArrayList<>();

	private int position;

	private @Nullable String delimiter;

	private boolean inConditional;

	private boolean uncertainConditional;

	private int conditionalComments;

	Lexer(String sql, int start, int end, Dialect dialect) {
		this.sql = sql;
		this.position = start;
		this.end = end;
		this.dialect = dialect;
		this.mysql = dialect.isMysqlFamily();
		if (start == 0 && end > 0 && sql.charAt(0) == '\uFEFF') {
			this.position = 1;
		}
	}

	/**
	 * Return the comments that were met so far and are addressed to the checker.
	 * @return the comments, in order
	 */
	List<Comment> directives() {
		return this.directives;
	}

	/**
	 * Return whether the last token stood in a comment that only some servers execute.
	 * @return {@code true} if it did
	 */
	boolean isUncertain() {
		return this.uncertainConditional;
	}

	/**
	 * Return how many comments were met that only some servers execute.
	 * @return the number
	 */
	int conditionalComments() {
		return this.conditionalComments;
	}

	/**
	 * Read what MySQL's client takes as the delimiter: the rest of the line.
	 */
	void readDelimiter() {
		int lineEnd = this.position;
		while (lineEnd < this.end && this.sql.charAt(lineEnd) != '\n' && this.sql.charAt(lineEnd) != '\r') {
			lineEnd++;
		}
		String text = this.sql.substring(this.position, lineEnd).trim();
		this.position = lineEnd;
		this.delimiter = (text.isEmpty() || text.equals(";")) ? null : text;
	}

	/**
	 * Skip the data lines of a {@code COPY … FROM STDIN}.
	 * @return whether they end as they must
	 */
	boolean skipCopyData() {
		int lineStart = this.sql.indexOf('\n', this.position) + 1;
		while (lineStart > 0 && lineStart < this.end) {
			int lineEnd = this.sql.indexOf('\n', lineStart);
			lineEnd = (lineEnd < 0) ? this.end : Math.min(lineEnd, this.end);
			int length = lineEnd - lineStart;
			boolean last = length >= 2 && this.sql.startsWith("\\.", lineStart)
					&& (length == 2 || (length == 3 && this.sql.charAt(lineStart + 2) == '\r'));
			if (last) {
				this.position = lineEnd;
				return true;
			}
			lineStart = lineEnd + 1;
		}
		this.position = this.end;
		return false;
	}

	Token next() {
		String error = skipBlank();
		int start = this.position;
		if (error != null) {
			return error(error, start);
		}
		if (start >= this.end) {
			return this.inConditional ? error("a comment that the server executes is not closed", start)
					: new Token(TokenKind.END, "", start, start);
		}
		if (this.delimiter != null && this.sql.startsWith(this.delimiter, start)) {
			this.position = start + this.delimiter.length();
			return new Token(TokenKind.END, this.delimiter, start, this.position);
		}
		char c = this.sql.charAt(start);
		if (isNameStart(c)) {
			return word(start);
		}
		if (c >= '0' && c <= '9') {
			return number(start);
		}
		return switch (c) {
			case '\'' -> string(start, start, '\'', this.mysql);
			case '"' -> this.mysql ? string(start, start, '"', true) : quoted(start, '"');
			case '`' -> (this.mysql || this.dialect == Dialect.ANSI) ? quoted(start, '`') : symbol(start, c);
			case '[' -> (this.dialect == Dialect.ANSI) ? bracketed(start) : symbol(start, c);
			case '$' -> dollar(start);
			case '@' -> this.mysql ? variable(start) : symbol(start, c);
			case '\\' -> error("a command of a client program (a backslash), which is no SQL", start);
			default -> (c < ' ' || c > '~') ? error("an unexpected character", start) : symbol(start, c);
		};
	}

	private Token symbol(int start, char c) {
		this.position = start + 1;
		return new Token(TokenKind.SYMBOL, SYMBOLS[c], start, this.position);
	}

	private Token error(String reason, int start) {
		this.position = this.end;
		this.inConditional = false;
		return new Token(TokenKind.ERROR, reason, start, this.end);
	}

	private Token word(int start) {
		int i = start + 1;
		while (i < this.end && isNamePart(this.sql.charAt(i))) {
			i++;
		}
		char quote = (i < this.end) ? this.sql.charAt(i) : ' ';
		if (quote == '\'' && i - start <= 2) {
			char first = this.sql.charAt(start);
			boolean one = i - start == 1;
			if (one && this.dialect == Dialect.POSTGRESQL && (first == 'e' || first == 'E')) {
				return string(start, i, '\'', true);
			}
			if (this.dialect == Dialect.ANSI && (this.sql.charAt(i - 1) == 'q' || this.sql.charAt(i - 1) == 'Q')) {
				return error("a string with alternative quotes", start);
			}
		}
		if (quote == '&' && i - start == 1 && !this.mysql && i + 1 < this.end
				&& (this.sql.charAt(start) == 'u' || this.sql.charAt(start) == 'U')) {
			char next = this.sql.charAt(i + 1);
			if (next == '\'') {
				return string(start, i + 1, '\'', false);
			}
			if (next == '"') {
				Token name = quoted(i + 1, '"');
				return (name.kind() == TokenKind.ERROR) ? name
						: new Token(TokenKind.QUOTED, unicode(name.text()), start, name.end());
			}
		}
		this.position = i;
		return new Token(TokenKind.WORD, upper(start, i), start, i);
	}

	private String upper(int start, int wordEnd) {
		for (int i = start; i < wordEnd; i++) {
			char c = this.sql.charAt(i);
			if ((c >= 'a' && c <= 'z') || c > 127) {
				return this.sql.substring(start, wordEnd).toUpperCase(Locale.ROOT);
			}
		}
		return this.sql.substring(start, wordEnd);
	}

	private Token number(int start) {
		int i = start + 1;
		boolean name = false;
		while (i < this.end) {
			char c = this.sql.charAt(i);
			boolean exponent = (c == '+' || c == '-') && !name
					&& (this.sql.charAt(i - 1) == 'e' || this.sql.charAt(i - 1) == 'E');
			boolean fraction = c == '.' && i + 1 < this.end && this.sql.charAt(i + 1) >= '0'
					&& this.sql.charAt(i + 1) <= '9';
			if ((c >= '0' && c <= '9') || exponent || fraction) {
				i++;
			}
			else if (isNamePart(c) && c != '$') {
				name |= c != 'e' && c != 'E';
				i++;
			}
			else {
				break;
			}
		}
		this.position = i;
		return (this.mysql && name) ? new Token(TokenKind.WORD, upper(start, i), start, i)
				: new Token(TokenKind.NUMBER, this.sql.substring(start, i), start, i);
	}

	private Token string(int start, int open, char quote, boolean backslash) {
		int i = open + 1;
		boolean ambiguous = this.dialect == Dialect.ANSI;
		while (i < this.end) {
			char c = this.sql.charAt(i);
			if (c == '\\' && backslash) {
				i += 2;
			}
			else if (c == '\\' && ambiguous && i + 1 < this.end && this.sql.charAt(i + 1) == quote) {
				return error("a backslash before a quote, which databases read differently", start);
			}
			else if (c != quote) {
				i++;
			}
			else if (i + 1 < this.end && this.sql.charAt(i + 1) == quote) {
				i += 2;
			}
			else {
				int next = (this.dialect == Dialect.POSTGRESQL) ? continuation(i + 1) : -1;
				if (next < 0) {
					this.position = i + 1;
					return new Token(TokenKind.STRING, this.sql.substring(open + 1, i), start, i + 1);
				}
				i = next + 1;
			}
		}
		return error("a string that is not closed", start);
	}

	// 'a' <newline> 'b' is one string, and the second part has the escapes of the first
	private int continuation(int from) {
		boolean newline = false;
		int i = from;
		while (i < this.end) {
			char c = this.sql.charAt(i);
			if (c == '\n' || c == '\r') {
				newline = true;
				i++;
			}
			else if (isBlank(c)) {
				i++;
			}
			else {
				return (newline && c == '\'') ? i : -1;
			}
		}
		return -1;
	}

	private Token quoted(int start, char quote) {
		int i = start + 1;
		while (i < this.end) {
			char c = this.sql.charAt(i);
			if (c != quote) {
				i++;
			}
			else if (i + 1 < this.end && this.sql.charAt(i + 1) == quote) {
				i += 2;
			}
			else {
				String text = this.sql.substring(start + 1, i);
				String one = SYMBOLS[quote];
				this.position = i + 1;
				return new Token(TokenKind.QUOTED, (text.indexOf(quote) < 0) ? text : text.replace(one + one, one),
						start, i + 1);
			}
		}
		return error("a quoted name that is not closed", start);
	}

	private Token bracketed(int start) {
		int close = this.sql.indexOf(']', start);
		if (close < 0 || close >= this.end) {
			return error("a bracket that is not closed", start);
		}
		String text = this.sql.substring(start + 1, close);
		if (text.indexOf('\'') >= 0 || text.indexOf('"') >= 0 || text.indexOf(';') >= 0 || text.contains("--")
				|| text.contains("/*") || text.indexOf('[') >= 0) {
			return error("brackets, which databases read differently", start);
		}
		this.position = close + 1;
		return new Token(TokenKind.QUOTED, text, start, close + 1);
	}

	private Token variable(int start) {
		int i = start;
		while (i < this.end && this.sql.charAt(i) == '@') {
			i++;
		}
		int name = i;
		while (i < this.end && (isNamePart(this.sql.charAt(i)) || this.sql.charAt(i) == '.')) {
			i++;
		}
		if (i == name) {
			return symbol(start, '@');
		}
		this.position = i;
		return new Token(TokenKind.PARAMETER, upper(start, i), start, i);
	}

	private Token dollar(int start) {
		if (start + 1 < this.end && this.sql.charAt(start + 1) == '{') {
			int close = this.sql.indexOf('}', start);
			if (close < 0 || close >= this.end) {
				return error("a placeholder that is not closed", start);
			}
			this.position = close + 1;
			return new Token(TokenKind.PLACEHOLDER, this.sql.substring(start, close + 1), start, close + 1);
		}
		int i = start + 1;
		if (i < this.end && this.sql.charAt(i) >= '0' && this.sql.charAt(i) <= '9') {
			while (i < this.end && this.sql.charAt(i) >= '0' && this.sql.charAt(i) <= '9') {
				i++;
			}
			this.position = i;
			return new Token(TokenKind.PARAMETER, this.sql.substring(start, i), start, i);
		}
		while (i < this.end && this.sql.charAt(i) != '$' && isNamePart(this.sql.charAt(i))) {
			i++;
		}
		if (i >= this.end || this.sql.charAt(i) != '$') {
			return error("a dollar sign that starts nothing", start);
		}
		if (this.dialect != Dialect.POSTGRESQL && (this.dialect != Dialect.H2 || i > start + 1)) {
			return error("a string in dollar signs, which not every version reads alike", start);
		}
		String tag = this.sql.substring(start, i + 1);
		int close = this.sql.indexOf(tag, i + 1);
		if (close < 0 || close + tag.length() > this.end) {
			return error("a string in dollar signs that is not closed", start);
		}
		this.position = close + tag.length();
		return new Token(TokenKind.DOLLAR_STRING, this.sql.substring(i + 1, close), start, this.position);
	}

	private @Nullable String skipBlank() {
		this.uncertainConditional = this.inConditional && this.uncertainConditional;
		while (this.position < this.end) {
			char c = this.sql.charAt(this.position);
			char next = (this.position + 1 < this.end) ? this.sql.charAt(this.position + 1) : '\0';
			if (isBlank(c)) {
				this.position++;
			}
			else if (this.delimiter != null && this.sql.startsWith(this.delimiter, this.position)) {
				return null;
			}
			else if ((c == '-' && next == '-' && startsDashComment())
					|| (c == '/' && next == '/' && this.dialect == Dialect.H2)) {
				String error = skipLine(2);
				if (error != null) {
					return error;
				}
			}
			else if (c == '#' && this.mysql) {
				skipLine(1);
			}
			else if (c == '/' && next == '*') {
				String error = skipComment();
				if (error != null) {
					return error;
				}
			}
			else if (c == '*' && next == '/' && this.inConditional) {
				this.inConditional = false;
				this.uncertainConditional = false;
				this.position += 2;
			}
			else {
				return null;
			}
		}
		return null;
	}

	private boolean startsDashComment() {
		if (!this.mysql) {
			return true;
		}
		int after = this.position + 2;
		return after >= this.end || this.sql.charAt(after) <= ' ';
	}

	private @Nullable String skipLine(int prefix) {
		int start = this.position;
		int i = start + prefix;
		while (i < this.end) {
			char c = this.sql.charAt(i);
			if (c == '\n') {
				break;
			}
			if (c == '\r' && !this.mysql) {
				if (this.dialect == Dialect.ANSI && i + 1 < this.end && this.sql.charAt(i + 1) != '\n') {
					return "a carriage return in a comment, which databases read differently";
				}
				break;
			}
			i++;
		}
		this.position = i;
		keepDirective(start, start + prefix, i);
		return null;
	}

	private void keepDirective(int start, int textStart, int textEnd) {
		int i = textStart;
		while (i < textEnd && this.sql.charAt(i) <= ' ') {
			i++;
		}
		if (this.sql.regionMatches(true, i, Comment.PREFIX, 0, Comment.PREFIX.length())) {
			this.directives.add(new Comment(this.sql.substring(i, textEnd).trim(), start, textEnd));
		}
	}

	private @Nullable String skipComment() {
		int start = this.position;
		if (this.mysql && openConditional(start)) {
			return null;
		}
		boolean nested = this.dialect == Dialect.POSTGRESQL || this.dialect == Dialect.H2;
		int depth = 1;
		int i = start + 2;
		while (i + 1 < this.end) {
			char c = this.sql.charAt(i);
			char next = this.sql.charAt(i + 1);
			if (c == '*' && next == '/') {
				depth--;
				i += 2;
				if (depth == 0) {
					this.position = i;
					return null;
				}
			}
			else if (c == '/' && next == '*' && this.dialect == Dialect.ANSI) {
				return "a comment in a comment, which databases read differently";
			}
			else if (c == '/' && next == '*' && nested) {
				depth++;
				i += 2;
			}
			else {
				i++;
			}
		}
		return "a comment that is not closed";
	}

	private boolean openConditional(int start) {
		int i = start + 2;
		boolean mariadb = i < this.end && this.sql.charAt(i) == 'M';
		if (mariadb) {
			i++;
		}
		if (i >= this.end || this.sql.charAt(i) != '!') {
			return false;
		}
		i++;
		int version = 0;
		int digits = i;
		while (i < this.end && i - digits < 6 && this.sql.charAt(i) >= '0' && this.sql.charAt(i) <= '9') {
			version = version * 10 + this.sql.charAt(i) - '0';
			i++;
		}
		this.inConditional = true;
		this.uncertainConditional = mariadb || version > ALWAYS_EXECUTED;
		if (this.uncertainConditional) {
			this.conditionalComments++;
		}
		this.position = i;
		return true;
	}

	private boolean isBlank(char c) {
		if (c == ' ' || (c >= '\t' && c <= '\r')) {
			return true;
		}
		return c > 127 && this.dialect == Dialect.H2 && Character.isSpaceChar(c);
	}

	private boolean isNameStart(char c) {
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c > 127 && !isBlank(c));
	}

	private boolean isNamePart(char c) {
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9') || c == '$'
				|| (c > 127 && !isBlank(c));
	}

	private static String unicode(String text) {
		if (text.indexOf('\\') < 0) {
			return text;
		}
		StringBuilder result = new StringBuilder();
		int i = 0;
		while (i < text.length()) {
			char c = text.charAt(i);
			boolean escape = c == '\\' && i + 1 < text.length();
			int from = (escape && text.charAt(i + 1) == '+') ? i + 2 : i + 1;
			int to = (from == i + 2) ? from + 6 : from + 4;
			if (escape && text.charAt(i + 1) == '\\') {
				result.append('\\');
				i += 2;
			}
			else if (escape && to <= text.length() && isHex(text, from, to)) {
				int codePoint = Integer.parseInt(text.substring(from, to), 16);
				result.appendCodePoint(Character.isValidCodePoint(codePoint) ? codePoint : 0xFFFD);
				i = to;
			}
			else {
				result.append(c);
				i++;
			}
		}
		return result.toString();
	}

	private static boolean isHex(String text, int from, int to) {
		for (int i = from; i < to; i++) {
			if (Character.digit(text.charAt(i), 16) < 0) {
				return false;
			}
		}
		return true;
	}

	/**
	 * A comment that is addressed to the checker.
	 *
	 * @param text its text, without the characters that start the comment
	 * @param start the index of its first character
	 * @param end the index after its last character
	 */
	record Comment(String text, int start, int end) {

		static final String PREFIX = "check:";

	}

}
