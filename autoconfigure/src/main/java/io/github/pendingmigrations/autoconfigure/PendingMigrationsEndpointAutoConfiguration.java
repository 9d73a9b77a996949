package io.github.pendingmigrations.autoconfigure;

import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.actuate.MigrationRunsEndpoint;
import io.github.pendingmigrations.actuate.MigrationRunsEndpointWebExtension;
import io.github.pendingmigrations.actuate.OperatorPageLinks;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpoint;
import io.github.pendingmigrations.actuate.PendingMigrationsEndpointWebExtension;
import io.github.pendingmigrations.actuate.WriteAuthorization;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.EndpointAccessResolver;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the
 * {@link PendingMigrationsEndpoint} and the {@link MigrationRunsEndpoint}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PendingMigrationsAutoConfiguration.class)
@ConditionalOnClass({ ConditionalOnAvailableEndpoint.class, WebEndpointProperties.class })
@ConditionalOnBean(PendingMigrationsRegistry.class)
@EnableConfigurationProperties(PendingMigrationsProperties.class)
public final class PendingMigrationsEndpointAutoConfiguration {

	private static final EndpointId LIST = EndpointId.of("pendingmigrations");

	private static final EndpointId RUNS = EndpointId.of("migrationruns");

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnAvailableEndpoint(PendingMigrationsEndpoint.class)
	PendingMigrationsEndpoint pendingMigrationsEndpoint(PendingMigrationsRegistry registry,
			PendingMigrationsProperties properties) {
		return new PendingMigrationsEndpoint(registry, properties.getShowSql());
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnAvailableEndpoint(MigrationRunsEndpoint.class)
	MigrationRunsEndpoint migrationRunsEndpoint(PendingMigrationsRegistry registry,
			PendingMigrationsProperties properties) {
		return new MigrationRunsEndpoint(registry, properties.getShowSql());
	}

	@Bean
	@ConditionalOnMissingBean
	WriteAuthorization pendingMigrationsWriteAuthorization(PendingMigrationsProperties properties) {
		PendingMigrationsProperties.Security security = properties.getSecurity();
		return new WriteAuthorization(security.getApplyAuthority(), security.isAllowUnauthenticatedWrites());
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(PendingMigrationsEndpoint.class)
	@ConditionalOnAvailableEndpoint(endpoint = PendingMigrationsEndpoint.class, exposure = EndpointExposure.WEB)
	PendingMigrationsEndpointWebExtension pendingMigrationsEndpointWebExtension(PendingMigrationsEndpoint endpoint,
			WriteAuthorization authorization, ApplicationEventPublisher events,
			ObjectProvider<WebEndpointProperties> web, ObjectProvider<EndpointAccessResolver> access,
			ObjectProvider<MigrationRunsEndpoint> runs) {
		WebEndpointProperties properties = web.getIfAvailable(WebEndpointProperties::new);
		OperatorPageLinks links = OperatorPageLinks.of(path(properties, LIST), path(properties, RUNS),
				acceptsWrites(access, LIST), runs.getIfAvailable() != null && acceptsWrites(access, RUNS));
		return new PendingMigrationsEndpointWebExtension(endpoint, authorization, events, runsPath(properties), links);
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(MigrationRunsEndpoint.class)
	@ConditionalOnAvailableEndpoint(endpoint = MigrationRunsEndpoint.class, exposure = EndpointExposure.WEB)
	MigrationRunsEndpointWebExtension migrationRunsEndpointWebExtension(MigrationRunsEndpoint endpoint,
			WriteAuthorization authorization, ApplicationEventPublisher events,
			ObjectProvider<WebEndpointProperties> web) {
		return new MigrationRunsEndpointWebExtension(endpoint, authorization, events,
				runsPath(web.getIfAvailable(WebEndpointProperties::new)));
	}

	@Bean
	@ConditionalOnMissingBean
	AuditRunListener pendingMigrationsAuditRunListener(ApplicationEventPublisher events) {
		return new AuditRunListener(events);
	}

	private static String runsPath(WebEndpointProperties web) {
		String base = web.getBasePath().equals("/") ? "" : web.getBasePath();
		return base + "/" + path(web, RUNS);
	}

	private static String path(WebEndpointProperties web, EndpointId id) {
		return web.getPathMapping().getOrDefault(id.toString(), id.toString());
	}

	private static boolean acceptsWrites(ObjectProvider<EndpointAccessResolver> access, EndpointId id) {
		EndpointAccessResolver resolver = access.getIfAvailable();
		return resolver == null || resolver.accessFor(id, Access.READ_ONLY) == Access.UNRESTRICTED;
	}

}
