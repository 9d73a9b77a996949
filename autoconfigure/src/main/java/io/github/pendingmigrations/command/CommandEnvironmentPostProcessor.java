package io.github.pendingmigrations.command;

import java.util.Map;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.StringUtils;

/**
 * Keeps the web server from being started, and standard output for the report alone, if
 * the application is to execute a command.
 */
class CommandEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

	private static final String MODE = "pending-migrations.mode";

	/** What nobody can use here, and what would be in the way. */
	private static final Map<String, Object> PROPERTIES = Map.of("spring.main.web-application-type", "none",
			"spring.main.banner-mode", "off", "spring.main.keep-alive", "false", "spring.jmx.enabled", "false");

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		String configured = environment.getProperty(MODE);
		if (!StringUtils.hasText(configured) || configured.equalsIgnoreCase(CommandMode.SERVE.name())) {
			return;
		}
		// Before anything can fail, or log: those who write to the console find it anew
		System.setOut(System.err);
		if (mode(environment).isCommand()) {
			environment.getPropertySources().addFirst(new MapPropertySource("pendingMigrationsCommand", PROPERTIES));
		}
	}

	/**
	 * Return the mode.
	 * @param environment the environment
	 * @return the mode
	 */
	static CommandMode mode(Environment environment) {
		return Binder.get(environment).bind(MODE, CommandMode.class).orElse(CommandMode.SERVE);
	}

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

}
