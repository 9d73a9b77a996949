package io.github.pendingmigrations.actuate;

import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Collectors;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.RequestRefusedException.Code;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.actuate.FlywayBeans.FoundRun;
import io.github.pendingmigrations.actuate.WriteRequests.Outcome;
import io.github.pendingmigrations.actuate.WriteRequests.Subject;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.context.ApplicationEventPublisher;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} for the
 * {@link MigrationRunsEndpoint}.
 *
 * @since 0.1.0
 */
@EndpointWebExtension(endpoint = MigrationRunsEndpoint.class)
public class MigrationRunsEndpointWebExtension {

	private final MigrationRunsEndpoint delegate;

	private final WriteAuthorization authorization;

	private final WriteRequests writeRequests;

	/**
	 * Create the extension.
	 * @param delegate the endpoint
	 * @param authorization decides who may write
	 * @param eventPublisher where audit events are published
	 * @param runsPath the path of the endpoint, such as {@code /actuator/migrationruns}
	 */
	public MigrationRunsEndpointWebExtension(MigrationRunsEndpoint delegate, WriteAuthorization authorization,
			ApplicationEventPublisher eventPublisher, String runsPath) {
		this.delegate = delegate;
		this.authorization = authorization;
		this.writeRequests = new WriteRequests(authorization, eventPublisher, runsPath);
	}

	@ReadOperation
	public WebEndpointResponse<OperationResponseBody> migrationRuns(@Nullable String status, @Nullable String version,
			@Nullable String page, @Nullable String size) {
		return Refusals.orElse(null, () -> this.delegate.find(status, version, page, size));
	}

	@ReadOperation
	public WebEndpointResponse<OperationResponseBody> migrationRun(SecurityContext securityContext,
			@Selector String id) {
		return Refusals.orElse(null, () -> this.delegate.find(id, this.authorization.isAuthorized(securityContext)));
	}

	/**
	 * Request that something be done with a run.
	 * @param securityContext who asks
	 * @param id the id of the run
	 * @param action what to do, required
	 * @param reason why, required
	 * @param force with the action to cancel {@code true} to cancel a statement that
	 * works, too; with the action to retry {@code rollout} to override that the rollout
	 * is not complete
	 * @return the run, or the new one if the action is to retry
	 */
	@WriteOperation
	public WebEndpointResponse<OperationResponseBody> act(SecurityContext securityContext, @Selector String id,
			@Nullable String action, @Nullable String reason, @Nullable String force) {
		return this.writeRequests.handle(securityContext, new Subject("run", id, null), reason, (requester) -> {
			Action requested = Action.of(Arguments.text("action", action, Action.allowed()));
			if (force != null && requested != Action.CANCEL && requested != Action.RETRY) {
				throw new RequestRefusedException(Code.BAD_REQUEST,
						"'force' goes only with the actions 'cancel' and 'retry'");
			}
			FoundRun found = this.delegate.flywayBeans().findRun(id);
			MigrationRun run = requested.operation.perform(found.service(), found.run().id(), requester, force);
			return new Outcome(found.service().flywayBean(), run, requested.auditType, requested.status);
		});
	}

	/**
	 * What can be done with a run.
	 */
	private enum Action {

		CANCEL("cancel",
				(service, runId, requester, force) -> service.cancel(runId, requester, Arguments.flag("force", force)),
				WriteRequests.CANCEL_REQUESTED, WriteRequests.STATUS_ACCEPTED),

		HOLD("hold", (service, runId, requester, force) -> service.hold(runId, requester), WriteRequests.HOLD_REQUESTED,
				WriteRequests.STATUS_ACCEPTED),

		RESUME("resume", (service, runId, requester, force) -> service.resume(runId, requester),
				WriteRequests.RESUME_REQUESTED, WriteRequests.STATUS_ACCEPTED),

		RETRY("retry", (service, runId, requester, force) -> service.retry(runId, requester, Arguments.force(force)),
				WriteRequests.RETRY_REQUESTED, WriteRequests.STATUS_ACCEPTED),

		SKIP("skip", (service, runId, requester, force) -> service.skip(runId, requester), WriteRequests.SKIPPED,
				WebEndpointResponse.STATUS_OK),

		MARK_APPLIED("mark-applied", (service, runId, requester, force) -> service.markApplied(runId, requester),
				WriteRequests.MARKED_APPLIED, WebEndpointResponse.STATUS_OK);

		private final String text;

		private final Operation operation;

		private final String auditType;

		private final int status;

		Action(String text, Operation operation, String auditType, int status) {
			this.text = text;
			this.operation = operation;
			this.auditType = auditType;
			this.status = status;
		}

		static Action of(String text) {
			return Arrays.stream(values())
				.filter((action) -> action.text.equals(text))
				.findFirst()
				.orElseThrow(() -> new RequestRefusedException(Code.BAD_REQUEST, "'action' must be " + allowed()));
		}

		static String allowed() {
			return Arrays.stream(values())
				.map((action) -> action.text)
				.collect(Collectors.joining(", ", "one of: ", ""));
		}

	}

	/**
	 * Does it.
	 */
	private interface Operation {

		MigrationRun perform(PendingMigrations service, UUID runId, Requester requester, @Nullable String force);

	}

}
