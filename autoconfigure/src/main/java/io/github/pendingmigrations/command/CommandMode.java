package io.github.pendingmigrations.command;

/**
 * What the application does when it is started: {@code pending-migrations.mode}.
 *
 * @since 0.1.0
 */
public enum CommandMode {

	/** Runs as ever. */
	SERVE,

	/** Says whether what is new to the database is safe. Only reads. */
	CHECK,

	/** Says what a start-up would run, and what would wait. Only reads. */
	PLAN,

	/** Does to the database what a start-up does, and ends. */
	MIGRATE,

	/** Applies pending migrations, and ends when they have been applied. */
	APPLY;

	/**
	 * Return whether the application ends when its work is done.
	 * @return {@code false} if it serves
	 */
	public boolean isCommand() {
		return this != SERVE;
	}

	/**
	 * Return whether who looks at the migrations changes nothing. A migration registers
	 * what is new by itself, after it has checked it.
	 * @return {@code true} if the database is only read
	 */
	public boolean looksOnly() {
		return this == CHECK || this == PLAN || this == MIGRATE;
	}

	/**
	 * Return whether Flyway migrates, whoever asks it to.
	 * @return {@code false} if it does nothing
	 */
	public boolean migrates() {
		return this == SERVE || this == MIGRATE;
	}

}
