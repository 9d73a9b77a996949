package io.github.pendingmigrations.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.info.GitProperties;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * The version of the application, as {@code pending-migrations.application-version},
 * {@code spring.application.version} or its build says, and the commit that it was built
 * from, as {@code git.properties} says.
 *
 * @param value the version, or {@code null} if unknown
 * @param commit the commit, or {@code null} if unknown
 */
record ApplicationVersion(@Nullable String value, @Nullable String commit) {

	static ApplicationVersion of(Environment environment, ListableBeanFactory beanFactory) {
		GitProperties git = beanFactory.getBeanProvider(GitProperties.class).getIfAvailable();
		return new ApplicationVersion(version(environment, beanFactory), (git != null) ? git.getCommitId() : null);
	}

	private static @Nullable String version(Environment environment, ListableBeanFactory beanFactory) {
		for (String key : new String[] { "pending-migrations.application-version", "spring.application.version" }) {
			String configured = environment.getProperty(key);
			if (StringUtils.hasText(configured)) {
				return configured;
			}
		}
		BuildProperties build = beanFactory.getBeanProvider(BuildProperties.class).getIfAvailable();
		return (build != null) ? build.getVersion() : null;
	}

}
