/**
 * Sample application: what only release 2 has.
 */
@NullMarked
package io.github.pendingmigrations.sample.release2;

import org.jspecify.annotations.NullMarked;
