package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.github.pendingmigrations.check.ColumnDefinition.DefaultValue;
import io.github.pendingmigrations.check.ColumnDefinition.Generation;
import org.jspecify.annotations.Nullable;

/**
 * Reads the definition of a column.
 */
final class ColumnReader {

	private static final Set<String> TYPE_WORDS = Set.of("PRECISION", "VARYING", "UNSIGNED", "SIGNED", "ZEROFILL",
			"ARRAY", "LARGE", "OBJECT", "BYTE", "CHARACTER", "CHAR", "VARCHAR", "VARCHAR2", "INT", "INTEGER", "BINARY",
			"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "TO", "RAW");

	private static final Set<String> SERIAL_TYPES = Set.of("SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL2", "SERIAL4",
			"SERIAL8");

	private static final Set<String> DEFAULT_ENDS = Set.of("CONSTRAINT", "NOT", "NULL", "UNIQUE", "PRIMARY", "KEY",
			"CHECK", "REFERENCES", "GENERATED", "DEFERRABLE", "INITIALLY", "COMMENT", "AFTER", "BEFORE", "FIRST", "ON",
			"COLLATE", "AUTO_INCREMENT", "STORAGE", "COMPRESSION", "INVISIBLE", "VISIBLE", "AS", "SELECTIVITY",
			"CHARACTER", "CHARSET", "COLUMN_FORMAT", "ENFORCED", "STORED", "VIRTUAL", "PERSISTENT", "WITH", "IDENTITY",
			"ENABLE", "DISABLE", "USING");

	private final ConstraintReader constraints;

	private final Expressions expressions;

	ColumnReader(ConstraintReader constraints, Expressions expressions) {
		this.constraints = constraints;
		this.expressions = expressions;
	}

	/**
	 * Read a definition with its name.
	 * @param t the tokens
	 * @param facts where to add what the definition does besides
	 * @return the definition
	 */
	ColumnDefinition read(Tokens t, List<Fact> facts) {
		return read(t, t.name(), facts);
	}

	/**
	 * Read a definition behind its name.
	 * @param t the tokens
	 * @param name the name of the column
	 * @param facts where to add what the definition does besides
	 * @return the definition
	 */
	ColumnDefinition read(Tokens t, String name, List<Fact> facts) {
		Builder builder = new Builder(name);
		boolean noType = t.atEnd() || t.isSymbol(',') || t.is("GENERATED") || (t.is("AS") && !t.isPostgresql());
		if (!noType) {
			builder.type = readType(t);
			readTypeMeaning(builder);
		}
		while (!t.atEnd() && !t.isSymbol(',') && readAttribute(t, builder, facts)) {
			// one after the other
		}
		return builder.build();
	}

	String readType(Tokens t) {
		int mark = t.mark();
		if (t.is("DOUBLE", "PRECISION") || t.is("NATIONAL")) {
			t.take();
		}
		else {
			t.objectName();
		}
		while (!t.atEnd()) {
			if (t.isSymbol('(')) {
				t.parenthesized();
			}
			else if (t.isSymbol('[')) {
				t.take();
				while (!t.acceptSymbol(']')) {
					t.take();
				}
			}
			else if (t.isSymbol('%')) {
				t.take();
				t.expect("TYPE");
			}
			else if (t.is("WITH", "TIME") || t.is("WITHOUT", "TIME") || t.is("WITH", "LOCAL")) {
				t.take();
				t.accept("LOCAL");
				t.expect("TIME");
				t.expect("ZONE");
			}
			else if (t.isAny(TYPE_WORDS) && !t.is("CHARACTER", "SET")) {
				t.take();
			}
			else {
				break;
			}
		}
		return t.since(mark).text();
	}

	private void readTypeMeaning(Builder builder) {
		String type = builder.type.toUpperCase(java.util.Locale.ROOT);
		if (SERIAL_TYPES.contains(type)) {
			builder.generation = Generation.SEQUENCE;
			builder.notNull = true;
		}
		else if (type.equals("IDENTITY") || type.startsWith("IDENTITY(")) {
			builder.generation = Generation.IDENTITY;
			builder.notNull = true;
		}
	}

	private boolean readAttribute(Tokens t, Builder builder, List<Fact> facts) {
		if (t.accept("NOT", "NULL")) {
			builder.notNull = true;
		}
		else if (t.accept("NULL")) {
			builder.explicitNull = true;
		}
		else if (t.is("DEFAULT")) {
			readDefault(t, builder, facts);
		}
		else if (t.is("GENERATED") || (t.is("AS") && t.peek(1).isSymbol('('))) {
			readGenerated(t, builder, facts);
		}
		else if (t.accept("AUTO_INCREMENT") || t.accept("AUTOINCREMENT") || t.accept("IDENTITY")) {
			builder.generation = t.previous().isWord("IDENTITY") ? Generation.IDENTITY : Generation.SEQUENCE;
			builder.notNull = true;
			if (t.isSymbol('(')) {
				t.parenthesized();
			}
		}
		else if (t.isAny(ConstraintReader.INLINE_STARTS)) {
			ConstraintDefinition constraint = this.constraints.readInline(t, builder.name, facts);
			if (constraint.kind() == ConstraintKind.NOT_NULL) {
				builder.notNull = true;
			}
			else if (constraint.kind() != ConstraintKind.UNSPECIFIED) {
				builder.notNull |= constraint.kind() == ConstraintKind.PRIMARY_KEY;
				builder.constraints.add(constraint);
			}
		}
		else {
			return readSetting(t, builder, facts);
		}
		return true;
	}

	private boolean readSetting(Tokens t, Builder builder, List<Fact> facts) {
		if (t.accept("COLLATE") || t.accept("CHARSET") || t.accept("CHARACTER", "SET")) {
			t.acceptSymbol('=');
			t.objectName();
		}
		else if (t.accept("COMMENT")) {
			t.take();
		}
		else if (t.accept("ON", "UPDATE")) {
			this.expressions.checkCalls(readExpression(t), facts);
		}
		else if (t.accept("STORAGE") || t.accept("COMPRESSION") || t.accept("COLUMN_FORMAT") || t.accept("SELECTIVITY")
				|| t.accept("SRID")) {
			t.take();
		}
		else if (t.is("FIRST") || t.is("AFTER") || (t.is("BEFORE") && !t.isPostgresql())) {
			if (!t.take().isWord("FIRST")) {
				t.name();
			}
			builder.positioned = true;
		}
		else {
			return t.accept("INVISIBLE") || t.accept("VISIBLE") || t.accept("WITH", "OPTIONS")
					|| t.accept("WITHOUT", "SYSTEM", "VERSIONING") || t.accept("WITH", "SYSTEM", "VERSIONING");
		}
		return true;
	}

	private void readDefault(Tokens t, Builder builder, List<Fact> facts) {
		t.expect("DEFAULT");
		if (t.accept("ON", "NULL")) {
			builder.notNull = true;
		}
		Tokens expression = readExpression(t);
		builder.defaultExpression = expression.text();
		builder.defaultValue = this.expressions.classify(expression);
		if (builder.defaultValue == DefaultValue.VOLATILE) {
			this.expressions.checkCalls(expression, facts);
		}
	}

	/**
	 * Read the expression of a default.
	 * @param t the tokens
	 * @return its tokens
	 */
	Tokens readExpression(Tokens t) {
		int mark = t.mark();
		boolean operand = true;
		while (!t.atEnd() && !t.isSymbol(',') && (operand || !t.isAny(DEFAULT_ENDS))) {
			Token token = t.peek();
			boolean operator = token.kind() == TokenKind.SYMBOL && !token.isSymbol('(') && !token.isSymbol(')')
					&& !token.isSymbol('[') && !token.isSymbol(']');
			t.skipOne();
			operand = operator || (operand && token.isWord("NOT"));
		}
		Tokens expression = t.since(mark);
		if (expression.size() == 0) {
			throw t.unreadable("expected an expression");
		}
		return expression;
	}

	private void readGenerated(Tokens t, Builder builder, List<Fact> facts) {
		boolean always = true;
		Token first = t.peek();
		if (t.accept("GENERATED")) {
			if (t.accept("BY", "DEFAULT")) {
				t.accept("ON", "NULL");
				always = false;
			}
			else {
				t.expect("ALWAYS");
			}
		}
		t.expect("AS");
		if (t.accept("IDENTITY")) {
			builder.generation = always ? Generation.IDENTITY_ALWAYS : Generation.IDENTITY;
			builder.notNull = true;
			if (t.isSymbol('(')) {
				t.parenthesized();
			}
			return;
		}
		if (t.accept("ROW", "START") || t.accept("ROW", "END")) {
			builder.generation = Generation.STORED;
			return;
		}
		this.expressions.checkCalls(t.parenthesized(), facts);
		boolean virtual = t.accept("VIRTUAL");
		boolean stored = !virtual && (t.accept("STORED") || t.accept("PERSISTENT") || t.accept("PERSISTED"));
		if (!stored && !virtual && t.isPostgresql()) {
			virtual = true;
		}
		if (virtual && t.isPostgresql()) {
			facts.add(new Fact.NeedsVersion(t.rangeSince(first), "a VIRTUAL generated column", 18));
		}
		// the default of MySQL and H2 is virtual, nobody knows that of another database
		boolean unclear = !stored && !virtual && t.dialect() == Dialect.ANSI;
		builder.generation = (stored || unclear) ? Generation.STORED : Generation.VIRTUAL;
	}

	private static final class Builder {

		private final String name;

		private String type = "";

		private boolean notNull;

		private boolean explicitNull;

		private DefaultValue defaultValue = DefaultValue.NONE;

		private @Nullable String defaultExpression;

		private Generation generation = Generation.NONE;

		private final List<ConstraintDefinition> constraints = new ArrayList<>();

		private boolean positioned;

		Builder(String name) {
			this.name = name;
		}

		ColumnDefinition build() {
			return new ColumnDefinition(this.name, this.type, this.notNull, this.explicitNull, this.defaultValue,
					this.defaultExpression, this.generation, List.copyOf(this.constraints), this.positioned);
		}

	}

}
