package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Finds scripts whose order matters, by what they do. Reads each script once; for use by
 * one thread.
 *
 * @since 0.1.0
 */
public final class ScriptOrder {

	private final Dialect dialect;

	private final Map<ScriptFile, SqlScript> read = new IdentityHashMap<>();

	/**
	 * Create for a dialect.
	 * @param dialect the dialect of the scripts
	 */
	public ScriptOrder(Dialect dialect) {
		this.dialect = dialect;
	}

	/**
	 * Find what a script uses although an earlier one that was not applied yet drops or
	 * renames it. Names count wherever they stand in a statement, and one without its
	 * schema may be any.
	 * @param waiting the earlier script, which waits
	 * @param later the script that would overtake it
	 * @return the conflicts, at most one for each object and statement
	 */
	public List<OrderConflict> conflicts(ScriptFile waiting, ScriptFile later) {
		SqlScript laterScript = read(later);
		Acknowledgements allowed = Acknowledgements.of(laterScript, Set.of());
		List<OrderConflict> conflicts = new ArrayList<>();
		CreatedObjects created = new CreatedObjects();
		for (SqlStatement statement : read(waiting).statements()) {
			for (Fact fact : statement.facts()) {
				Gone gone = created.hides(fact) ? null : Gone.by(fact);
				created.apply(fact, statement.certain());
				if (gone == null) {
					continue;
				}
				for (SqlStatement user : laterScript.statements()) {
					if (gone.isMentionedBy(user, this.dialect) && !allowed.allowsOrder(user)) {
						conflicts.add(conflict(waiting, gone, later, user));
					}
				}
			}
		}
		return conflicts;
	}

	private SqlScript read(ScriptFile file) {
		return this.read.computeIfAbsent(file, (unread) -> SqlScript.of(unread, this.dialect));
	}

	private static OrderConflict conflict(ScriptFile waiting, Gone gone, ScriptFile later, SqlStatement user) {
		if (gone.isAddedBy(user)) {
			return again(gone.toString(), new Place(waiting, gone.range), new Place(later, user.range()), null);
		}
		return new OrderConflict(OrderConflict.Kind.USES_WHAT_WAITS, gone.toString(), waiting, gone.range, later,
				user.range(),
				later.path() + ':' + user.range().line() + " uses " + gone + ", which " + waiting.path() + ':'
						+ gone.range.line() + " removes or renames and which has not been applied yet. Apply "
						+ waiting.path() + " first, or give the script the version behind it.");
	}

	/**
	 * Find out whether a script that waits only adds things, so that new code has to wait
	 * for what could have been there from the start. An index may have a reason: building
	 * it takes long.
	 * @param waiting the script
	 * @return the conflict, or empty if it has a reason to wait
	 */
	public Optional<OrderConflict> onlyAdds(ScriptFile waiting) {
		SqlScript script = read(waiting);
		String added = whatIsOnlyAdded(script);
		if (added == null) {
			return Optional.empty();
		}
		SourceRange range = script.statements().get(0).range();
		return Optional.of(new OrderConflict(OrderConflict.Kind.PENDING_ONLY_ADDS, added, waiting, range, waiting,
				range, waiting.path() + " only adds " + added
						+ ", which breaks nobody: put it into a V script, so that new code finds it."));
	}

	/**
	 * Return what a script adds that does nothing else.
	 * @param script the script
	 * @return the first thing that it adds, or {@code null} if it does something else
	 */
	static @Nullable String whatIsOnlyAdded(SqlScript script) {
		String added = null;
		for (SqlStatement statement : script.statements()) {
			for (Fact fact : statement.facts()) {
				String one = added(fact);
				boolean beside = fact instanceof Fact.Harmless || fact instanceof Fact.SetOption
						|| fact instanceof Fact.NeedsVersion || fact instanceof Fact.OutsideTransaction;
				if (one == null && !beside) {
					return null;
				}
				added = (added != null) ? added : one;
			}
		}
		return added;
	}

	private static @Nullable String added(Fact fact) {
		if (fact instanceof Fact.CreateTable create && !create.orReplace()) {
			return create.table().toString();
		}
		if (fact instanceof Fact.AddColumn add && add.column().isOptional()) {
			return add.table() + "." + add.column().name();
		}
		boolean plain = fact instanceof Fact.CreateObject create && create.on() == null && !create.orReplace();
		return plain ? ((Fact.CreateObject) fact).name().toString() : null;
	}

	/**
	 * Find columns that are added, dropped and added again: which of the two additions
	 * the drop hits depends on when it is applied.
	 * @param files the scripts, in the order of their versions
	 * @return the conflicts
	 */
	public List<OrderConflict> addedAgain(List<ScriptFile> files) {
		Map<String, Place> dropped = new HashMap<>();
		Map<String, Place> addedBefore = new HashMap<>();
		List<OrderConflict> conflicts = new ArrayList<>();
		for (ScriptFile file : files) {
			for (SqlStatement statement : read(file).statements()) {
				for (Fact fact : statement.facts()) {
					if (fact instanceof Fact.AddColumn add) {
						String key = key(add.table(), add.column().name());
						Place drop = dropped.remove(key);
						if (drop != null) {
							conflicts.add(again(key, drop, new Place(file, add.range()), addedBefore.get(key)));
						}
						addedBefore.put(key, new Place(file, add.range()));
					}
					else if (fact instanceof Fact.DropColumn drop) {
						dropped.put(key(drop.table(), drop.column()), new Place(file, drop.range()));
					}
				}
			}
		}
		return conflicts;
	}

	private static OrderConflict again(String column, Place drop, Place add, @Nullable Place before) {
		String was = (before != null) ? " (and " + before.file.path() + " had added it before)" : "";
		return new OrderConflict(OrderConflict.Kind.ADDED_AGAIN, column, drop.file, drop.range, add.file, add.range,
				add.file.path() + ':' + add.range.line() + " adds " + column + " again, which " + drop.file.path() + ':'
						+ drop.range.line() + " drops" + was + ". Apply " + drop.file.path()
						+ " first, while the new one does not exist, or give that another name.");
	}

	private static String key(ObjectName table, String column) {
		return (table.name() + '.' + column).toLowerCase(Locale.ROOT);
	}

	private record Place(ScriptFile file, SourceRange range) {

	}

	/**
	 * Something that is no longer there under its name.
	 */
	private static final class Gone {

		private final SourceRange range;

		private final ObjectName object;

		private final @Nullable String column;

		private Gone(SourceRange range, ObjectName object, @Nullable String column) {
			this.range = range;
			this.object = object;
			this.column = column;
		}

		static @Nullable Gone by(Fact fact) {
			if (fact instanceof Fact.DropColumn drop) {
				return new Gone(drop.range(), drop.table(), drop.column());
			}
			if (fact instanceof Fact.RenameColumn rename) {
				return new Gone(rename.range(), rename.table(), rename.from());
			}
			if (fact instanceof Fact.RedefineColumn redefine) {
				return redefine.column().equalsIgnoreCase(redefine.definition().name()) ? null
						: new Gone(redefine.range(), redefine.table(), redefine.column());
			}
			if (fact instanceof Fact.RenameObject rename) {
				return new Gone(rename.range(), rename.from(), null);
			}
			boolean drops = fact instanceof Fact.DropObject drop && !drop.temporary()
					&& drop.kind() != ObjectKind.OTHER;
			return drops ? new Gone(fact.range(), ((Fact.DropObject) fact).name(), null) : null;
		}

		/**
		 * Return whether a statement adds what is gone then: applied later, the script
		 * that waits would remove the new one.
		 */
		boolean isAddedBy(SqlStatement statement) {
			return statement.facts().stream().anyMatch((fact) -> {
				if (fact instanceof Fact.AddColumn add) {
					return add.table().name().equalsIgnoreCase(this.object.name())
							&& add.column().name().equalsIgnoreCase(this.column);
				}
				return this.column == null && fact instanceof Fact.CreateTable create
						&& create.table().name().equalsIgnoreCase(this.object.name());
			});
		}

		boolean isMentionedBy(SqlStatement statement, Dialect dialect) {
			Lexer lexer = new Lexer(statement.sql(), 0, statement.sql().length(), dialect);
			boolean table = false;
			boolean name = this.column == null;
			Token token = lexer.next();
			while (token.kind() != TokenKind.END && token.kind() != TokenKind.ERROR) {
				boolean word = token.kind() == TokenKind.WORD || token.kind() == TokenKind.QUOTED
						|| token.kind() == TokenKind.STRING;
				table |= word && token.text().equalsIgnoreCase(this.object.name());
				name |= word && token.text().equalsIgnoreCase(this.column);
				if (token.kind() == TokenKind.DOLLAR_STRING) {
					String code = token.text().toLowerCase(Locale.ROOT);
					table |= code.contains(this.object.name().toLowerCase(Locale.ROOT));
					name |= this.column != null && code.contains(this.column.toLowerCase(Locale.ROOT));
				}
				token = lexer.next();
			}
			return table && name;
		}

		@Override
		public String toString() {
			return (this.column != null) ? this.object + "." + this.column : this.object.toString();
		}

	}

}
