package io.github.pendingmigrations.actuate;

import java.util.List;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.MigrationRunStatus;
import io.github.pendingmigrations.PendingReason;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import io.github.pendingmigrations.actuate.Refusals.RefusalDescriptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Refusals}.
 */
class RefusalsTests {

	@ParameterizedTest
	@CsvSource({ "BAD_REQUEST,400", "FORBIDDEN,403", "UNKNOWN_VERSION,404", "UNKNOWN_RUN,404", "CHECKSUM_MISMATCH,409",
			"PLAN_MISMATCH,409", "RUN_ACTIVE,409", "ALREADY_APPLIED,409", "ILLEGAL_STATE,409", "NOT_READY,422" })
	void everyCodeHasItsStatus(Code code, int status) {
		assertThat(Refusals.toResponse(new RequestRefusedException(code, "No"), null).getStatus()).isEqualTo(status);
	}

	@ParameterizedTest
	@EnumSource(Code.class)
	void everyCodeIsTheError(Code code) {
		RefusalDescriptor body = body(new RequestRefusedException(code, "No"));
		assertThat(body.error()).isEqualTo(code.name());
		assertThat(body.message()).isEqualTo("No");
		assertThat(body.reasons()).isEmpty();
		assertThat(body.activeRun()).isNull();
	}

	@Test
	void reasonsAndActiveRunAreTold() {
		MigrationRun run = FakePendingMigrations.run(MigrationRunStatus.RUNNING, "3");
		RefusalDescriptor body = body(new RequestRefusedException(Code.NOT_READY, "No",
				List.of(PendingReason.blocked("P3 comes first", List.of("3"))), run));
		assertThat(body.reasons()).singleElement().satisfies((reason) -> {
			assertThat(reason.code()).isEqualTo(PendingReason.Code.BLOCKED);
			assertThat(reason.by()).containsExactly("3");
			assertThat(reason.until()).isNull();
		});
		assertThat(body.activeRun()).isNotNull();
		assertThat(body.activeRun().id()).isEqualTo(run.id());
	}

	private static RefusalDescriptor body(RequestRefusedException ex) {
		WebEndpointResponse<OperationResponseBody> response = Refusals.toResponse(ex, "flyway");
		assertThat(response.getBody()).isInstanceOf(RefusalDescriptor.class);
		return (RefusalDescriptor) response.getBody();
	}

}
