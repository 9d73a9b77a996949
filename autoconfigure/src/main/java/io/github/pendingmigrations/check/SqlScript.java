package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * A script that was read.
 *
 * @param sql its text
 * @param dialect its dialect
 * @param statements its statements, in order
 * @param directives the comments in it that are addressed to the checker, in order
 * @since 0.1.0
 */
public record SqlScript(String sql, Dialect dialect, List<SqlStatement> statements, List<Directive> directives) {

	/**
	 * Words in modes of MySQL and MariaDB that end strings elsewhere, or make names of
	 * them.
	 */
	private static final List<String> MODES = List.of("NO_BACKSLASH_ESCAPES", "ANSI", "ORACLE", "MSSQL", "DB2",
			"POSTGRESQL", "MAXDB");

	private static final String WITHOUT_TEXT = "its text is not in the locations of Flyway, but comes from a resolver"
			+ " or a resource provider of the application. Allow it by its version or its location, with"
			+ " pending-migrations.check.versions or .locations";

	/**
	 * Read a script, or a chunk of one that somebody else has cut already. Never fails:
	 * what cannot be read becomes an unknown statement.
	 * @param sql its text, with its placeholders replaced
	 * @param dialect its dialect
	 * @return the script
	 */
	public static SqlScript read(String sql, Dialect dialect) {
		Source source = new Source(sql, dialect);
		StatementSplitter splitter = new StatementSplitter(sql, dialect);
		StatementReader reader = new StatementReader(dialect);
		List<SqlStatement> statements = new ArrayList<>();
		String escapes = null;
		StatementSplitter.Piece piece = splitter.next();
		while (piece != null) {
			if (escapes != null && sql.substring(piece.start(), piece.end()).indexOf('\\') >= 0) {
				statements.add(unknown(source, piece.start(), sql.length(),
						"a backslash after " + escapes + " changed how it is read", true));
				break;
			}
			SqlStatement statement = read(source, reader, piece);
			statements.add(statement);
			escapes = (escapes != null) ? escapes : changesEscapes(statement);
			piece = splitter.next();
		}
		List<Directive> directives = new ArrayList<>();
		for (Lexer.Comment comment : splitter.directives()) {
			directives.add(new Directive(source.range(comment.start(), comment.end()), comment.text()));
		}
		return new SqlScript(sql, dialect, List.copyOf(statements), List.copyOf(directives));
	}

	/**
	 * Read a script. One without a text is an unknown statement.
	 * @param file the script
	 * @param dialect its dialect
	 * @return the script
	 */
	static SqlScript of(ScriptFile file, Dialect dialect) {
		return (file.sql() != null) ? read(file.sql(), dialect) : new SqlScript("", dialect,
				List.of(unknown(new Source("", dialect), 0, 0, WITHOUT_TEXT, false)), List.of());
	}

	private static SqlStatement read(Source source, StatementReader reader, StatementSplitter.Piece piece) {
		if (piece.error() != null) {
			int start = piece.last() ? Math.max(piece.start(), 0) : piece.start();
			return unknown(source, start, piece.end(), describe(source, piece), piece.last());
		}
		int end = piece.tokens().get(piece.tokens().size() - 1).end();
		SourceRange range = source.range(piece.start(), end);
		List<Fact> facts = reader.read(source, piece.tokens());
		boolean code = piece.tokens().get(0).isWord("DO") || piece.tokens().get(0).isWord("CALL");
		return new SqlStatement(range, source.text(piece.start(), end), facts, piece.certain() && !code);
	}

	private static String describe(Source source, StatementSplitter.Piece piece) {
		String error = String.valueOf(piece.error());
		if (!piece.last()) {
			return error;
		}
		SourceRange at = source.range(Math.min(piece.errorAt(), source.length()), source.length());
		return error + " (line " + at.line() + ", column " + at.column() + ")";
	}

	private static SqlStatement unknown(Source source, int start, int end, String reason, boolean last) {
		SourceRange range = source.range(start, end);
		return new SqlStatement(range, source.text(start, end), List.of(new Fact.Unknown(range, reason, last)), true);
	}

	// from such a statement on, a backslash in a string may or may not be an escape
	private static @Nullable String changesEscapes(SqlStatement statement) {
		for (Fact fact : statement.facts()) {
			if (fact instanceof Fact.SetOption option) {
				String value = (option.value() != null) ? option.value().toUpperCase(Locale.ROOT) : "";
				boolean strings = option.name().equals("standard_conforming_strings") && !value.equals("ON")
						&& !value.equals("TRUE");
				boolean mode = option.name().equals("sql_mode")
						&& (option.value() == null || MODES.stream().anyMatch(value::contains));
				if (strings || mode) {
					return option.name();
				}
			}
		}
		return null;
	}

	/**
	 * Return whether a part of the script could not be understood.
	 * @return {@code true} if so
	 */
	public boolean isUnknown() {
		return this.statements.stream().anyMatch(SqlStatement::isUnknown);
	}

	/**
	 * A comment that is addressed to the checker.
	 *
	 * @param range where it stands
	 * @param text its text, without the characters that start the comment
	 */
	public record Directive(SourceRange range, String text) {

	}

}
