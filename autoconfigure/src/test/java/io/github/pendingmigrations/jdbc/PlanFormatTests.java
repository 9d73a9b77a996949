package io.github.pendingmigrations.jdbc;

import java.util.List;

import io.github.pendingmigrations.MigrationRun.Planned;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PlanFormat}.
 */
class PlanFormatTests {

	@Test
	void everyVersionIsSurroundedBySeparators() {
		assertThat(PlanFormat.write(List.of(new Planned("3", 690027783), new Planned("5.1", -12))))
			.isEqualTo(",3:690027783,5.1:-12,");
	}

	@Test
	void planIsReadAsItWasWritten() {
		List<Planned> plan = List.of(new Planned("3", Integer.MIN_VALUE), new Planned("5.1", Integer.MAX_VALUE));
		assertThat(PlanFormat.read(PlanFormat.write(plan))).isEqualTo(plan);
		assertThat(PlanFormat.read(PlanFormat.write(List.of()))).isEmpty();
	}

	@Test
	void wildcardsInVersionAreLiterals() {
		assertThat(PlanFormat.patternFor("3%_!")).isEqualTo("%,3!%!_!!:%");
	}

}
