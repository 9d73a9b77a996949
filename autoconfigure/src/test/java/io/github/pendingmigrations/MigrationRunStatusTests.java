package io.github.pendingmigrations;

import java.util.EnumSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MigrationRunStatus}.
 */
class MigrationRunStatusTests {

	@Test
	void realOutcomeBeatsARequestToCancel() {
		assertThat(MigrationRunStatus.CANCELLING.successors()).contains(MigrationRunStatus.SUCCEEDED,
				MigrationRunStatus.FAILED, MigrationRunStatus.CANCELLED);
	}

	@Test
	void finalStatusesHaveNoSuccessor() {
		assertThat(EnumSet.allOf(MigrationRunStatus.class)).filteredOn((status) -> status.successors().isEmpty())
			.containsExactlyInAnyOrder(MigrationRunStatus.SUCCEEDED, MigrationRunStatus.FAILED,
					MigrationRunStatus.CANCELLED);
	}

	@ParameterizedTest
	@EnumSource
	void predecessorsAreTheOtherSideOfSuccessors(MigrationRunStatus status) {
		assertThat(EnumSet.allOf(MigrationRunStatus.class))
			.filteredOn((candidate) -> candidate.successors().contains(status))
			.containsExactlyInAnyOrderElementsOf(status.predecessors());
	}

	@ParameterizedTest
	@EnumSource
	void whatIsLeasedIsActive(MigrationRunStatus status) {
		assertThat(!status.isLeased() || status.isActive()).isTrue();
	}

}
