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

import io.github.pendingmigrations.Preflight.Dependant;
import io.github.pendingmigrations.Preflight.Dependant.Consequence;
import io.github.pendingmigrations.StatementLocks.Removal;
import io.github.pendingmigrations.StatementLocks.Removal.Kind;
import io.github.pendingmigrations.StatementLocks.Work;
import io.github.pendingmigrations.preflight.PostgresqlRelations.Relation;
import io.github.pendingmigrations.preflight.Subject.ReadStatement;
import org.jspecify.annotations.Nullable;

/**
 * Follows {@code pg_depend} from what a migration removes. What is reached over automatic
 * and internal dependencies alone goes too; what is reached over a normal one makes the
 * statement fail, or goes with {@code CASCADE}.
 *
 * @see <a href=
 * "https://www.postgresql.org/docs/current/catalog-pg-depend.html">pg_depend</a>
 */
final class PostgresqlDependants {

	/** More than that nobody reads. */
	private static final int MOST = 200;

	private static final String COLUMN = """
			SELECT 'pg_class'::regclass::int8 AS class, attrelid::int8 AS id, attnum::int4 AS sub FROM pg_attribute
			WHERE attrelid = ?::int8::oid AND attname = ? AND NOT attisdropped""";

	private static final String CONSTRAINT = """
			SELECT 'pg_constraint'::regclass::int8 AS class, oid::int8 AS id, 0 AS sub FROM pg_constraint
			WHERE conrelid = ?::int8::oid AND conname = ?""";

	private static final String RELATION = """
			SELECT 'pg_class'::regclass::int8 AS class, ?::int8 AS id, 0 AS sub""";

	/**
	 * The rule of a view stands for the view.
	 */
	private static final String DEPENDANTS = """
			SELECT CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass END::int8 AS class,
				coalesce(r.ev_class, d.objid)::int8 AS id,
				CASE WHEN r.oid IS NULL THEN d.objsubid ELSE 0 END AS sub, d.deptype,
				CASE WHEN r.oid IS NULL THEN pg_describe_object(d.classid, d.objid, d.objsubid)
					ELSE pg_describe_object('pg_class'::regclass, r.ev_class, 0) END AS description,
				c.relkind, con.contype, coalesce(con.conrelid, 0)::int8 AS conrelid,
				coalesce(con.confrelid, 0)::int8 AS confrelid,
				d.classid IN ('pg_type'::regclass, 'pg_attrdef'::regclass) OR c.relkind = 't'
					OR cn.nspname = 'pg_toast' AS inner_part
			FROM unnest(?::int8[], ?::int8[], ?::int8[]) AS ref (class, id, sub)
			JOIN pg_depend d ON d.refclassid = ref.class::oid AND d.refobjid = ref.id::oid
				AND (ref.sub = 0 OR d.refobjsubid = ref.sub)
			LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
			LEFT JOIN pg_class c ON r.oid IS NULL AND d.classid = 'pg_class'::regclass AND c.oid = d.objid
			LEFT JOIN pg_namespace cn ON cn.oid = c.relnamespace
			LEFT JOIN pg_constraint con ON d.classid = 'pg_constraint'::regclass AND con.oid = d.objid
			WHERE d.deptype IN ('n', 'a', 'i', 'P', 'S')
			ORDER BY description LIMIT 2000""";

	private final Inspection inspection;

	private final PostgresqlRelations relations;

	/** What statements up to this one have removed. */
	private final Set<Node> gone = new LinkedHashSet<>();

	PostgresqlDependants(Inspection inspection, PostgresqlRelations relations) {
		this.inspection = inspection;
		this.relations = relations;
	}

	void read(CatalogConnection connection) throws SQLException {
		for (ReadStatement statement : this.inspection.subject().statements()) {
			Map<Removal, Node> removed = new LinkedHashMap<>();
			for (Removal removal : statement.removals()) {
				Node node = node(connection, removal);
				if (node != null) {
					removed.put(removal, node);
				}
			}
			// One statement may remove several that depend on one another
			this.gone.addAll(removed.values());
			for (Map.Entry<Removal, Node> entry : removed.entrySet()) {
				read(connection, statement.number(), entry.getKey(), entry.getValue());
			}
		}
	}

	private @Nullable Node node(CatalogConnection connection, Removal removal) throws SQLException {
		Relation relation = this.relations.find(connection, removal.relation());
		if (relation == null) {
			return null;
		}
		List<Node> found = switch (removal.kind()) {
			case RELATION -> connection.query(RELATION, PostgresqlDependants::node, relation.id());
			case COLUMN -> connection.query(COLUMN, PostgresqlDependants::node, relation.id(), removal.part());
			case CONSTRAINT -> connection.query(CONSTRAINT, PostgresqlDependants::node, relation.id(), removal.part());
		};
		return found.isEmpty() ? null : found.get(0);
	}

	private void read(CatalogConnection connection, int statement, Removal removal, Node start) throws SQLException {
		Map<Node, Edge> automatic = new LinkedHashMap<>();
		Map<Node, Edge> normal = new LinkedHashMap<>();
		Collection<Node> next = List.of(start);
		while (!next.isEmpty() && automatic.size() < MOST) {
			List<Node> following = new ArrayList<>();
			for (Edge edge : edges(connection, next)) {
				if (this.gone.contains(edge.node())) {
					continue;
				}
				if (edge.type() == 'n') {
					normal.putIfAbsent(edge.node(), edge);
				}
				else if (automatic.putIfAbsent(edge.node(), edge) == null) {
					following.add(edge.node());
				}
			}
			next = following;
		}
		normal.keySet().removeAll(automatic.keySet());
		next = List.copyOf(normal.keySet());
		while (!next.isEmpty() && normal.size() < MOST) {
			List<Node> following = new ArrayList<>();
			for (Edge edge : edges(connection, next)) {
				if (!this.gone.contains(edge.node()) && !automatic.containsKey(edge.node())
						&& normal.putIfAbsent(edge.node(), edge) == null) {
					following.add(edge.node());
				}
			}
			next = following;
		}
		this.gone.addAll(automatic.keySet());
		if (removal.cascade()) {
			this.gone.addAll(normal.keySet());
		}
		automatic.values()
			.stream()
			.filter((edge) -> edge.type() == 'a' && isWorthTelling(removal, edge))
			.forEach((edge) -> tell(edge, removal, Consequence.GOES_TOO, statement));
		normal.values()
			.stream()
			.filter((edge) -> edge.type() != 'i' && !edge.innerPart())
			.forEach((edge) -> tell(edge, removal, removal.cascade() ? Consequence.CASCADES : Consequence.FAILS,
					statement));
		Set<Long> alsoLocked = new LinkedHashSet<>();
		automatic.values().forEach((edge) -> alsoLocked.addAll(edge.locked()));
		if (removal.cascade()) {
			normal.values().forEach((edge) -> alsoLocked.addAll(edge.locked()));
		}
		if (removal.kind() == Kind.CONSTRAINT) {
			alsoLocked.addAll(referenced(connection, start));
		}
		this.relations.addImplied(connection, alsoLocked, PostgresqlLockMode.ACCESS_EXCLUSIVE.toString(), Work.NONE,
				List.of(statement));
	}

	/**
	 * That a table takes its own indexes along needs no telling.
	 */
	private static boolean isWorthTelling(Removal removal, Edge edge) {
		return !edge.innerPart() && (removal.kind() == Kind.COLUMN || edge.isTable());
	}

	private void tell(Edge edge, Removal removal, Consequence consequence, int statement) {
		this.inspection.add(new Dependant(edge.description(), removal.toString(), consequence, statement));
	}

	private static List<Long> referenced(CatalogConnection connection, Node constraint) throws SQLException {
		return connection.query(
				"SELECT confrelid::int8 AS id FROM pg_constraint WHERE oid = ?::int8::oid " + "AND confrelid <> 0",
				(row) -> row.getLong("id"), constraint.id());
	}

	private static List<Edge> edges(CatalogConnection connection, Collection<Node> nodes) throws SQLException {
		return connection.query(DEPENDANTS, PostgresqlDependants::edge,
				connection.numbers(nodes.stream().map(Node::type).toList()),
				connection.numbers(nodes.stream().map(Node::id).toList()),
				connection.numbers(nodes.stream().map((node) -> (long) node.sub()).toList()));
	}

	private static Node node(ResultSet row) throws SQLException {
		return new Node(row.getLong("class"), row.getLong("id"), row.getInt("sub"));
	}

	private static Edge edge(ResultSet row) throws SQLException {
		Node node = node(row);
		String kind = row.getString("relkind");
		boolean table = kind != null && "rpf".contains(kind);
		List<Long> locked = new ArrayList<>();
		if ("f".equals(row.getString("contype"))) {
			locked.add(row.getLong("conrelid"));
			locked.add(row.getLong("confrelid"));
		}
		if (table) {
			locked.add(node.id());
		}
		return new Edge(node, row.getString("deptype").charAt(0), String.valueOf(row.getString("description")), table,
				row.getBoolean("inner_part"), locked);
	}

	/**
	 * An object of the catalog.
	 *
	 * @param type the catalog that it is in
	 * @param id its identity there
	 * @param sub the number of a column, or 0
	 */
	private record Node(long type, long id, int sub) {
	}

	/**
	 * A dependency.
	 *
	 * @param node what depends
	 * @param type how it depends, as in {@code pg_depend}
	 * @param description what it is
	 * @param isTable whether it is a table
	 * @param innerPart whether it is something that nobody has created by itself
	 * @param locked the relations that have to be locked to remove it
	 */
	private record Edge(Node node, char type, String description, boolean isTable, boolean innerPart,
			List<Long> locked) {
	}

}
