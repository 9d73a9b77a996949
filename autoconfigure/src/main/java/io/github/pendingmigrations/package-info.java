/**
 * The vocabulary of pending migrations: what waits, what runs, and the
 * {@link io.github.pendingmigrations.PendingMigrations service} that applications may
 * inject.
 */
@NullMarked
package io.github.pendingmigrations;

import org.jspecify.annotations.NullMarked;
