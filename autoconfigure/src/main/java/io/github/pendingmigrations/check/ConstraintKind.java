package io.github.pendingmigrations.check;

/**
 * A kind of constraint.
 *
 * @since 0.1.0
 */
public enum ConstraintKind {

	/** {@code PRIMARY KEY}. */
	PRIMARY_KEY,

	/** {@code UNIQUE}. */
	UNIQUE,

	/** {@code FOREIGN KEY} or {@code REFERENCES}. */
	FOREIGN_KEY,

	/** {@code CHECK}. */
	CHECK,

	/** {@code EXCLUDE} of PostgreSQL. */
	EXCLUDE,

	/** {@code NOT NULL} as a constraint with a name, PostgreSQL 18. */
	NOT_NULL,

	/** The statement does not say. */
	UNSPECIFIED

}
