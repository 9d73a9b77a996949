package io.github.pendingmigrations.actuate;

import java.util.List;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import io.github.pendingmigrations.actuate.MigrationRunsEndpoint.MigrationRunDescriptor;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint.ReasonDescriptor;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * Turns refusals into responses, all of one shape.
 */
final class Refusals {

	private Refusals() {
	}

	static WebEndpointResponse<OperationResponseBody> toResponse(RequestRefusedException ex, @Nullable String flyway) {
		MigrationRun activeRun = ex.getActiveRun();
		return new WebEndpointResponse<>(
				new RefusalDescriptor(ex.getCode().name(), ex.getMessage(),
						ex.getReasons().stream().map(ReasonDescriptor::of).toList(),
						(activeRun != null) ? MigrationRunDescriptor.of(activeRun, flyway) : null),
				status(ex.getCode()));
	}

	static int status(Code code) {
		return switch (code) {
			case BAD_REQUEST -> 400;
			case FORBIDDEN -> 403;
			case UNKNOWN_VERSION, UNKNOWN_RUN -> 404;
			case CHECKSUM_MISMATCH, PLAN_MISMATCH, RUN_ACTIVE, ALREADY_APPLIED, ILLEGAL_STATE -> 409;
			case NOT_READY, ROLLOUT_INCOMPLETE -> 422;
		};
	}

	/**
	 * Description of a refusal.
	 *
	 * @param error the code
	 * @param message what is wrong and what to do, for people
	 * @param reasons every reason why a migration is not ready
	 * @param activeRun the run that occupies the database
	 */
	record RefusalDescriptor(String error, @Nullable String message, List<ReasonDescriptor> reasons,
			@Nullable MigrationRunDescriptor activeRun) implements OperationResponseBody {
	}

}
