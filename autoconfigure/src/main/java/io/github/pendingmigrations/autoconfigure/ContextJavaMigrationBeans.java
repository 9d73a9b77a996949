package io.github.pendingmigrations.autoconfigure;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

import io.github.pendingmigrations.PendingJavaMigration;
import io.github.pendingmigrations.flyway.JavaMigrationBeans;
import org.flywaydb.core.Flyway;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * The {@link PendingJavaMigration} beans of the application context. With several Flyway
 * beans they belong to the primary one.
 */
class ContextJavaMigrationBeans implements JavaMigrationBeans {

	private final ConfigurableListableBeanFactory beanFactory;

	private final String flywayBean;

	ContextJavaMigrationBeans(ConfigurableListableBeanFactory beanFactory, String flywayBean) {
		this.beanFactory = beanFactory;
		this.flywayBean = flywayBean;
	}

	@Override
	public Collection<Class<? extends PendingJavaMigration>> types() {
		return names().map(this::type)
			.filter(Objects::nonNull)
			.<Class<? extends PendingJavaMigration>>map((type) -> type.asSubclass(PendingJavaMigration.class))
			.toList();
	}

	@Override
	public Optional<PendingJavaMigration> get(Class<? extends PendingJavaMigration> type) {
		return names().filter((name) -> type.equals(type(name)))
			.findFirst()
			.map((name) -> this.beanFactory.getBean(name, PendingJavaMigration.class));
	}

	private Stream<String> names() {
		boolean belongsHere = flywayBeans().size() < 2 || isPrimary();
		return belongsHere
				? Arrays.stream(this.beanFactory.getBeanNamesForType(PendingJavaMigration.class, true, false))
				: Stream.empty();
	}

	private List<String> flywayBeans() {
		return List.of(this.beanFactory.getBeanNamesForType(Flyway.class, true, false));
	}

	private boolean isPrimary() {
		if (!this.beanFactory.containsBeanDefinition(this.flywayBean)) {
			return false;
		}
		BeanDefinition definition = this.beanFactory.getMergedBeanDefinition(this.flywayBean);
		return definition.isPrimary();
	}

	private @org.jspecify.annotations.Nullable Class<?> type(String name) {
		Class<?> type = this.beanFactory.getType(name, false);
		return (type != null) ? ClassUtils.getUserClass(type) : null;
	}

}
