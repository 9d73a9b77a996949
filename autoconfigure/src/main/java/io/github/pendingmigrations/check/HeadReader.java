package io.github.pendingmigrations.check;

import java.util.List;

/**
 * Reads the statements that start with certain words.
 */
@FunctionalInterface
interface HeadReader {

	/**
	 * Read a statement to its last token.
	 * @param t the tokens, behind the first word
	 * @param facts where to add what it does
	 * @throws UnreadableException if it says something that is not known here
	 */
	void read(Tokens t, List<Fact> facts);

}
