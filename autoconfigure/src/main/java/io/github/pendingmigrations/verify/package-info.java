/**
 * Judges migrations with the rules of the checker: for the start-up, and as an assertion
 * in tests.
 */
@NullMarked
package io.github.pendingmigrations.verify;

import org.jspecify.annotations.NullMarked;
