package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads {@code CREATE …} behind this word.
 */
final class CreateReader implements HeadReader {

	/** Options that may follow the columns of a table. */
	private static final Set<String> POSTGRESQL_TAILS = Set.of("INHERITS", "PARTITION", "WITH", "WITHOUT", "ON",
			"TABLESPACE", "USING", "AS", "SERVER", "OPTIONS");

	private static final Set<String> STATEMENTS = Set.of("ALTER", "DROP", "TRUNCATE", "DELETE", "GRANT", "REVOKE",
			"CREATE", "CALL", "EXECUTE", "GO");

	/** Objects that do nothing to others when they are created. */
	private static final Set<String> PLAIN = Set.of("COLLATION", "AGGREGATE", "OPERATOR", "CAST", "CONVERSION",
			"STATISTICS", "TEXT", "SERVER", "FOREIGN", "ACCESS", "TRANSFORM", "LANGUAGE", "TRUSTED", "PUBLICATION",
			"SUBSCRIPTION", "CONSTANT", "SPATIAL");

	private final ColumnReader columns;

	private final ConstraintReader constraints;

	private final IndexReader indexes;

	private final QueryReader queries;

	CreateReader(ColumnReader columns, ConstraintReader constraints, IndexReader indexes, QueryReader queries) {
		this.columns = columns;
		this.constraints = constraints;
		this.indexes = indexes;
		this.queries = queries;
	}

	@Override
	public void read(Tokens t, List<Fact> facts) {
		Token first = t.previous();
		boolean replace = t.accept("OR", "REPLACE");
		if (t.isMysql()) {
			readDefiner(t);
		}
		if (t.accept("GLOBAL") || t.accept("LOCAL") || t.accept("CACHED") || t.accept("MEMORY")) {
			t.accept("CACHED");
		}
		boolean temporary = t.accept("TEMPORARY") || t.accept("TEMP");
		t.accept("UNLOGGED");
		if (t.accept("TABLE") || t.accept("FOREIGN", "TABLE")) {
			readTable(t, first, replace, temporary, facts);
		}
		else if (t.accept("UNIQUE") || t.is("INDEX") || t.accept("FULLTEXT")
				|| (t.is("SPATIAL", "INDEX") && t.accept("SPATIAL"))
				|| (t.isH2() && t.is("PRIMARY", "KEY") && t.accept("PRIMARY"))) {
			String word = t.previous().text();
			t.accept("NULLS", "NOT", "DISTINCT");
			t.accept("NULLS", "DISTINCT");
			if (!t.accept("INDEX")) {
				t.expect("KEY");
			}
			this.indexes.readCreate(t, first, word.equals("UNIQUE") || word.equals("PRIMARY"),
					word.equals("FULLTEXT") || word.equals("SPATIAL"), facts);
		}
		else {
			readOther(t, first, replace, facts);
		}
	}

	private static void readDefiner(Tokens t) {
		if (t.is("ALGORITHM") && t.peek(1).isSymbol('=')) {
			t.take();
			t.take();
			t.take();
		}
		if (t.is("DEFINER") && t.peek(1).isSymbol('=')) {
			t.until(Set.of("VIEW", "SQL", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "AGGREGATE", "ROLE"), false);
		}
		if (t.accept("SQL", "SECURITY")) {
			t.take();
		}
		t.accept("AGGREGATE");
	}

	private void readTable(Tokens t, Token first, boolean replace, boolean temporary, List<Fact> facts) {
		boolean ifNotExists = t.accept("IF", "NOT", "EXISTS");
		ObjectName table = t.objectName();
		List<ColumnDefinition> definitions = new ArrayList<>();
		List<ObjectName> references = new ArrayList<>();
		ObjectName partitionOf = null;
		boolean body = false;
		if (t.accept("PARTITION", "OF")) {
			partitionOf = t.objectName();
			body = true;
		}
		else if (t.isPostgresql() && t.accept("OF")) {
			t.objectName();
			body = true;
		}
		else if (t.accept("LIKE")) {
			t.objectName();
			body = true;
		}
		if (t.isSymbol('(') && !isQuery(t.peek(1))) {
			Tokens inside = t.parenthesized();
			if (partitionOf == null) {
				readElements(inside, definitions, references, facts);
			}
			body = true;
		}
		body |= readTail(t, facts);
		if (!body) {
			throw t.unreadable("expected the columns");
		}
		facts.add(new Fact.CreateTable(t.rangeSince(first), table, ifNotExists, replace, temporary,
				List.copyOf(definitions), List.copyOf(references), partitionOf));
	}

	private static boolean isQuery(Token token) {
		return token.isWord("SELECT") || token.isWord("WITH") || token.isWord("VALUES") || token.isSymbol('(');
	}

	private void readElements(Tokens t, List<ColumnDefinition> definitions, List<ObjectName> references,
			List<Fact> facts) {
		while (!t.atEnd()) {
			if (t.accept("LIKE") || t.accept("PERIOD", "FOR")) {
				t.until(Set.of(), true);
			}
			else if (this.constraints.startsHere(t)) {
				ObjectName target = this.constraints.readTable(t, facts).references();
				if (target != null) {
					references.add(target);
				}
			}
			else if (!t.isPostgresql() && isIndex(t)) {
				t.until(Set.of(), true);
			}
			else {
				readColumn(t, definitions, references, facts);
			}
			if (!t.acceptSymbol(',')) {
				t.expectEnd();
			}
		}
	}

	private static boolean isIndex(Tokens t) {
		boolean word = t.is("INDEX") || t.is("KEY") || t.is("FULLTEXT") || t.is("SPATIAL");
		if (!word) {
			return false;
		}
		Token next = t.peek(1);
		return next.isSymbol('(') || t.peek(2).isSymbol('(') || next.isWord("KEY") || next.isWord("INDEX")
				|| t.peek(2).isWord("USING");
	}

	private void readColumn(Tokens t, List<ColumnDefinition> definitions, List<ObjectName> references,
			List<Fact> facts) {
		ColumnDefinition column = this.columns.read(t, facts);
		definitions.add(column);
		for (ConstraintDefinition constraint : column.constraints()) {
			if (constraint.references() != null) {
				references.add(constraint.references());
			}
		}
	}

	private boolean readTail(Tokens t, List<Fact> facts) {
		boolean query = false;
		while (!t.atEnd()) {
			if (t.isPostgresql() && t.accept("ON", "COMMIT")) {
				if (!t.accept("DROP") && !t.accept("PRESERVE", "ROWS")) {
					t.expect("DELETE");
					t.expect("ROWS");
				}
				continue;
			}
			if (t.isAny(STATEMENTS)) {
				throw t.unreadable("not known here");
			}
			if (t.accept("AS") || t.is("SELECT") || t.is("WITH", "RECURSIVE")
					|| (t.is("VALUES") && !t.previous().isWord("FOR")) || (t.isSymbol('(') && isQuery(t.peek(1)))) {
				if (t.isPostgresql() && t.accept("EXECUTE")) {
					throw t.unreadable("a prepared statement, whose text is elsewhere");
				}
				this.queries.readQuery(t.rest(), facts);
				query = true;
			}
			else if (t.isPostgresql() && !t.isAny(POSTGRESQL_TAILS)) {
				readPostgresqlOption(t);
			}
			else if (t.dialect() == Dialect.ANSI) {
				throw t.unreadable("not known here");
			}
			else {
				t.skipOne();
			}
		}
		return query;
	}

	private static void readPostgresqlOption(Tokens t) {
		// words behind the ones that start an option
		boolean word = t.peek().kind() == TokenKind.WORD || t.peek().kind() == TokenKind.QUOTED || t.isSymbol('(')
				|| t.isSymbol(',') || t.isSymbol('.');
		boolean started = t.previous().kind() == TokenKind.WORD || t.previous().isSymbol(')')
				|| t.previous().isSymbol(',') || t.previous().isSymbol('.') || t.previous().kind() == TokenKind.QUOTED;
		boolean option = t.isAny(Set.of("BY", "LIST", "RANGE", "HASH", "OIDS", "COMMIT", "DROP", "DELETE", "PRESERVE",
				"ROWS", "FOR", "VALUES", "FROM", "TO", "IN", "DEFAULT"));
		boolean behindOption = t.previous().kind() == TokenKind.WORD && Set
			.of("BY", "LIST", "RANGE", "HASH", "TABLESPACE", "USING", "SERVER", "VALUES", "FROM", "TO", "IN", "WITH",
					"INHERITS", "OPTIONS")
			.contains(t.previous().text());
		if (!word || !started || (!option && !behindOption)) {
			throw t.unreadable("not known here");
		}
		t.skipOne();
	}

	private void readOther(Tokens t, Token first, boolean replace, List<Fact> facts) {
		if (t.accept("MATERIALIZED", "VIEW") || t.accept("VIEW") || t.accept("RECURSIVE", "VIEW")
				|| (t.isH2() && t.accept("FORCE", "VIEW"))) {
			boolean materialized = t.peek(-2).isWord("MATERIALIZED");
			readView(t, first, materialized, replace, facts);
		}
		else if (t.accept("SCHEMA") || t.accept("DATABASE")) {
			readSchema(t, first, replace, facts);
		}
		else if (t.accept("SEQUENCE")) {
			readName(t, first, ObjectKind.SEQUENCE, replace, facts);
			t.rest();
		}
		else if (t.accept("DOMAIN")) {
			readDomain(t, first, facts);
		}
		else if (t.accept("TYPE")) {
			readName(t, first, ObjectKind.TYPE, replace, facts);
			if (t.accept("AS")) {
				t.accept("ENUM");
				t.accept("RANGE");
			}
			if (!t.atEnd()) {
				t.parenthesized();
			}
			t.expectEnd();
		}
		else if (t.accept("EXTENSION")) {
			readName(t, first, ObjectKind.EXTENSION, replace, facts);
			t.rest();
		}
		else if (t.accept("FUNCTION") || t.accept("PROCEDURE") || (t.isH2() && t.accept("ALIAS"))) {
			ObjectKind kind = t.previous().isWord("PROCEDURE") ? ObjectKind.PROCEDURE : ObjectKind.FUNCTION;
			readName(t, first, kind, replace, facts);
			if (t.atEnd()) {
				throw t.unreadable("the statement ends too early");
			}
			t.rest();
		}
		else if (t.is("EVENT", "TRIGGER")) {
			facts.add(new Fact.Opaque(t.rest().range(), "an event trigger, which changes what later DDL does", null));
		}
		else if (t.accept("CONSTRAINT", "TRIGGER") || t.accept("TRIGGER")) {
			readTrigger(t, first, replace, facts);
		}
		else if (t.accept("RULE")) {
			ObjectName name = t.objectName();
			t.expect("AS");
			t.until(Set.of("TO"), false);
			t.expect("TO");
			ObjectName table = t.objectName();
			t.rest();
			facts.add(new Fact.CreateObject(t.rangeSince(first), ObjectKind.RULE, name, replace, false, table, false));
		}
		else if (t.accept("POLICY")) {
			ObjectName name = t.objectName();
			t.expect("ON");
			ObjectName table = t.objectName();
			t.rest();
			facts
				.add(new Fact.CreateObject(t.rangeSince(first), ObjectKind.POLICY, name, replace, false, table, false));
		}
		else if (t.accept("ROLE") || t.accept("USER") || t.accept("GROUP")) {
			readName(t, first, ObjectKind.ROLE, replace, facts);
			t.rest();
		}
		else if (t.isPostgresql() && (t.accept("TABLESPACE") || t.accept("SUBSCRIPTION"))) {
			String what = "CREATE " + t.previous().text();
			t.rest();
			facts.add(new Fact.OutsideTransaction(t.rangeSince(first), what));
		}
		else if (t.dialect() != Dialect.ANSI && t.isAny(PLAIN)) {
			String what = "CREATE " + t.take().text();
			if (t.atEnd()) {
				throw t.unreadable("the statement ends too early");
			}
			t.rest();
			facts.add(new Fact.Harmless(t.rangeSince(first), what, null));
		}
		else {
			throw t.unreadable("not known here");
		}
	}

	private static ObjectName readName(Tokens t, Token first, ObjectKind kind, boolean replace, List<Fact> facts) {
		boolean ifNotExists = t.accept("IF", "NOT", "EXISTS");
		ObjectName name = readUserName(t, kind);
		if (replace && Set.of(ObjectKind.SCHEMA, ObjectKind.SEQUENCE, ObjectKind.ROLE).contains(kind)) {
			// MariaDB drops the one before, with all that is in it
			facts.add(new Fact.DropObject(t.rangeSince(first), kind, name, true, false, null, false, false));
		}
		facts.add(new Fact.CreateObject(t.rangeSince(first), kind, name, replace, ifNotExists, null, false));
		return name;
	}

	private static ObjectName readUserName(Tokens t, ObjectKind kind) {
		if (kind == ObjectKind.ROLE && t.peek().kind() == TokenKind.STRING) {
			return new ObjectName(null, t.take().text());
		}
		return t.objectName();
	}

	private void readView(Tokens t, Token first, boolean materialized, boolean replace, List<Fact> facts) {
		boolean ifNotExists = t.accept("IF", "NOT", "EXISTS");
		ObjectName name = t.objectName();
		t.until(Set.of("AS"), false);
		t.expect("AS");
		Tokens query = t.rest();
		if (query.size() == 0) {
			throw t.unreadable("expected a query");
		}
		if (materialized) {
			// its query is executed at once
			this.queries.readQuery(query, facts);
		}
		facts.add(new Fact.CreateObject(t.rangeSince(first),
				materialized ? ObjectKind.MATERIALIZED_VIEW : ObjectKind.VIEW, name, replace, ifNotExists, null,
				false));
	}

	private static void readSchema(Tokens t, Token first, boolean replace, List<Fact> facts) {
		boolean database = t.previous().isWord("DATABASE") && !t.isMysql();
		ObjectKind kind = database ? ObjectKind.DATABASE : ObjectKind.SCHEMA;
		if (!t.is("AUTHORIZATION")) {
			readName(t, first, kind, replace, facts);
		}
		else {
			facts.add(new Fact.Harmless(t.rangeSince(first), "CREATE SCHEMA", null));
		}
		t.rest();
		if (database && t.isPostgresql()) {
			facts.add(new Fact.OutsideTransaction(t.rangeSince(first), "CREATE DATABASE"));
		}
	}

	private void readDomain(Tokens t, Token first, List<Fact> facts) {
		boolean ifNotExists = t.accept("IF", "NOT", "EXISTS");
		ObjectName name = t.objectName();
		t.accept("AS");
		ColumnDefinition definition = this.columns.read(t, name.name(), facts);
		t.expectEnd();
		boolean constraint = definition.notNull() || !definition.constraints().isEmpty();
		facts.add(new Fact.CreateObject(t.rangeSince(first), ObjectKind.DOMAIN, name, false, ifNotExists, null,
				constraint));
	}

	private static void readTrigger(Tokens t, Token first, boolean replace, List<Fact> facts) {
		boolean ifNotExists = t.accept("IF", "NOT", "EXISTS");
		ObjectName name = t.objectName();
		t.until(Set.of("ON"), false);
		t.expect("ON");
		ObjectName table = t.objectName();
		if (t.atEnd()) {
			throw t.unreadable("the statement ends too early");
		}
		t.rest();
		facts.add(new Fact.CreateObject(t.rangeSince(first), ObjectKind.TRIGGER, name, replace, ifNotExists, table,
				false));
	}

}
