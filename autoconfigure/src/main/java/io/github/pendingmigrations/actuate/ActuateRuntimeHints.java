package io.github.pendingmigrations.actuate;

import io.github.pendingmigrations.actuate.MigrationRunsEndpoint.MigrationRunDescriptor;
import io.github.pendingmigrations.actuate.MigrationRunsEndpoint.MigrationRunsDescriptor;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint.MigrationDescriptor;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint.PendingMigrationsDescriptor;
import io.github.pendingmigrations.actuate.Refusals.RefusalDescriptor;
import io.github.pendingmigrations.actuate.WriteRequests.AcceptedDescriptor;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * {@link RuntimeHintsRegistrar} for the endpoints. The web operations declare only what
 * all bodies have in common as their return type, so the bodies are named here.
 */
class ActuateRuntimeHints implements RuntimeHintsRegistrar {

	private final BindingReflectionHintsRegistrar bindingRegistrar = new BindingReflectionHintsRegistrar();

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern(OperatorPage.RESOURCE);
		this.bindingRegistrar.registerReflectionHints(hints.reflection(), PendingMigrationsDescriptor.class,
				MigrationDescriptor.class, MigrationRunsDescriptor.class, MigrationRunDescriptor.class,
				AcceptedDescriptor.class, RefusalDescriptor.class);
	}

}
