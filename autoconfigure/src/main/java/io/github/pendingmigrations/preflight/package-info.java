/**
 * Looking at what a pending migration would meet, before it runs.
 */
@NullMarked
package io.github.pendingmigrations.preflight;

import org.jspecify.annotations.NullMarked;
