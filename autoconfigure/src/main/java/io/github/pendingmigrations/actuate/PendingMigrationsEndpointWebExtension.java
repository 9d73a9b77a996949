package io.github.pendingmigrations.actuate;

import java.nio.charset.StandardCharsets;

import io.github.pendingmigrations.Force;
import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingMigrations;
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
import org.springframework.util.MimeType;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} for the
 * {@link PendingMigrationsEndpoint}. A request to apply something returns at once: the
 * work is done in the background.
 *
 * @since 0.1.0
 */
@EndpointWebExtension(endpoint = PendingMigrationsEndpoint.class)
public class PendingMigrationsEndpointWebExtension {

	private static final MimeType HTML = new MimeType("text", "html", StandardCharsets.UTF_8);

	private final PendingMigrationsEndpoint delegate;

	private final WriteAuthorization authorization;

	private final WriteRequests writeRequests;

	private final OperatorPageLinks links;

	private final OperatorPage page = OperatorPage.load();

	/**
	 * Create the extension.
	 * @param delegate the endpoint
	 * @param authorization decides who may write
	 * @param eventPublisher where audit events are published
	 * @param runsPath the path of the {@link MigrationRunsEndpoint}, such as
	 * {@code /actuator/migrationruns}
	 * @param links what the page has to know
	 */
	public PendingMigrationsEndpointWebExtension(PendingMigrationsEndpoint delegate, WriteAuthorization authorization,
			ApplicationEventPublisher eventPublisher, String runsPath, OperatorPageLinks links) {
		this.delegate = delegate;
		this.authorization = authorization;
		this.links = links;
		this.writeRequests = new WriteRequests(authorization, eventPublisher, runsPath);
	}

	/**
	 * Return the operator page. Browsers get it because they ask for HTML; JSON stays the
	 * default for everything else.
	 * @param securityContext who asks
	 * @return the page
	 */
	@ReadOperation(produces = "text/html")
	public WebEndpointResponse<String> page(SecurityContext securityContext) {
		return new WebEndpointResponse<>(this.page.render(this.links, this.authorization.refusal(securityContext)),
				HTML);
	}

	@ReadOperation
	public WebEndpointResponse<OperationResponseBody> pendingMigrations() {
		return Refusals.orElse(null, this.delegate::pendingMigrations);
	}

	@ReadOperation
	public WebEndpointResponse<OperationResponseBody> pendingMigration(SecurityContext securityContext,
			@Selector String version, @Nullable String flyway) {
		return Refusals.orElse(flyway, () -> this.delegate.pendingMigration(version, flyway,
				this.authorization.isAuthorized(securityContext)));
	}

	/**
	 * Request that one migration be applied.
	 * @param securityContext who asks
	 * @param version the version
	 * @param checksum the checksum that was reviewed, required
	 * @param reason why, required
	 * @param force {@code rollout} to override that the rollout is not complete; without
	 * it nothing is overridden
	 * @param flyway the name of the Flyway bean, required if there are several
	 * @return the run
	 */
	@WriteOperation
	public WebEndpointResponse<OperationResponseBody> apply(SecurityContext securityContext, @Selector String version,
			@Nullable String checksum, @Nullable String reason, @Nullable String force, @Nullable String flyway) {
		return this.writeRequests.handle(securityContext, new Subject("version", version, flyway), reason,
				(requester) -> {
					Force forced = Arguments.force(force);
					int reviewed = Arguments.checksum(checksum);
					PendingMigrations service = this.delegate.flywayBeans().select(flyway);
					return requested(service, service.apply(version, reviewed, requester, forced));
				});
	}

	/**
	 * Request that all migrations up to a version be applied.
	 * @param securityContext who asks
	 * @param plan the plan that was reviewed, required
	 * @param upTo the version of the last one, required
	 * @param reason why, required
	 * @param force {@code rollout} to override that the rollout is not complete; without
	 * it nothing is overridden
	 * @param flyway the name of the Flyway bean, required if there are several
	 * @return the run
	 */
	@WriteOperation
	public WebEndpointResponse<OperationResponseBody> applyUpTo(SecurityContext securityContext, @Nullable String plan,
			@Nullable String upTo, @Nullable String reason, @Nullable String force, @Nullable String flyway) {
		return this.writeRequests.handle(securityContext, new Subject("upTo", upTo, flyway), reason, (requester) -> {
			Force forced = Arguments.force(force);
			String reviewed = Arguments.text("plan", plan, "pass the one that was listed when you reviewed it");
			String last = Arguments.text("upTo", upTo, "pass the version of the last migration to apply");
			PendingMigrations service = this.delegate.flywayBeans().select(flyway);
			return requested(service, service.applyUpTo(reviewed, last, requester, forced));
		});
	}

	private static Outcome requested(PendingMigrations service, MigrationRun run) {
		return new Outcome(service.flywayBean(), run, WriteRequests.REQUESTED, WriteRequests.STATUS_ACCEPTED);
	}

}
