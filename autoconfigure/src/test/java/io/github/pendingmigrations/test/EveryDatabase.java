package io.github.pendingmigrations.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * Runs a test class once for each {@link DatabaseServer}, which is the argument of its
 * constructor or goes to its field with
 * {@link org.junit.jupiter.params.Parameter @Parameter}. A database that is not available
 * on this machine is skipped and named on standard error, unless it was asked for
 * explicitly.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ParameterizedClass(name = "{0}")
@ArgumentsSource(EveryDatabaseExtension.class)
@ExtendWith(EveryDatabaseExtension.class)
// The default for classes does not reach those that are templates
@Execution(ExecutionMode.CONCURRENT)
public @interface EveryDatabase {

}
