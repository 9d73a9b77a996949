package io.github.pendingmigrations.check;

import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The objects that a run of scripts has created so far, so that no code uses them yet. A
 * name without its schema means what the search path says at that place.
 */
final class CreatedObjects {

	private final Set<String> objects = new HashSet<>();

	private final Set<String> columns = new HashSet<>();

	private String path = "";

	private int pathChanges;

	boolean contains(ObjectKind kind, ObjectName name) {
		return this.objects.contains(key(kind, name));
	}

	/**
	 * Return whether what is dropped was created in the same run. A trigger, a rule or a
	 * policy is only the same if it is on the same table, where the statement names that.
	 */
	boolean contains(Fact.DropObject drop) {
		return this.objects.contains(key(drop.kind(), drop.name(), drop.on()));
	}

	boolean containsColumn(ObjectName table, String column) {
		return this.columns.contains(key(table, column));
	}

	/**
	 * Return whether what a fact removes was created in the same run.
	 * @param fact the fact
	 * @return {@code true} if so
	 */
	boolean hides(Fact fact) {
		if (fact instanceof Fact.DropObject drop) {
			return contains(drop);
		}
		if (fact instanceof Fact.DropColumn drop) {
			return contains(ObjectKind.TABLE, drop.table()) || containsColumn(drop.table(), drop.column());
		}
		return fact instanceof Fact.RenameObject rename && contains(rename.kind(), rename.from());
	}

	/**
	 * Begin another script of the run, whose session may be another one.
	 */
	void nextScript() {
		this.path = "";
	}

	void apply(Fact fact, boolean certain) {
		if (fact instanceof Fact.CreateTable create) {
			create(ObjectKind.TABLE, create.table(),
					certain && (create.temporary() || (!create.ifNotExists() && !create.orReplace())));
		}
		else if (fact instanceof Fact.CreateObject create) {
			boolean isNew = certain && !create.ifNotExists() && !create.orReplace();
			create(create.kind(), create.name(), isNew);
			if (isNew) {
				this.objects.add(key(create.kind(), create.name(), create.on()));
			}
			else {
				this.objects.remove(key(create.kind(), create.name(), create.on()));
			}
		}
		else if (fact instanceof Fact.CreateIndex index && index.name() != null) {
			create(ObjectKind.INDEX, index.name(), certain && !index.ifNotExists());
		}
		else if (fact instanceof Fact.AddColumn add) {
			if (certain && !add.ifNotExists()) {
				this.columns.add(key(add.table(), add.column().name()));
			}
		}
		else if (fact instanceof Fact.DropColumn drop) {
			this.columns.remove(key(drop.table(), drop.column()));
		}
		else if (fact instanceof Fact.DropObject drop) {
			this.objects.remove(key(drop.kind(), drop.name(), drop.on()));
		}
		else if (fact instanceof Fact.RenameObject rename) {
			boolean isNew = this.objects.remove(key(rename.kind(), rename.from()));
			create(rename.kind(), rename.to(), isNew && certain);
		}
		else if (fact instanceof Fact.RenameColumn rename) {
			if (this.columns.remove(key(rename.table(), rename.from())) && certain) {
				this.columns.add(key(rename.table(), rename.to()));
			}
		}
		else if (fact instanceof Fact.TransactionControl control && control.verb().equals("ROLLBACK")) {
			this.objects.clear();
			this.columns.clear();
		}
		else if (fact instanceof Fact.SetOption option
				&& (option.name().equals("search_path") || option.name().equals("role"))) {
			changePath(option.name().equals("role") ? null : option.value());
		}
	}

	private void create(ObjectKind kind, ObjectName name, boolean isNew) {
		if (isNew) {
			this.objects.add(key(kind, name));
		}
		else {
			this.objects.remove(key(kind, name));
		}
	}

	private void changePath(@Nullable String schema) {
		this.pathChanges++;
		// a path that is not known is like no other one
		this.path = (schema != null && !schema.isEmpty()) ? schema : "?" + this.pathChanges;
	}

	private String key(ObjectKind kind, ObjectName name) {
		String schema = (name.schema() != null) ? name.schema() : this.path;
		return kind.name() + ' ' + schema + '\u0000' + name.name();
	}

	private String key(ObjectKind kind, ObjectName name, @Nullable ObjectName on) {
		if (on == null || kind == ObjectKind.INDEX) {
			return key(kind, name);
		}
		return key(kind, name) + '\u0000' + key(ObjectKind.TABLE, on);
	}

	private String key(ObjectName table, String column) {
		return key(ObjectKind.TABLE, table) + '\u0000' + column;
	}

}
