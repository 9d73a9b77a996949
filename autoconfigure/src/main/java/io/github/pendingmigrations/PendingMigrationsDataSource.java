package io.github.pendingmigrations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Qualifier for a {@link javax.sql.DataSource} that executes pending migrations, instead
 * of the one that Flyway has: a direct connection beside a pooler, or another user. It
 * must reach the same database, which is verified when the application starts. One or two
 * connections are enough.
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
public @interface PendingMigrationsDataSource {

	/**
	 * The name of the Flyway bean whose pending migrations it executes. By default those
	 * of every Flyway bean that has none of its own.
	 * @return the name, or an empty text
	 */
	String flyway() default "";

}
