package io.github.pendingmigrations.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Which locks a database takes for what a statement does. From measurements on PostgreSQL
 * 15 and MariaDB 10.11 and from the manuals of the others.
 */
abstract class LockModel {

	private static final LockModel POSTGRESQL = new PostgresqlLockModel();

	private static final LockModel MYSQL = new MysqlLockModel(false);

	private static final LockModel MARIADB = new MysqlLockModel(true);

	private static final LockModel STANDARD = new StandardLockModel();

	static LockModel of(Dialect dialect) {
		return switch (dialect) {
			case POSTGRESQL -> POSTGRESQL;
			case MYSQL -> MYSQL;
			case MARIADB -> MARIADB;
			case H2, ANSI -> STANDARD;
		};
	}

	/**
	 * Return what is done to the rows of the table of a fact.
	 * @param fact the fact
	 * @param version the major version of the server, or 0
	 * @return the effect
	 */
	abstract LockEffect effect(Fact fact, int version);

	/**
	 * Add the locks of a fact.
	 * @param fact the fact
	 * @param version the major version of the server, or 0
	 * @param locks where to add them
	 */
	protected abstract void add(Fact fact, int version, Collector locks);

	List<TableLock> locks(List<Fact> facts, int version) {
		Collector collector = new Collector();
		for (Fact fact : facts) {
			add(fact, version, collector);
		}
		return collector.list();
	}

	/**
	 * Keeps the strongest lock of every table.
	 */
	static final class Collector {

		private final Map<String, TableLock> locks = new LinkedHashMap<>();

		private final Map<String, Integer> strengths = new LinkedHashMap<>();

		void add(@Nullable ObjectName table, String lock, int strength, boolean reads, boolean writes,
				LockEffect effect, boolean withReferenced) {
			String key = (table != null) ? table.toString() : "";
			TableLock before = this.locks.get(key);
			int strengthBefore = this.strengths.getOrDefault(key, 0);
			boolean stronger = before == null || strength > strengthBefore;
			LockEffect worst = (before == null || effect.ordinal() > before.effect().ordinal()) ? effect
					: before.effect();
			if (before == null) {
				this.locks.put(key, new TableLock(table, lock, reads, writes, worst, withReferenced));
				this.strengths.put(key, strength);
				return;
			}
			this.locks.put(key, new TableLock(table, stronger ? lock : before.lock(), reads || before.blocksReads(),
					writes || before.blocksWrites(), worst, withReferenced || before.withReferenced()));
			this.strengths.put(key, Math.max(strength, strengthBefore));
		}

		List<TableLock> list() {
			return new ArrayList<>(this.locks.values());
		}

	}

}
