package io.github.pendingmigrations.command;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.LifecycleProcessor;
import org.springframework.context.event.ApplicationContextEvent;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.ResolvableType;

/**
 * Lets an application context come up in which nothing works but what a command asks for:
 * every bean is lazy, whatever it says itself, none is started, and none is told that the
 * context was refreshed or closed.
 */
final class QuietStartup implements BeanFactoryPostProcessor {

	private final Runnable onClose;

	/**
	 * Create it.
	 * @param onClose called when the context closes, before its beans are destroyed
	 */
	QuietStartup(Runnable onClose) {
		this.onClose = onClose;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		for (String name : beanFactory.getBeanDefinitionNames()) {
			beanFactory.getBeanDefinition(name).setLazyInit(true);
		}
		replace(beanFactory, AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME,
				new IdleLifecycleProcessor(this.onClose));
		replace(beanFactory, AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME,
				new DiscreetEventMulticaster(beanFactory));
	}

	private static void replace(ConfigurableListableBeanFactory beanFactory, String name, Object bean) {
		if (beanFactory instanceof BeanDefinitionRegistry registry && registry.containsBeanDefinition(name)) {
			registry.removeBeanDefinition(name);
		}
		beanFactory.registerSingleton(name, bean);
	}

	/**
	 * Starts nothing.
	 *
	 * @param closing called when the context closes
	 */
	private record IdleLifecycleProcessor(Runnable closing) implements LifecycleProcessor {

		@Override
		public void start() {
		}

		@Override
		public void stop() {
		}

		@Override
		public boolean isRunning() {
			return false;
		}

		@Override
		public void onClose() {
			this.closing.run();
		}

	}

	/**
	 * Keeps the events of the context to itself.
	 */
	private static final class DiscreetEventMulticaster extends SimpleApplicationEventMulticaster {

		DiscreetEventMulticaster(ConfigurableListableBeanFactory beanFactory) {
			super(beanFactory);
		}

		@Override
		public void multicastEvent(ApplicationEvent event, @Nullable ResolvableType eventType) {
			if (!(event instanceof ApplicationContextEvent)) {
				super.multicastEvent(event, eventType);
			}
		}

	}

}
