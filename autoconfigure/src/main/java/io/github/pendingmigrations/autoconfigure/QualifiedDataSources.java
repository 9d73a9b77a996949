package io.github.pendingmigrations.autoconfigure;

import java.lang.annotation.Annotation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

import javax.sql.DataSource;

import io.github.pendingmigrations.PendingMigrationsDataSource;
import io.github.pendingmigrations.PendingMigrationsReplica;
import io.github.pendingmigrations.flyway.ManagedFlyway.Target;
import io.github.pendingmigrations.jdbc.LedgerTables;
import io.github.pendingmigrations.jdbc.VerifiedDataSource;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * The data sources that a qualifier reserves for the pending migrations of a Flyway bean.
 * They are looked up without initializing anything else, since much else waits for
 * Flyway.
 */
class QualifiedDataSources {

	private final ConfigurableListableBeanFactory beanFactory;

	QualifiedDataSources(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Find the data source that executes.
	 * @param flywayBean the name of the Flyway bean
	 * @param target where its tables live
	 * @param tables the tables
	 * @return the data source, or empty if that of Flyway does
	 */
	Optional<VerifiedDataSource> execution(String flywayBean, Target target, LedgerTables tables) {
		Map<String, String> qualified = find(PendingMigrationsDataSource.class, PendingMigrationsDataSource::flyway);
		List<String> own = names(qualified, Set.of(flywayBean));
		List<String> candidates = own.isEmpty() ? names(qualified, Set.of("")) : own;
		if (candidates.size() > 1) {
			throw new IllegalStateException("More than one data source is to execute the pending migrations of Flyway "
					+ "bean '" + flywayBean + "': " + String.join(", ", candidates)
					+ ". Give each @PendingMigrationsDataSource the attribute 'flyway', or leave one of them.");
		}
		return candidates.stream()
			.map((name) -> new VerifiedDataSource(name, flywayBean, this.beanFactory.getBean(name, DataSource.class),
					target.dataSource(), tables))
			.findFirst();
	}

	/**
	 * Find the data sources that read from replicas.
	 * @param flywayBean the name of the Flyway bean
	 * @return the data sources by the names of their beans
	 */
	Map<String, DataSource> replicas(String flywayBean) {
		Map<String, DataSource> replicas = new LinkedHashMap<>();
		names(find(PendingMigrationsReplica.class, PendingMigrationsReplica::flyway), Set.of("", flywayBean))
			.forEach((name) -> replicas.put(name, this.beanFactory.getBean(name, DataSource.class)));
		return replicas;
	}

	private <A extends Annotation> Map<String, String> find(Class<A> qualifier, Function<A, String> flyway) {
		Map<String, String> found = new LinkedHashMap<>();
		for (String name : BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, DataSource.class, true,
				false)) {
			A annotation = this.beanFactory.findAnnotationOnBean(name, qualifier, false);
			if (annotation != null) {
				found.put(name, flyway.apply(annotation));
			}
		}
		return found;
	}

	private static List<String> names(Map<String, String> qualified, Set<String> flywayBeans) {
		return qualified.entrySet()
			.stream()
			.filter((entry) -> flywayBeans.contains(entry.getValue()))
			.map(Map.Entry::getKey)
			.toList();
	}

}
