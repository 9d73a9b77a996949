package io.github.pendingmigrations.check;

/**
 * A token of a script.
 *
 * @param kind what it is
 * @param text its text, see {@link TokenKind}
 * @param start the index of its first character
 * @param end the index after its last character
 */
record Token(TokenKind kind, String text, int start, int end) {

	boolean isWord(String word) {
		return this.kind == TokenKind.WORD && this.text.equals(word);
	}

	boolean isSymbol(char symbol) {
		return this.kind == TokenKind.SYMBOL && this.text.charAt(0) == symbol;
	}

}
