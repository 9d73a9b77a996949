/**
 * Knows which instances of the application work with the database, and with that whether
 * a deployment is finished.
 */
@NullMarked
package io.github.pendingmigrations.rollout;

import org.jspecify.annotations.NullMarked;
