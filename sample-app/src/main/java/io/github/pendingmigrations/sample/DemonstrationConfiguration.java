package io.github.pendingmigrations.sample;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.flywaydb.core.Flyway;

import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.context.event.EventListener;

/**
 * What happens without any profile: release 2 starts on a database that is in use. On an
 * empty one there would be nothing to see, since everything runs at once there.
 */
@Configuration(proxyBeanMethods = false)
@Profile("default")
class DemonstrationConfiguration {

	private static final Log logger = LogFactory.getLog(DemonstrationConfiguration.class);

	/**
	 * Does to the new database what release 1 did, before the Flyway of this application
	 * is created.
	 * @return the customizer
	 */
	@Bean
	FlywayConfigurationCustomizer databaseOfRelease1() {
		return (configuration) -> Flyway.configure()
			.dataSource(configuration.getDataSource())
			.placeholders(configuration.getPlaceholders())
			.locations("classpath:db/release1")
			.load()
			.migrate();
	}

	@EventListener
	void onWebServerInitialized(WebServerInitializedEvent event) {
		logger.info("Open http://localhost:" + event.getWebServer().getPort()
				+ "/actuator/pendingmigrations and sign in as ops with the password ops");
	}

}
