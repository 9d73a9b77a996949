package io.github.pendingmigrations.preflight;

import java.util.Locale;

/**
 * {@link LockModes} of the databases whose DDL takes an exclusive lock that keeps out
 * everybody, and everything else a shared one: H2, and the metadata locks of MySQL and
 * MariaDB.
 */
final class ExclusiveOrShared implements LockModes {

	@Override
	public boolean conflict(String wanted, String held) {
		return strength(wanted) > 0 || strength(held) > 0;
	}

	@Override
	public int strength(String mode) {
		String upper = mode.toUpperCase(Locale.ROOT);
		boolean shared = upper.contains("SHARED") || upper.startsWith("READ") || upper.contains("INTENTION")
				|| upper.startsWith("ROW");
		// These are called shared, but keep out those who write
		boolean keepsOut = upper.contains("NO_WRITE") || upper.contains("NO_READ") || upper.contains("READ_ONLY");
		return (shared && !keepsOut) ? 0 : 1;
	}

	@Override
	public boolean stopsReaders(String mode) {
		return strength(mode) > 0;
	}

}
