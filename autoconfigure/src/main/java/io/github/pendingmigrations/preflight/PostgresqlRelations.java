package io.github.pendingmigrations.preflight;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.github.pendingmigrations.Preflight.Effect;
import io.github.pendingmigrations.Preflight.Lock;
import io.github.pendingmigrations.Preflight.Notice;
import io.github.pendingmigrations.StatementLocks.Work;
import io.github.pendingmigrations.TableName;
import org.jspecify.annotations.Nullable;

/**
 * The relations that a migration locks, with the identity that PostgreSQL's catalog gives
 * them.
 */
final class PostgresqlRelations {

	private static final String COLUMNS = """
			SELECT c.oid::int8 AS id, n.nspname, c.relname, c.relkind IN ('r', 'p', 'm', 'f') AS is_table,
				coalesce(i.indrelid, 0)::int8 AS indexed,
				(age(CASE WHEN c.relkind IN ('r', 'm') THEN c.relfrozenxid END)
					> LEAST(current_setting('autovacuum_freeze_max_age')::int8,
						(SELECT option_value::int8 FROM pg_options_to_table(c.reloptions)
							WHERE option_name = 'autovacuum_freeze_max_age'))
				OR mxid_age(CASE WHEN c.relkind IN ('r', 'm') THEN c.relminmxid END)
					> current_setting('autovacuum_multixact_freeze_max_age')::int8) AS overdue
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			LEFT JOIN pg_index i ON i.indexrelid = c.oid
			""";

	private static final String BY_NAME = COLUMNS
			+ "WHERE c.relname = ? AND CASE WHEN ?::text IS NULL THEN pg_table_is_visible(c.oid) "
			+ "ELSE n.nspname = ?::text END";

	private static final String BY_ID = COLUMNS + "WHERE c.oid = ANY (?::int8[]::oid[])";

	private static final String CHILDREN = """
			WITH RECURSIVE child (parent, id) AS (
				SELECT inhparent, inhrelid FROM pg_inherits WHERE inhparent = ANY (?::int8[]::oid[])
				UNION SELECT child.parent, i.inhrelid FROM pg_inherits i JOIN child ON i.inhparent = child.id)
			SELECT parent::int8 AS parent, id::int8 AS id FROM child""";

	private final Inspection inspection;

	private final Map<Long, Relation> byId = new LinkedHashMap<>();

	private final Map<TableName, Relation> byWrittenName = new LinkedHashMap<>();

	PostgresqlRelations(Inspection inspection) {
		this.inspection = inspection;
	}

	/**
	 * Find the relations that the statements name.
	 */
	void resolve(CatalogConnection connection) throws SQLException {
		List<Lock> resolved = new ArrayList<>();
		for (Lock lock : this.inspection.locks()) {
			Relation relation = find(connection, lock.table());
			if (relation == null) {
				resolved.add(lock);
				this.inspection.add(noSuchTable(lock));
				continue;
			}
			resolved.add(new Lock(relation.name(), lock.mode(), lock.work(), lock.statements(), false));
			if (relation.indexed() != 0) {
				for (Relation table : load(connection, List.of(relation.indexed()))) {
					resolved.add(new Lock(table.name(), lock.mode(), lock.work(), lock.statements(), true));
				}
			}
		}
		this.inspection.setLocks(resolved);
	}

	private static Notice noSuchTable(Lock lock) {
		return new Notice(Notice.Code.NO_SUCH_TABLE, Effect.INFORMS, lock.table()
				+ " does not exist now. Nothing can be said about it: look whether an earlier statement or migration "
				+ "creates it.");
	}

	/**
	 * Find a relation by the name that a statement uses.
	 * @return the relation, or {@code null} if there is none
	 */
	@Nullable Relation find(CatalogConnection connection, TableName name) throws SQLException {
		Relation known = this.byWrittenName.get(name);
		if (known != null) {
			return known;
		}
		List<Relation> found = connection.query(BY_NAME, PostgresqlRelations::relation, name.name(), name.schema(),
				name.schema());
		if (found.isEmpty()) {
			return null;
		}
		Relation relation = found.get(0);
		this.byWrittenName.put(name, relation);
		this.byId.putIfAbsent(relation.id(), relation);
		return relation;
	}

	/**
	 * Lock relations that no statement names.
	 */
	void addImplied(CatalogConnection connection, Collection<Long> ids, String mode, Work work,
			List<Integer> statements) throws SQLException {
		for (Relation relation : load(connection, ids)) {
			this.inspection.add(new Lock(relation.name(), mode, work, statements, true));
		}
	}

	/**
	 * A statement about a table is also one about its partitions and children.
	 */
	void addChildren(CatalogConnection connection) throws SQLException {
		Map<TableName, Lock> locks = new LinkedHashMap<>();
		this.inspection.locks().forEach((lock) -> locks.put(lock.table(), lock));
		Map<Long, Set<Long>> children = new LinkedHashMap<>();
		connection.query(CHILDREN,
				(row) -> children.computeIfAbsent(row.getLong("parent"), (parent) -> new LinkedHashSet<>())
					.add(row.getLong("id")),
				connection.numbers(ids()));
		for (Map.Entry<Long, Set<Long>> entry : children.entrySet()) {
			Relation parent = this.byId.get(entry.getKey());
			Lock lock = (parent != null) ? locks.get(parent.name()) : null;
			if (lock != null) {
				addImplied(connection, entry.getValue(), lock.mode(), lock.work(), lock.statements());
			}
		}
	}

	Set<Long> ids() {
		return this.byId.keySet();
	}

	List<Long> tableIds() {
		return this.byId.values().stream().filter(Relation::table).map(Relation::id).toList();
	}

	@Nullable Relation byId(long id) {
		return this.byId.get(id);
	}

	private List<Relation> load(CatalogConnection connection, Collection<Long> ids) throws SQLException {
		List<Long> missing = ids.stream().filter((id) -> !this.byId.containsKey(id)).toList();
		if (!missing.isEmpty()) {
			connection.query(BY_ID, PostgresqlRelations::relation, connection.numbers(missing))
				.forEach((relation) -> this.byId.put(relation.id(), relation));
		}
		return this.byId.entrySet()
			.stream()
			.filter((entry) -> ids.contains(entry.getKey()))
			.map(Map.Entry::getValue)
			.toList();
	}

	private static Relation relation(ResultSet row) throws SQLException {
		return new Relation(row.getLong("id"), new TableName(row.getString("nspname"), row.getString("relname")),
				row.getBoolean("is_table"), row.getLong("indexed"), row.getBoolean("overdue"));
	}

	/**
	 * A relation.
	 *
	 * @param id its identity in the catalog
	 * @param name its name
	 * @param table whether it has rows of its own
	 * @param indexed the table that it is an index of, or 0
	 * @param overdue whether it is old enough for an anti-wraparound vacuum
	 */
	record Relation(long id, TableName name, boolean table, long indexed, boolean overdue) {
	}

}
