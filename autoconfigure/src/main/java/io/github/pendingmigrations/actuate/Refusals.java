package io.github.pendingmigrations.actuate;

import java.util.List;
import java.util.function.Supplier;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import io.github.pendingmigrations.actuate.MigrationRunsEndpoint.MigrationRunDescriptor;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint.ReasonDescriptor;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.core.NestedExceptionUtils;

/**
 * Turns refusals into responses, all of one shape, also that of a database which cannot
 * be reached.
 */
final class Refusals {

	private static final Log logger = LogFactory.getLog(Refusals.class);

	private Refusals() {
	}

	/**
	 * Read something, and say in the shape of a refusal if that cannot be done now.
	 * @param flyway the name of the Flyway bean, or {@code null} if not given
	 * @param read reads it
	 * @return the response
	 */
	static WebEndpointResponse<OperationResponseBody> orElse(@Nullable String flyway,
			Supplier<OperationResponseBody> read) {
		try {
			return new WebEndpointResponse<>(read.get());
		}
		catch (RequestRefusedException ex) {
			return toResponse(ex, flyway);
		}
		catch (RuntimeException ex) {
			return unavailable(ex);
		}
	}

	/**
	 * Say that the database cannot be reached.
	 * @param ex the error
	 * @return the response
	 * @throws RuntimeException the error, if it is another one
	 */
	static WebEndpointResponse<OperationResponseBody> unavailable(RuntimeException ex) {
		if (!DatabaseUnavailable.isCauseOf(ex)) {
			throw ex;
		}
		logger.warn("A request could not be answered, because the database cannot be reached: "
				+ NestedExceptionUtils.getMostSpecificCause(ex));
		return new WebEndpointResponse<>(
				new RefusalDescriptor(DatabaseUnavailable.ERROR, DatabaseUnavailable.MESSAGE, List.of(), null),
				DatabaseUnavailable.STATUS);
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
