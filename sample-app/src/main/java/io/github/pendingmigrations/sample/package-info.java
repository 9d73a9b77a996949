/**
 * Sample application: what both releases have.
 */
@NullMarked
package io.github.pendingmigrations.sample;

import org.jspecify.annotations.NullMarked;
