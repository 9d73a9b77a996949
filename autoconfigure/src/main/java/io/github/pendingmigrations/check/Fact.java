package io.github.pendingmigrations.check;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * One thing that a statement does, as far as its text says. Rules judge facts.
 *
 * @since 0.1.0
 */
public sealed interface Fact {

	/**
	 * Return where the statement says so.
	 * @return the part of the script
	 */
	SourceRange range();

	/**
	 * Something that changes an existing table.
	 */
	sealed interface OnTable extends Fact {

		/**
		 * Return the table.
		 * @return its name
		 */
		ObjectName table();

	}

	/**
	 * A table is created.
	 *
	 * @param range where
	 * @param table the table
	 * @param ifNotExists whether it may exist already
	 * @param orReplace whether an existing one is dropped
	 * @param temporary whether only this session sees it
	 * @param columns its columns, as far as they are listed
	 * @param references the tables that its foreign keys reference
	 * @param partitionOf the table that it becomes a partition of, or {@code null}
	 */
	record CreateTable(SourceRange range, ObjectName table, boolean ifNotExists, boolean orReplace, boolean temporary,
			List<ColumnDefinition> columns, List<ObjectName> references,
			@Nullable ObjectName partitionOf) implements Fact {
	}

	/**
	 * An object other than a table or an index is created.
	 *
	 * @param range where
	 * @param kind its kind
	 * @param name its name
	 * @param orReplace whether an existing one is replaced
	 * @param ifNotExists whether it may exist already
	 * @param on the table that it belongs to, or {@code null}
	 * @param constraint whether it carries a constraint (a domain)
	 */
	record CreateObject(SourceRange range, ObjectKind kind, ObjectName name, boolean orReplace, boolean ifNotExists,
			@Nullable ObjectName on, boolean constraint) implements Fact {
	}

	/**
	 * An object is dropped.
	 *
	 * @param range where
	 * @param kind its kind
	 * @param name its name
	 * @param ifExists whether it may be missing
	 * @param cascade whether objects that depend on it are dropped, too
	 * @param on the table that it belongs to, or {@code null}
	 * @param concurrently whether nobody is kept waiting (an index of PostgreSQL)
	 * @param temporary whether only a temporary table is dropped
	 */
	record DropObject(SourceRange range, ObjectKind kind, ObjectName name, boolean ifExists, boolean cascade,
			@Nullable ObjectName on, boolean concurrently, boolean temporary) implements Fact {
	}

	/**
	 * An object is renamed or moved to another schema.
	 *
	 * @param range where
	 * @param kind its kind
	 * @param from its name
	 * @param to its new name
	 */
	record RenameObject(SourceRange range, ObjectKind kind, ObjectName from, ObjectName to) implements Fact {
	}

	/**
	 * A column is added.
	 *
	 * @param range where
	 * @param table the table
	 * @param column the column
	 * @param ifNotExists whether it may exist already
	 */
	record AddColumn(SourceRange range, ObjectName table, ColumnDefinition column,
			boolean ifNotExists) implements OnTable {
	}

	/**
	 * A column is dropped.
	 *
	 * @param range where
	 * @param table the table
	 * @param column the column
	 * @param ifExists whether it may be missing
	 * @param cascade whether objects that depend on it are dropped, too
	 */
	record DropColumn(SourceRange range, ObjectName table, String column, boolean ifExists,
			boolean cascade) implements OnTable {
	}

	/**
	 * A column is renamed.
	 *
	 * @param range where
	 * @param table the table
	 * @param from its name
	 * @param to its new name
	 */
	record RenameColumn(SourceRange range, ObjectName table, String from, String to) implements OnTable {
	}

	/**
	 * A column gets a type, the same or another.
	 *
	 * @param range where
	 * @param table the table
	 * @param column the column
	 * @param type the new type as it is written
	 * @param conversion the text of the expression that converts the values, or
	 * {@code null}
	 * @param keepsValues whether the new values are made from the old ones
	 */
	record AlterColumnType(SourceRange range, ObjectName table, String column, String type, @Nullable String conversion,
			boolean keepsValues) implements OnTable {
	}

	/**
	 * The whole definition of a column is stated anew ({@code MODIFY} or {@code CHANGE}).
	 *
	 * @param range where
	 * @param table the table
	 * @param column its name before
	 * @param definition the new definition
	 */
	record RedefineColumn(SourceRange range, ObjectName table, String column,
			ColumnDefinition definition) implements OnTable {
	}

	/**
	 * A property of a column changes.
	 *
	 * @param range where
	 * @param table the table
	 * @param column the column
	 * @param change what changes
	 */
	record AlterColumn(SourceRange range, ObjectName table, String column, Change change) implements OnTable {

		/**
		 * What changes.
		 */
		public enum Change {

			/** {@code SET NOT NULL}. */
			SET_NOT_NULL,

			/** {@code DROP NOT NULL}. */
			DROP_NOT_NULL,

			/** {@code SET DEFAULT}. */
			SET_DEFAULT,

			/** {@code DROP DEFAULT}. */
			DROP_DEFAULT,

			/** {@code ADD/SET GENERATED ALWAYS}: explicit values are refused. */
			REFUSE_VALUES,

			/** {@code ADD/SET GENERATED BY DEFAULT}. */
			GENERATE_VALUES,

			/** {@code DROP IDENTITY}: inserts must give a value from now on. */
			DROP_IDENTITY,

			/** {@code DROP EXPRESSION}: the values are no longer computed. */
			DROP_EXPRESSION,

			/** {@code SET EXPRESSION}: all values are computed anew. */
			SET_EXPRESSION,

			/** Statistics, storage, options, visibility, comment. */
			SETTING

		}

	}

	/**
	 * A constraint is added.
	 *
	 * @param range where
	 * @param table the table, or the domain
	 * @param constraint the constraint
	 * @param domain whether it is added to a domain
	 */
	record AddConstraint(SourceRange range, ObjectName table, ConstraintDefinition constraint,
			boolean domain) implements OnTable {
	}

	/**
	 * A constraint is dropped.
	 *
	 * @param range where
	 * @param table the table, or the domain
	 * @param name its name, or {@code null} for the primary key
	 * @param kind its kind as far as the statement says
	 * @param cascade whether objects that depend on it are dropped, too
	 * @param domain whether it is dropped from a domain
	 */
	record DropConstraint(SourceRange range, ObjectName table, @Nullable String name, ConstraintKind kind,
			boolean cascade, boolean domain) implements OnTable {
	}

	/**
	 * A constraint is checked against the existing rows.
	 *
	 * @param range where
	 * @param table the table, or the domain
	 * @param name its name
	 */
	record ValidateConstraint(SourceRange range, ObjectName table, String name) implements OnTable {
	}

	/**
	 * An index is created.
	 *
	 * @param range where
	 * @param table the table
	 * @param name its name, or {@code null} if the database chooses one
	 * @param unique whether it is unique
	 * @param concurrently whether writers are not kept waiting (PostgreSQL)
	 * @param only whether partitions are left out (PostgreSQL)
	 * @param special whether it is a {@code FULLTEXT} or {@code SPATIAL} index
	 * @param ifNotExists whether it may exist already
	 * @param columns the columns or expressions as they are written
	 */
	record CreateIndex(SourceRange range, ObjectName table, @Nullable ObjectName name, boolean unique,
			boolean concurrently, boolean only, boolean special, boolean ifNotExists,
			String columns) implements OnTable {
	}

	/**
	 * An index is built again.
	 *
	 * @param range where
	 * @param kind what is named: an index, a table, a schema or a database
	 * @param name its name, or {@code null} if none is given
	 * @param concurrently whether writers are not kept waiting
	 * @param system whether it is about the system catalogs
	 */
	record Reindex(SourceRange range, ObjectKind kind, @Nullable ObjectName name, boolean concurrently,
			boolean system) implements Fact {
	}

	/**
	 * All rows of a table are removed.
	 *
	 * @param range where
	 * @param table the table
	 * @param cascade whether tables that reference it are truncated, too
	 */
	record Truncate(SourceRange range, ObjectName table, boolean cascade) implements OnTable {
	}

	/**
	 * Rows are written.
	 *
	 * @param range where
	 * @param table the table
	 * @param verb how
	 * @param allRows whether no condition limits the rows
	 * @param columns the columns that an update sets, empty if not known
	 * @param query whether the number of rows depends on tables
	 */
	record WriteRows(SourceRange range, ObjectName table, Verb verb, boolean allRows, List<String> columns,
			boolean query) implements OnTable {

		/**
		 * How rows are written.
		 */
		public enum Verb {

			/** {@code INSERT}. */
			INSERT,

			/** {@code UPDATE}. */
			UPDATE,

			/** {@code DELETE}. */
			DELETE,

			/** {@code REPLACE} of MySQL, which deletes rows with the same key. */
			REPLACE

		}

	}

	/**
	 * Partitions change.
	 *
	 * @param range where
	 * @param table the partitioned table
	 * @param partition the partition, or {@code null} if none or several are named
	 * @param change what changes
	 * @param concurrently whether nobody is kept waiting
	 */
	record AlterPartition(SourceRange range, ObjectName table, @Nullable ObjectName partition, Change change,
			boolean concurrently) implements OnTable {

		/**
		 * What happens to the partition.
		 */
		public enum Change {

			/** It is added, empty. */
			ADD,

			/** A table becomes a partition. */
			ATTACH,

			/** It becomes a table. */
			DETACH,

			/** A detaching that was interrupted is finished. */
			FINALIZE_DETACH,

			/** It is dropped with its rows. */
			DROP,

			/** Its rows are removed. */
			TRUNCATE,

			/** Its rows are exchanged with those of a table. */
			EXCHANGE,

			/** Its tablespace is discarded. */
			DISCARD,

			/** It is merged into others. */
			COALESCE,

			/** Rows are distributed anew. */
			REORGANIZE

		}

	}

	/**
	 * A table is written anew as a whole.
	 *
	 * @param range where
	 * @param table the table, or {@code null} for several that are not named
	 * @param how the words that cause it, for example {@code VACUUM FULL}
	 * @param online whether readers and writers can go on
	 */
	record RewriteTable(SourceRange range, @Nullable ObjectName table, String how, boolean online) implements Fact {
	}

	/**
	 * The statement itself says how it is executed (MySQL and MariaDB).
	 *
	 * @param range where
	 * @param table the table
	 * @param algorithm {@code COPY}, {@code INPLACE}, {@code NOCOPY}, {@code INSTANT},
	 * {@code DEFAULT} or {@code null}
	 * @param lock {@code NONE}, {@code SHARED}, {@code EXCLUSIVE}, {@code DEFAULT} or
	 * {@code null}
	 */
	record ExecutionOption(SourceRange range, ObjectName table, @Nullable String algorithm,
			@Nullable String lock) implements OnTable {
	}

	/**
	 * A materialized view is computed anew.
	 *
	 * @param range where
	 * @param view the view
	 * @param concurrently whether readers can go on
	 */
	record RefreshView(SourceRange range, ObjectName view, boolean concurrently) implements Fact {
	}

	/**
	 * A value is added to an enumeration.
	 *
	 * @param range where
	 * @param type the type
	 * @param value the value
	 */
	record AddEnumValue(SourceRange range, ObjectName type, String value) implements Fact {
	}

	/**
	 * A value of an enumeration is renamed.
	 *
	 * @param range where
	 * @param type the type
	 * @param from the value
	 * @param to its new name
	 */
	record RenameEnumValue(SourceRange range, ObjectName type, String from, String to) implements Fact {
	}

	/**
	 * What the running code may do with an object changes, or what happens when it does.
	 *
	 * @param range where
	 * @param on the object, or {@code null} if none is named
	 * @param kind what changes
	 * @param restricts whether code may be refused or see less than before
	 */
	record ChangeBehaviour(SourceRange range, @Nullable ObjectName on, Kind kind, boolean restricts) implements Fact {

		/**
		 * What changes.
		 */
		public enum Kind {

			/** Row level security. */
			ROW_SECURITY,

			/** Triggers are switched on or off. */
			TRIGGER,

			/** Rewrite rules are switched on or off. */
			RULE,

			/** Another owner. */
			OWNER,

			/** Privileges are taken away. */
			PRIVILEGES,

			/** Inheritance between tables. */
			INHERITANCE,

			/** The columns that identify a row in logical replication. */
			REPLICA_IDENTITY,

			/** Another setting. */
			SETTING

		}

	}

	/**
	 * Objects of a role, or all objects, are dropped.
	 *
	 * @param range where
	 * @param what the words, for example {@code DROP OWNED}
	 */
	record DropEverything(SourceRange range, String what) implements Fact {
	}

	/**
	 * A table is locked.
	 *
	 * @param range where
	 * @param table the table
	 * @param mode the mode as it is written, for example {@code ACCESS EXCLUSIVE}
	 */
	record LockTable(SourceRange range, ObjectName table, String mode) implements OnTable {
	}

	/**
	 * A transaction begins or ends.
	 *
	 * @param range where
	 * @param verb the word, for example {@code COMMIT}
	 */
	record TransactionControl(SourceRange range, String verb) implements Fact {
	}

	/**
	 * A setting of the session changes.
	 *
	 * @param range where
	 * @param name its name in lower case
	 * @param value its value, or {@code null} if it is not a plain one
	 * @param local whether only until the end of the transaction
	 */
	record SetOption(SourceRange range, String name, @Nullable String value, boolean local) implements Fact {
	}

	/**
	 * A statement that is known to do none of the above.
	 *
	 * @param range where
	 * @param what its first word
	 * @param on the table that it names, or {@code null}
	 */
	record Harmless(SourceRange range, String what, @Nullable ObjectName on) implements Fact {
	}

	/**
	 * A part of a statement that can only be executed outside a transaction.
	 *
	 * @param range where
	 * @param what the words that are the reason, for example {@code VACUUM}
	 */
	record OutsideTransaction(SourceRange range, String what) implements Fact {
	}

	/**
	 * Something that needs a newer server.
	 *
	 * @param range where
	 * @param what the words, for example {@code VIRTUAL}
	 * @param version the version that it came with
	 */
	record NeedsVersion(SourceRange range, String what, int version) implements Fact {
	}

	/**
	 * Code whose effect its text does not tell: dynamic SQL, a function of somebody, a
	 * command of a client program.
	 *
	 * @param range where
	 * @param what what it is
	 * @param hint what a string in it seems to do, or {@code null}
	 */
	record Opaque(SourceRange range, String what, @Nullable String hint) implements Fact {
	}

	/**
	 * A placeholder that nobody replaced.
	 *
	 * @param range where
	 * @param text its text
	 */
	record Placeholder(SourceRange range, String text) implements Fact {
	}

	/**
	 * A statement that could not be read to its last token.
	 *
	 * @param range where
	 * @param reason why
	 * @param last whether nothing behind it was read either
	 */
	record Unknown(SourceRange range, String reason, boolean last) implements Fact {
	}

}
