/**
 * What the application does instead of serving: check, plan, migrate or apply, and end
 * with an exit code.
 */
@NullMarked
package io.github.pendingmigrations.command;

import org.jspecify.annotations.NullMarked;
