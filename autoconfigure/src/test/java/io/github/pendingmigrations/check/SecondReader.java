package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.tree.ParseTree;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLLexer;
import org.pgcodekeeper.core.parsers.antlr.pg.generated.SQLParser;

/**
 * Reads PostgreSQL's SQL with the grammar of pgCodeKeeper, which has nothing in common
 * with the reader of this library.
 */
final class SecondReader {

	private final List<String> facts = new ArrayList<>();

	private SecondReader() {
	}

	/**
	 * Read a script.
	 * @param sql its text
	 * @return what it does, or empty if the grammar refuses it
	 */
	static Optional<List<String>> read(String sql) {
		Errors errors = new Errors();
		SQLLexer lexer = new SQLLexer(CharStreams.fromString(sql));
		lexer.removeErrorListeners();
		lexer.addErrorListener(errors);
		SQLParser parser = new SQLParser(new CommonTokenStream(lexer));
		parser.removeErrorListeners();
		parser.addErrorListener(errors);
		SQLParser.SqlContext tree = parser.sql();
		if (errors.count > 0) {
			return Optional.empty();
		}
		SecondReader reader = new SecondReader();
		reader.visit(tree);
		return Optional.of(reader.facts);
	}

	private void visit(ParseTree node) {
		if (node instanceof SQLParser.Alter_table_statementContext alter) {
			alterTable(alter);
		}
		else if (node instanceof SQLParser.Drop_statementsContext drop) {
			drop(drop);
		}
		else if (node instanceof SQLParser.Truncate_stmtContext truncate) {
			truncate.only_table_multiply()
				.forEach((table) -> this.facts
					.add("truncate " + name(table.schema_qualified_name()) + cascade(truncate.cascade_restrict())));
		}
		else if (node instanceof SQLParser.Create_index_statementContext index) {
			this.facts.add("create-index " + name(index.table_name) + (index.UNIQUE() != null ? " unique" : "")
					+ (index.CONCURRENTLY() != null ? " concurrently" : ""));
		}
		else if (node instanceof SQLParser.Delete_stmt_for_psqlContext delete) {
			this.facts.add("delete " + name(delete.delete_table_name) + (delete.WHERE() != null ? " where" : ""));
		}
		else if (node instanceof SQLParser.Update_stmt_for_psqlContext update) {
			this.facts.add("update " + name(update.update_table_name) + (update.WHERE() != null ? " where" : ""));
		}
		for (int i = 0; i < node.getChildCount(); i++) {
			visit(node.getChild(i));
		}
	}

	private void drop(SQLParser.Drop_statementsContext drop) {
		String kind = (drop.MATERIALIZED() != null) ? "materialized view"
				: drop.getChild(0).getText().toLowerCase(Locale.ROOT);
		var names = drop.if_exist_names_restrict_cascade();
		for (var name : names.names_references().schema_qualified_name()) {
			this.facts.add("drop " + kind + ' ' + name(name) + cascade(names.cascade_restrict())
					+ (drop.CONCURRENTLY() != null ? " concurrently" : ""));
		}
	}

	private void alterTable(SQLParser.Alter_table_statementContext alter) {
		String table = name(alter.name);
		if (alter.rename_to() != null) {
			this.facts.add("rename-table " + table + " to " + name(alter.rename_to().name));
		}
		else if (alter.RENAME() != null && alter.CONSTRAINT() == null) {
			this.facts
				.add("rename-column " + table + ' ' + name(alter.identifier(0)) + " to " + name(alter.identifier(1)));
		}
		else if (alter.set_schema() != null) {
			this.facts.add("rename-table " + table + " to " + name(alter.set_schema().identifier()));
		}
		else if (alter.alter_partition() != null) {
			var partition = alter.alter_partition();
			this.facts.add((partition.DETACH() != null ? "detach " : "attach ") + table
					+ (partition.CONCURRENTLY() != null ? " concurrently" : ""));
		}
		alter.table_action().forEach((action) -> action(table, action));
	}

	private void action(String table, SQLParser.Table_actionContext action) {
		if (action.table_column_definition() != null) {
			StringBuilder text = new StringBuilder(
					"add-column " + table + ' ' + name(action.table_column_definition().identifier()));
			for (var constraint : action.table_column_definition().constraint_common()) {
				String body = constraint.constr_body().getText().toLowerCase(Locale.ROOT);
				text.append(body.startsWith("notnull") ? " not-null" : "");
				text.append(body.startsWith("default") ? " default" : "");
			}
			this.facts.add(text.toString());
		}
		else if (action.tabl_constraint != null) {
			boolean notValid = action.tabl_constraint.NOT() != null && action.tabl_constraint.VALID() != null;
			this.facts.add("add-constraint " + table + (notValid ? " not-valid" : ""));
		}
		else if (action.drop_constraint() != null) {
			this.facts.add("drop-constraint " + table + ' ' + name(action.drop_constraint().constraint_name)
					+ cascade(action.drop_constraint().cascade_restrict()));
		}
		else if (action.validate_constraint() != null) {
			this.facts.add("validate " + table + ' ' + name(action.validate_constraint().constraint_name));
		}
		else if (action.column_action() != null) {
			columnAction(table, name(action.column), action.column_action());
		}
		else if (action.DROP() != null && action.column != null) {
			this.facts.add("drop-column " + table + ' ' + name(action.column) + cascade(action.cascade_restrict()));
		}
		else if (action.set_logged() != null) {
			this.facts.add("rewrite " + table);
		}
		else {
			this.facts.add("other " + table);
		}
	}

	private void columnAction(String table, String column, SQLParser.Column_actionContext action) {
		String what = "setting";
		if (action.data_type() != null) {
			what = "type";
		}
		else if (action.NULL() != null) {
			what = (action.DROP() != null) ? "drop-not-null" : "set-not-null";
		}
		else if (action.drop_def() != null) {
			what = "drop-default";
		}
		else if (action.set_def_column() != null) {
			what = "set-default";
		}
		this.facts.add(what + ' ' + table + ' ' + column);
	}

	private static String cascade(SQLParser.Cascade_restrictContext context) {
		return (context != null && context.getText().equalsIgnoreCase("cascade")) ? " cascade" : "";
	}

	private static String name(ParserRuleContext context) {
		StringBuilder result = new StringBuilder();
		for (String part : context.getText().split("\\.")) {
			result.append(result.isEmpty() ? "" : ".");
			result.append(part.startsWith("\"") ? part.substring(1, part.length() - 1) : part.toLowerCase(Locale.ROOT));
		}
		return result.toString();
	}

	private static final class Errors extends BaseErrorListener {

		private int count;

		@Override
		public void syntaxError(Recognizer<?, ?> recognizer, Object symbol, int line, int column, String message,
				RecognitionException ex) {
			this.count++;
		}

	}

}
