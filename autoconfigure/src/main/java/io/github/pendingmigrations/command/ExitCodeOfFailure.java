package io.github.pendingmigrations.command;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ApplicationEventMulticaster;
import org.springframework.context.support.AbstractApplicationContext;

/**
 * Lets the exit code of a start-up that fails get through. Spring Boot publishes it to
 * the listeners of a context whose beans have been destroyed; some of them cannot be
 * created again, and that error would take the place of the code.
 */
class ExitCodeOfFailure implements BeanFactoryPostProcessor {

	private final ConfigurableApplicationContext context;

	ExitCodeOfFailure(ConfigurableApplicationContext context) {
		this.context = context;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		if (beanFactory instanceof DefaultSingletonBeanRegistry registry) {
			registry.registerDisposableBean(getClass().getName(), () -> afterFailure(beanFactory));
		}
	}

	/**
	 * A context that is closed in order says so before it destroys its beans.
	 */
	private void afterFailure(ConfigurableListableBeanFactory beanFactory) {
		Object multicaster = beanFactory
			.getSingleton(AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME);
		if (!this.context.isClosed() && multicaster instanceof ApplicationEventMulticaster events) {
			events.removeApplicationListenerBeans((name) -> true);
		}
	}

}
