/**
 * Reads SQL scripts and says what each statement does, which locks it takes and whether
 * it is safe for the code that is still running. Uses neither Spring nor Flyway nor a
 * database.
 */
@NullMarked
package io.github.pendingmigrations.check;

import org.jspecify.annotations.NullMarked;
