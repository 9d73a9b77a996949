package io.github.pendingmigrations.preflight;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * The modes of PostgreSQL's table locks, the weakest first.
 *
 * @see <a href=
 * "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES">
 * Table-level locks</a>, table 13.2, for the conflicts
 */
enum PostgresqlLockMode {

	ACCESS_SHARE, ROW_SHARE, ROW_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE, SHARE, SHARE_ROW_EXCLUSIVE, EXCLUSIVE,
	ACCESS_EXCLUSIVE;

	/** The rules over all modes. */
	static final LockModes MODES = new LockModes() {

		@Override
		public boolean conflict(String wanted, String held) {
			return of(wanted).conflicts().contains(of(held));
		}

		@Override
		public int strength(String mode) {
			return of(mode).ordinal();
		}

		@Override
		public boolean stopsReaders(String mode) {
			return of(mode) == ACCESS_EXCLUSIVE;
		}

	};

	/**
	 * Return the mode of a name, either as in SQL or as in {@code pg_locks}.
	 * @param name the name, such as {@code ACCESS SHARE} or {@code AccessShareLock}
	 * @return the mode
	 */
	static PostgresqlLockMode of(String name) {
		String wanted = letters(name).replaceFirst("LOCK$", "");
		return Arrays.stream(values())
			.filter((mode) -> letters(mode.name()).equals(wanted))
			.findFirst()
			.orElse(ACCESS_EXCLUSIVE);
	}

	Set<PostgresqlLockMode> conflicts() {
		return switch (this) {
			case ACCESS_SHARE -> EnumSet.of(ACCESS_EXCLUSIVE);
			case ROW_SHARE -> EnumSet.range(EXCLUSIVE, ACCESS_EXCLUSIVE);
			case ROW_EXCLUSIVE -> EnumSet.range(SHARE, ACCESS_EXCLUSIVE);
			case SHARE_UPDATE_EXCLUSIVE -> EnumSet.range(SHARE_UPDATE_EXCLUSIVE, ACCESS_EXCLUSIVE);
			case SHARE -> EnumSet.complementOf(EnumSet.of(ACCESS_SHARE, ROW_SHARE, SHARE));
			case SHARE_ROW_EXCLUSIVE -> EnumSet.range(ROW_EXCLUSIVE, ACCESS_EXCLUSIVE);
			case EXCLUSIVE -> EnumSet.range(ROW_SHARE, ACCESS_EXCLUSIVE);
			case ACCESS_EXCLUSIVE -> EnumSet.allOf(PostgresqlLockMode.class);
		};
	}

	/**
	 * Return the name as SQL has it.
	 */
	@Override
	public String toString() {
		return name().replace('_', ' ');
	}

	private static String letters(String name) {
		return name.replaceAll("[^A-Za-z]", "").toUpperCase(Locale.ROOT);
	}

}
