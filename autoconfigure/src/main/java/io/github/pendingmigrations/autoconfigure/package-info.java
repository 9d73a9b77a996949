/**
 * Auto-configuration for pending migrations.
 */
@NullMarked
package io.github.pendingmigrations.autoconfigure;

import org.jspecify.annotations.NullMarked;
