/**
 * What operators see of pending migrations: actuator endpoints, the page, health and
 * metrics.
 */
@NullMarked
package io.github.pendingmigrations.actuate;

import org.jspecify.annotations.NullMarked;
