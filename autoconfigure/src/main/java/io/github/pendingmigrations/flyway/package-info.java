/**
 * Finding and reading pending migrations where Flyway finds its own, and the safe
 * start-up. The only package that uses Flyway's internals.
 */
@NullMarked
package io.github.pendingmigrations.flyway;

import org.jspecify.annotations.NullMarked;
