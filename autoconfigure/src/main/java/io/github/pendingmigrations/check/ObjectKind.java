package io.github.pendingmigrations.check;

import java.util.Locale;

/**
 * A kind of object of a database.
 *
 * @since 0.1.0
 */
public enum ObjectKind {

	/** A table. */
	TABLE,

	/** A view. */
	VIEW,

	/** A materialized view. */
	MATERIALIZED_VIEW,

	/** An index. */
	INDEX,

	/** A sequence. */
	SEQUENCE,

	/** A type. */
	TYPE,

	/** A domain. */
	DOMAIN,

	/** An extension. */
	EXTENSION,

	/** A schema. */
	SCHEMA,

	/** A database. */
	DATABASE,

	/** A function. */
	FUNCTION,

	/** A procedure. */
	PROCEDURE,

	/** A trigger. */
	TRIGGER,

	/** A rewrite rule. */
	RULE,

	/** A policy of row level security. */
	POLICY,

	/** A role or user. */
	ROLE,

	/** A constraint. */
	CONSTRAINT,

	/** Anything else. */
	OTHER;

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT).replace('_', ' ');
	}

}
