package io.github.pendingmigrations.check;

/**
 * What a {@link Token} is.
 */
enum TokenKind {

	/** A keyword or a name without quotes. Its text is in upper case. */
	WORD,

	/** A name in quotes. Its text is the name. */
	QUOTED,

	/** A string in single quotes, or in double quotes with MySQL. */
	STRING,

	/** A string between dollar signs. Its text is what is between them. */
	DOLLAR_STRING,

	/** A number. */
	NUMBER,

	/** A parameter or variable such as {@code $1}, {@code ?} or {@code @x}. */
	PARAMETER,

	/** A placeholder that nobody replaced, such as <code>${schema}</code>. */
	PLACEHOLDER,

	/** One character that is none of the others. */
	SYMBOL,

	/** The text cannot be read from here on. Its text is the reason. */
	ERROR,

	/** The end of the statement. */
	END

}
