/**
 * Keeps the ledger of pending migrations and their runs in tables beside Flyway's
 * history.
 */
@NullMarked
package io.github.pendingmigrations.jdbc;

import org.jspecify.annotations.NullMarked;
