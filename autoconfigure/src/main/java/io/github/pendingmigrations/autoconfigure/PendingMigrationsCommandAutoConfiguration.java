package io.github.pendingmigrations.autoconfigure;

import java.util.Map;

import io.github.pendingmigrations.PendingMigrationsRegistry;
import io.github.pendingmigrations.autoconfigure.PendingMigrationsProperties.Command;
import io.github.pendingmigrations.autoconfigure.PendingMigrationsProperties.Order;
import io.github.pendingmigrations.command.CommandSettings;
import io.github.pendingmigrations.command.CommandSettings.Apply;
import io.github.pendingmigrations.command.PendingMigrationsCommand;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for what the application does
 * instead of serving. The mode is not a condition, since an application that was
 * processed ahead of time has to know all of them.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PendingMigrationsAutoConfiguration.class)
@ConditionalOnBean(FlywayBeanPostProcessor.class)
public final class PendingMigrationsCommandAutoConfiguration {

	@Bean
	@Lazy
	PendingMigrationsCommand pendingMigrationsCommand(ObjectProvider<PendingMigrationsRegistry> registry,
			PendingMigrationsProperties properties, FlywayBeanPostProcessor flyways, ListableBeanFactory beanFactory) {
		return new PendingMigrationsCommand(registry.getIfAvailable(() -> () -> Map.of()), settings(properties),
				properties.getOrder() == Order.LENIENT, new FlywayStartup(beanFactory, flyways),
				new FlywayWorkers(flyways));
	}

	private static CommandSettings settings(PendingMigrationsProperties properties) {
		Command command = properties.getCommand();
		return new CommandSettings(properties.getMode(), properties.getReport(), command.getAccept(),
				command.getSourceRoot(),
				new Apply(command.getFlyway(), command.getUpTo(), command.getPlan(), command.getRequestedBy(),
						command.getReason(), command.getForce(), properties.versionsThatRequireApproval()));
	}

}
