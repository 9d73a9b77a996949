package io.github.pendingmigrations.autoconfigure;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

import io.github.pendingmigrations.MigrationChecker;
import io.github.pendingmigrations.MigrationRunRepository.Retention;
import io.github.pendingmigrations.actuate.ShowSql;
import io.github.pendingmigrations.run.RunListener;
import io.github.pendingmigrations.run.RunSettings;
import io.github.pendingmigrations.run.RunSettings.Locks;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.flywaydb.core.Flyway;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;

/**
 * Makes the start-up of every Flyway bean safe, those that users define included.
 */
class FlywayBeanPostProcessor implements DestructionAwareBeanPostProcessor {

	private static final Log logger = LogFactory.getLog(FlywayBeanPostProcessor.class);

	private final Map<String, FlywayNode> nodes = new LinkedHashMap<>();

	private boolean started;

	private boolean ready;

	private final ObjectProvider<PendingMigrationsProperties> properties;

	private final ObjectProvider<ApplicationVersion> version;

	private final ObjectProvider<RunListener> listeners;

	private final ConfigurableListableBeanFactory beanFactory;

	private final QualifiedDataSources dataSources;

	private final PreflightInspectors inspectors;

	private final String instanceId = instanceId();

	FlywayBeanPostProcessor(ObjectProvider<PendingMigrationsProperties> properties,
			ObjectProvider<ApplicationVersion> version, ObjectProvider<RunListener> listeners,
			ConfigurableListableBeanFactory beanFactory) {
		this.properties = properties;
		this.version = version;
		this.listeners = listeners;
		this.beanFactory = beanFactory;
		this.dataSources = new QualifiedDataSources(beanFactory);
		this.inspectors = new PreflightInspectors(beanFactory, this.dataSources);
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (!(bean instanceof Flyway flyway)) {
			return bean;
		}
		if (bean.getClass() != Flyway.class) {
			logger.warn("Flyway bean '" + beanName + "' is a " + bean.getClass().getName()
					+ " and is left as it is: its pending migrations are not managed");
			return bean;
		}
		FlywayNode node = FlywayNode.create(beanName, flyway, this.properties.getObject(), settings(),
				new ContextJavaMigrationBeans(this.beanFactory, beanName), this.dataSources, this.inspectors,
				() -> this.beanFactory.getBeanProvider(MigrationChecker.class)
					.getIfAvailable(() -> MigrationChecker.NONE),
				RunListener.all(this.listeners::orderedStream));
		synchronized (this.nodes) {
			this.nodes.put(beanName, node);
			if (this.started) {
				node.start();
			}
			if (this.ready) {
				node.ready();
			}
		}
		return node.flyway();
	}

	@Override
	public boolean requiresDestruction(Object bean) {
		return bean instanceof Flyway;
	}

	/**
	 * Whatever depends on Flyway, and so may use the database, has been destroyed by now,
	 * and the data source has not.
	 */
	@Override
	public void postProcessBeforeDestruction(Object bean, String beanName) {
		FlywayNode node;
		synchronized (this.nodes) {
			node = (bean instanceof Flyway) ? this.nodes.get(beanName) : null;
		}
		if (node != null) {
			node.end();
		}
	}

	private RunSettings settings() {
		PendingMigrationsProperties.Execution execution = this.properties.getObject().getExecution();
		PendingMigrationsProperties.Retention retention = this.properties.getObject().getRetention();
		ApplicationVersion application = this.version.getObject();
		return new RunSettings(this.instanceId, application.value(), application.commit(), execution.getLease(),
				execution.getHeartbeat(), execution.getDeadline(), execution.getHoldBudget(),
				execution.getShutdownTimeout(),
				new Locks(execution.getProfile(), execution.getMaxLockTimeout(),
						this.properties.getObject().getShowSql() != ShowSql.NEVER),
				new Retention(retention.getMaxRuns(), retention.getMaxAge()),
				this.properties.getObject().versionsThatRequireApproval(),
				this.properties.getObject().getMode().looksOnly());
	}

	/**
	 * Begin to work on the runs of all Flyway beans, those included that are lazy.
	 */
	void start() {
		synchronized (this.nodes) {
			this.started = true;
			this.nodes.values().forEach(FlywayNode::start);
		}
	}

	void stop() {
		synchronized (this.nodes) {
			this.started = false;
		}
		nodes().forEach(FlywayNode::stop);
	}

	/**
	 * Say that the application has started.
	 */
	void ready() {
		synchronized (this.nodes) {
			this.ready = true;
			this.nodes.values().forEach(FlywayNode::ready);
		}
	}

	/**
	 * Say that the application is about to stop.
	 */
	void stopping() {
		synchronized (this.nodes) {
			this.ready = false;
			this.nodes.values().forEach(FlywayNode::stopping);
		}
	}

	Collection<FlywayNode> nodes() {
		synchronized (this.nodes) {
			return new LinkedHashMap<>(this.nodes).values();
		}
	}

	FlywayNode node(Flyway flyway) {
		return nodes().stream()
			.filter((node) -> node.flyway() == flyway)
			.findFirst()
			.orElseThrow(() -> new IllegalStateException(
					"The Flyway bean is not managed: it is a " + flyway.getClass().getName() + ", not a plain Flyway"));
	}

	private static String instanceId() {
		String unique = UUID.randomUUID().toString().substring(0, 8);
		try {
			return InetAddress.getLocalHost().getHostName() + "-" + ProcessHandle.current().pid() + "-" + unique;
		}
		catch (UnknownHostException ex) {
			return "instance-" + ProcessHandle.current().pid() + "-" + unique;
		}
	}

}
