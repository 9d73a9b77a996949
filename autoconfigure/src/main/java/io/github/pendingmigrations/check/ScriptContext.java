package io.github.pendingmigrations.check;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What a rule may know besides a fact: the script, the database, and what earlier
 * statements of the same script or run did.
 *
 * @since 0.1.0
 */
public final class ScriptContext {

	/**
	 * What Flyway itself runs outside a transaction, for all else it has to be told so.
	 */
	static final Set<String> NOTICED_BY_FLYWAY = Set.of("CREATE INDEX CONCURRENTLY", "DROP INDEX CONCURRENTLY",
			"CREATE DATABASE", "DROP DATABASE", "CREATE TABLESPACE", "DROP TABLESPACE", "CREATE SUBSCRIPTION",
			"DROP SUBSCRIPTION", "ALTER SYSTEM", "REINDEX SCHEMA", "REINDEX DATABASE", "REINDEX SYSTEM", "VACUUM",
			"DISCARD ALL");

	private final ScriptFile file;

	private final SqlScript script;

	private final CheckSettings settings;

	private final CreatedObjects created;

	private final Map<String, String> addedNotValid = new HashMap<>();

	private final Map<String, String> notNullChecks = new HashMap<>();

	private final Set<String> neverNull = new HashSet<>();

	private final Set<String> options = new HashSet<>();

	private @Nullable Map<String, Integer> lastCreated;

	private @Nullable Boolean ddlOnOldTable;

	private int index;

	ScriptContext(ScriptFile file, SqlScript script, CheckSettings settings, CreatedObjects created) {
		this.file = file;
		this.script = script;
		this.settings = settings;
		this.created = created;
	}

	/**
	 * Return the script.
	 * @return the script
	 */
	public SqlScript script() {
		return this.script;
	}

	/**
	 * Return the file that the script comes from.
	 * @return the file
	 */
	public ScriptFile file() {
		return this.file;
	}

	/**
	 * Return what is known about the database.
	 * @return the settings
	 */
	public CheckSettings settings() {
		return this.settings;
	}

	/**
	 * Return the dialect.
	 * @return the dialect
	 */
	public Dialect dialect() {
		return this.settings.dialect();
	}

	/**
	 * Return the statement that is looked at.
	 * @return the statement
	 */
	public SqlStatement statement() {
		return this.script.statements().get(this.index);
	}

	/**
	 * Return the statements behind the one that is looked at.
	 * @return the statements, in order
	 */
	public List<SqlStatement> following() {
		return this.script.statements().subList(this.index + 1, this.script.statements().size());
	}

	/**
	 * Return whether a table, view or other object was created earlier in this script or
	 * run, so that no code uses it yet. An object that may have existed before
	 * ({@code IF NOT EXISTS}) does not count.
	 * @param kind its kind
	 * @param name its name
	 * @return {@code true} if so
	 */
	public boolean isNew(ObjectKind kind, ObjectName name) {
		return this.created.contains(kind, name);
	}

	/**
	 * Return whether what a statement drops was created earlier in this script or run.
	 * @param drop what it drops
	 * @return {@code true} if so
	 */
	boolean isNew(Fact.DropObject drop) {
		return this.created.contains(drop);
	}

	/**
	 * Return whether a table was created earlier in this script or run.
	 * @param table its name
	 * @return {@code true} if so
	 */
	public boolean isNewTable(ObjectName table) {
		return this.created.contains(ObjectKind.TABLE, table);
	}

	/**
	 * Return whether a column was added earlier in this script or run, or belongs to a
	 * table that was created there.
	 * @param table the table
	 * @param column the column
	 * @return {@code true} if so
	 */
	public boolean isNewColumn(ObjectName table, String column) {
		return isNewTable(table) || this.created.containsColumn(table, column);
	}

	/**
	 * Return whether an object is created again later in this script.
	 * @param kind its kind
	 * @param name its name
	 * @return {@code true} if so
	 */
	public boolean isCreatedLater(ObjectKind kind, ObjectName name) {
		return isCreatedLater(kind, name, null);
	}

	boolean isCreatedLater(ObjectKind kind, ObjectName name, @Nullable ObjectName on) {
		if (this.lastCreated == null) {
			this.lastCreated = findLastCreated();
		}
		int last = this.lastCreated.getOrDefault(creationKey(kind, name, on), -1);
		// DROP CONSTRAINT k, ADD CONSTRAINT k
		boolean same = kind == ObjectKind.CONSTRAINT && last == this.index;
		return last > this.index || same;
	}

	private Map<String, Integer> findLastCreated() {
		Map<String, Integer> last = new HashMap<>();
		for (int i = 0; i < this.script.statements().size(); i++) {
			for (Fact fact : this.script.statements().get(i).facts()) {
				if (fact instanceof Fact.CreateObject create) {
					last.put(creationKey(create.kind(), create.name(), create.on()), i);
					last.put(creationKey(create.kind(), create.name(), null), i);
				}
				else if (fact instanceof Fact.AddConstraint add && add.constraint().name() != null) {
					last.put(creationKey(ObjectKind.CONSTRAINT, new ObjectName(null, add.constraint().name()),
							add.table()), i);
				}
			}
		}
		return last;
	}

	private static String creationKey(ObjectKind kind, ObjectName name, @Nullable ObjectName on) {
		return kind.name() + ' ' + name + ((on != null) ? " ON " + on : "");
	}

	/**
	 * Return whether the script has DDL on a table that was there before it.
	 * @return {@code true} if it has
	 */
	boolean hasDdlOnOldTable() {
		if (this.ddlOnOldTable == null) {
			this.ddlOnOldTable = findDdlOnOldTable();
		}
		return this.ddlOnOldTable;
	}

	private boolean findDdlOnOldTable() {
		Set<String> own = new HashSet<>();
		for (SqlStatement statement : this.script.statements()) {
			for (Fact fact : statement.facts()) {
				if (fact instanceof Fact.CreateTable create) {
					own.add(create.table().toString());
				}
				else if (fact instanceof Fact.OnTable onTable && !(fact instanceof Fact.WriteRows)
						&& !own.contains(onTable.table().toString()) && !isNewTable(onTable.table())) {
					return true;
				}
			}
		}
		return false;
	}

	/**
	 * Return whether the statement that is looked at is run in a transaction.
	 * @return {@code true} if it is
	 */
	public boolean isTransactional() {
		return switch (transactions()) {
			case ALWAYS -> true;
			case NEVER -> false;
			case AUTOMATIC -> !this.script.statements()
				.stream()
				.allMatch((statement) -> isRunOutside(statement.outsideTransaction()));
		};
	}

	private boolean isRunOutside(@Nullable String what) {
		return what != null && (this.file.kind() == ScriptKind.PENDING || NOTICED_BY_FLYWAY.contains(what));
	}

	/**
	 * Return how the script is run.
	 * @return whether in a transaction
	 */
	TransactionMode transactions() {
		TransactionMode own = this.file.transactions();
		return (own != null) ? own : this.settings.transactions();
	}

	/**
	 * Return whether a session setting was set earlier in this script.
	 * @param name its name, in lower case
	 * @return {@code true} if it was
	 */
	public boolean isSet(String name) {
		return this.options.contains(name);
	}

	boolean isAddedNotValid(ObjectName table, String constraint) {
		return this.addedNotValid.containsKey(constraintKey(table, constraint));
	}

	/**
	 * Return whether a column is known to hold no {@code NULL}, since a
	 * {@code CHECK (column IS NOT NULL)} was validated earlier in this script or run.
	 */
	boolean isNeverNull(ObjectName table, String column) {
		return this.neverNull.contains(constraintKey(table, column));
	}

	boolean isNotNullCheck(ObjectName table, @Nullable String constraint) {
		return constraint != null && this.notNullChecks.containsKey(constraintKey(table, constraint));
	}

	void moveTo(int statement) {
		this.index = statement;
	}

	/**
	 * Remember what a fact did.
	 * @param fact the fact
	 */
	void apply(Fact fact) {
		this.created.apply(fact, statement().certain());
		if (fact instanceof Fact.AddConstraint add) {
			remember(add.table(), add.constraint());
		}
		else if (fact instanceof Fact.AddColumn add) {
			add.column().constraints().forEach((constraint) -> remember(add.table(), constraint));
		}
		else if (fact instanceof Fact.ValidateConstraint validate) {
			String column = this.notNullChecks.get(constraintKey(validate.table(), validate.name()));
			if (column != null) {
				this.neverNull.add(constraintKey(validate.table(), column));
			}
		}
		else if (fact instanceof Fact.DropConstraint drop && drop.name() != null) {
			String column = this.notNullChecks.remove(constraintKey(drop.table(), drop.name()));
			if (column != null) {
				this.neverNull.remove(constraintKey(drop.table(), column));
			}
		}
		else if (fact instanceof Fact.TransactionControl) {
			this.addedNotValid.clear();
		}
		else if (fact instanceof Fact.SetOption option) {
			String value = (option.value() != null) ? option.value() : "";
			if (option.name().equals("foreign_key_checks") && !value.equals("0") && !value.equalsIgnoreCase("off")) {
				this.options.remove(option.name());
			}
			else {
				this.options.add(option.name());
			}
		}
	}

	private void remember(ObjectName table, ConstraintDefinition constraint) {
		String name = constraint.name();
		if (name != null && constraint.notValid()) {
			this.addedNotValid.put(constraintKey(table, name), name);
		}
		String column = constraint.notNullColumn();
		if (name != null && column != null) {
			this.notNullChecks.put(constraintKey(table, name), column);
			if (!constraint.notValid() && constraint.enforced()) {
				this.neverNull.add(constraintKey(table, column));
			}
		}
	}

	private static String constraintKey(ObjectName table, String name) {
		return table.toString() + ' ' + name.toLowerCase(Locale.ROOT);
	}

}
