package io.github.pendingmigrations.check;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A constraint as a statement defines it.
 *
 * @param kind its kind
 * @param name its name, or {@code null} if the database chooses one
 * @param columns the columns that it is on, empty for an expression
 * @param references the table that a foreign key references, or {@code null}
 * @param notValid whether existing rows are not checked
 * @param enforced whether it is enforced
 * @param usingIndex whether an existing index becomes the constraint
 * @param notNullColumn the column that a {@code CHECK (column IS NOT NULL)} is on, or
 * {@code null} for another condition
 * @param definition its text
 * @since 0.1.0
 */
public record ConstraintDefinition(ConstraintKind kind, @Nullable String name, List<String> columns,
		@Nullable ObjectName references, boolean notValid, boolean enforced, boolean usingIndex,
		@Nullable String notNullColumn, String definition) {

}
