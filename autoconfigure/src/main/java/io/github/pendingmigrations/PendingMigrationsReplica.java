package io.github.pendingmigrations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Qualifier for a {@link javax.sql.DataSource} that reads from a replica. Before a
 * pending migration runs, the replica is asked how far it is behind and how long its
 * oldest query has been running.
 * <p>
 * Combine it with {@code @Bean(defaultCandidate = false)}, so that it does not take the
 * place of the data source of the application.
 *
 * @since 0.1.0
 */
@Target({ ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.TYPE, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Qualifier
public @interface PendingMigrationsReplica {

	/**
	 * The name of the Flyway bean whose database it replicates. By default that of every
	 * Flyway bean, which suits an application with one.
	 * @return the name, or an empty text
	 */
	String flyway() default "";

}
