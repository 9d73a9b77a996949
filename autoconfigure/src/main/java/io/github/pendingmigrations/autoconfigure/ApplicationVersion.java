package io.github.pendingmigrations.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.info.BuildProperties;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * The version of the application, as {@code pending-migrations.application-version},
 * {@code spring.application.version} or its build says.
 *
 * @param value the version, or {@code null} if unknown
 */
record ApplicationVersion(@Nullable String value) {

	static ApplicationVersion of(Environment environment, ListableBeanFactory beanFactory) {
		for (String key : new String[] { "pending-migrations.application-version", "spring.application.version" }) {
			String configured = environment.getProperty(key);
			if (StringUtils.hasText(configured)) {
				return new ApplicationVersion(configured);
			}
		}
		BuildProperties build = beanFactory.getBeanProvider(BuildProperties.class).getIfAvailable();
		return new ApplicationVersion((build != null) ? build.getVersion() : null);
	}

}
