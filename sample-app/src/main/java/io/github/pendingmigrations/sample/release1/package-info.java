/**
 * Sample application: what only release 1 has.
 */
@NullMarked
package io.github.pendingmigrations.sample.release1;

import org.jspecify.annotations.NullMarked;
