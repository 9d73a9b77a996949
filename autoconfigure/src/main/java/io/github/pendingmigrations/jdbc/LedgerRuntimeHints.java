package io.github.pendingmigrations.jdbc;

import io.github.pendingmigrations.MigrationRun.Blocker;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * {@link RuntimeHintsRegistrar} for the schema scripts and for what is stored as JSON.
 */
class LedgerRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("io/github/pendingmigrations/jdbc/schema-*.sql");
		new BindingReflectionHintsRegistrar().registerReflectionHints(hints.reflection(), Blocker.class);
	}

}
