/**
 * Accepting requests, planning, claiming and executing.
 */
@NullMarked
package io.github.pendingmigrations.run;

import org.jspecify.annotations.NullMarked;
