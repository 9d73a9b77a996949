package io.github.pendingmigrations.actuate;

import java.util.stream.Stream;

import io.github.pendingmigrations.actuate.MigrationRunsEndpoint.BlockerDescriptor;
import io.github.pendingmigrations.actuate.MigrationRunsEndpoint.MigrationRunDescriptor;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint.FlywayBeanDescriptor;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint.MigrationDescriptor;
import io.github.pendingmigrations.actuate.Refusals.RefusalDescriptor;
import io.github.pendingmigrations.actuate.WriteRequests.AcceptedDescriptor;
import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ActuateRuntimeHints}.
 */
class ActuateRuntimeHintsTests {

	private final RuntimeHints hints = new RuntimeHints();

	@Test
	void pageIsIncluded() {
		register();
		assertThat(RuntimeHintsPredicates.resource().forResource(OperatorPage.RESOURCE)).accepts(this.hints);
	}

	@Test
	void bodiesCanBeWritten() {
		register();
		Stream
			.of(FlywayBeanDescriptor.class, MigrationDescriptor.class, MigrationRunDescriptor.class,
					BlockerDescriptor.class, AcceptedDescriptor.class, RefusalDescriptor.class)
			.forEach((type) -> assertThat(RuntimeHintsPredicates.reflection().onType(type)).accepts(this.hints));
	}

	private void register() {
		new ActuateRuntimeHints().registerHints(this.hints, getClass().getClassLoader());
	}

}
