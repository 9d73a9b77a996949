package io.github.pendingmigrations.actuate;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

import io.github.pendingmigrations.Force;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.RequestRefusedException;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.actuate.MigrationRunsEndpoint.MigrationRunDescriptor;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.context.ApplicationEventPublisher;

/**
 * What all requests that change something have in common: first it is decided whether the
 * caller may, then the arguments are checked and the service is called, and whatever
 * comes of that is audited.
 */
final class WriteRequests {

	static final String REQUESTED = "MIGRATION_REQUESTED";

	static final String REFUSED = "MIGRATION_REFUSED";

	static final String CANCEL_REQUESTED = "MIGRATION_CANCEL_REQUESTED";

	static final String HOLD_REQUESTED = "MIGRATION_HOLD_REQUESTED";

	static final String RESUME_REQUESTED = "MIGRATION_RESUME_REQUESTED";

	static final String SKIPPED = "MIGRATION_SKIPPED";

	static final String RETRY_REQUESTED = "MIGRATION_RETRY_REQUESTED";

	static final String MARKED_APPLIED = "MIGRATION_MARKED_APPLIED";

	static final int STATUS_ACCEPTED = 202;

	private static final String VIA = "actuator";

	private static final int MAX_AUDITED_TEXT = 200;

	private static final Log logger = LogFactory.getLog(WriteRequests.class);

	private final WriteAuthorization authorization;

	private final ApplicationEventPublisher eventPublisher;

	private final String runsPath;

	WriteRequests(WriteAuthorization authorization, ApplicationEventPublisher eventPublisher, String runsPath) {
		this.authorization = authorization;
		this.eventPublisher = eventPublisher;
		this.runsPath = runsPath;
	}

	/**
	 * Handle a request.
	 * @param securityContext who asks
	 * @param subject what for, in the words of the caller
	 * @param reason why
	 * @param handler does it
	 * @return the response
	 */
	WebEndpointResponse<OperationResponseBody> handle(SecurityContext securityContext, Subject subject,
			@Nullable String reason, Handler handler) {
		try {
			String name = this.authorization.authorize(securityContext);
			Outcome outcome = handler.handle(new Requester(name, VIA, Arguments.reason(reason)));
			audit(name, outcome.auditType(), subject.accepted(outcome.flyway(), outcome.run(), reason));
			return new WebEndpointResponse<>(
					new AcceptedDescriptor(MigrationRunDescriptor.of(outcome.run(), outcome.flyway()),
							this.runsPath + "/" + outcome.run().id()),
					outcome.status());
		}
		catch (RequestRefusedException ex) {
			audit(WriteAuthorization.nameOf(securityContext), REFUSED, subject.refused(ex.getCode().name(), reason));
			return Refusals.toResponse(ex, subject.flyway());
		}
		catch (RuntimeException ex) {
			WebEndpointResponse<OperationResponseBody> response = Refusals.unavailable(ex);
			audit(WriteAuthorization.nameOf(securityContext), REFUSED,
					subject.refused(DatabaseUnavailable.ERROR, reason));
			return response;
		}
	}

	private void audit(String principal, String type, Map<String, @Nullable Object> data) {
		try {
			this.eventPublisher.publishEvent(new AuditApplicationEvent(new AuditEvent(principal, type, data)));
		}
		catch (RuntimeException ex) {
			// What was audited has happened: the caller must learn that rather than this
			logger.error("The audit event " + type + " of '" + principal + "' " + data + " was not published", ex);
		}
	}

	/**
	 * Does what a request asks for.
	 */
	interface Handler {

		/**
		 * Check the other arguments and do it.
		 * @param requester who asks and why
		 * @return what came of it
		 * @throws RequestRefusedException if that is refused
		 */
		Outcome handle(Requester requester);

	}

	/**
	 * What came of a request.
	 *
	 * @param flyway the name of the Flyway bean
	 * @param run the run
	 * @param auditType the type of the audit event
	 * @param status the HTTP status
	 */
	record Outcome(String flyway, MigrationRun run, String auditType, int status) {
	}

	/**
	 * What a request is about, in the words of the caller.
	 *
	 * @param name what kind of thing {@code value} is
	 * @param value the version or the id of a run
	 * @param flyway the name of the Flyway bean, or {@code null} if not given
	 */
	record Subject(String name, @Nullable String value, @Nullable String flyway) {

		Map<String, @Nullable Object> accepted(String flyway, MigrationRun run, @Nullable String reason) {
			Map<String, @Nullable Object> data = data(reason);
			data.put("flyway", flyway);
			data.put("versions", String.join(",", run.versions()));
			data.put("run", run.id().toString());
			if (run.request().force() != Force.NONE) {
				data.put("force", run.request().force().name().toLowerCase(Locale.ROOT));
			}
			UUID parentId = run.parentId();
			if (parentId != null) {
				data.put("parent", parentId.toString());
			}
			return data;
		}

		Map<String, @Nullable Object> refused(String code, @Nullable String reason) {
			Map<String, @Nullable Object> data = data(reason);
			put(data, "flyway", this.flyway);
			data.put("code", code);
			return data;
		}

		private Map<String, @Nullable Object> data(@Nullable String reason) {
			Map<String, @Nullable Object> data = new LinkedHashMap<>();
			put(data, this.name, this.value);
			put(data, "reason", reason);
			return data;
		}

		private static void put(Map<String, @Nullable Object> data, String key, @Nullable String value) {
			if (value != null) {
				// Also from callers who may not write, so its length is not theirs to
				// choose
				data.put(key, (value.length() > MAX_AUDITED_TEXT) ? value.substring(0, MAX_AUDITED_TEXT) + "…" : value);
			}
		}

	}

	/**
	 * Description of an accepted request.
	 *
	 * @param run the run
	 * @param path where to follow it
	 */
	record AcceptedDescriptor(MigrationRunDescriptor run, String path) implements OperationResponseBody {
	}

}
