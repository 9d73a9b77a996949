package io.github.pendingmigrations.command;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplicationRunListener;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * Executes a command instead of what the application is there for: when the context has
 * come up, and before anybody else is told so. Then it ends the process, so that an
 * ordinary {@code main} method needs to know nothing about it.
 */
class CommandRunListener implements SpringApplicationRunListener, Ordered {

	/** What was standard output before it was kept for the report. */
	private final PrintStream out = System.out;

	private volatile @Nullable PendingMigrationsCommand command;

	private @Nullable Environment environment;

	@Override
	public void environmentPrepared(ConfigurableBootstrapContext bootstrapContext,
			ConfigurableEnvironment environment) {
		this.environment = environment;
	}

	@Override
	public void contextLoaded(ConfigurableApplicationContext context) {
		context.addBeanFactoryPostProcessor(new ExitCodeOfFailure(context));
		if (CommandEnvironmentPostProcessor.mode(context.getEnvironment()).isCommand()) {
			context.addBeanFactoryPostProcessor(new QuietStartup(this::stop));
		}
	}

	@Override
	public void started(ConfigurableApplicationContext context, @Nullable Duration timeTaken) {
		CommandMode mode = CommandEnvironmentPostProcessor.mode(context.getEnvironment());
		if (!mode.isCommand()) {
			return;
		}
		CommandExit exit = context.getBeanProvider(CommandExit.class).getIfAvailable(() -> System::exit);
		int code = execute(context, mode);
		context.close();
		System.setOut(this.out);
		exit.exit(code);
		throw new SpringApplication.AbandonedRunException(context);
	}

	private int execute(ConfigurableApplicationContext context, CommandMode mode) {
		PendingMigrationsCommand available = context.getBeanProvider(PendingMigrationsCommand.class).getIfAvailable();
		if (available == null) {
			System.err.println("'pending-migrations.mode=" + mode.name().toLowerCase(Locale.ROOT)
					+ "' needs the auto-configuration of pending migrations, which is switched off here: "
					+ "look at 'pending-migrations.enabled' and 'spring.autoconfigure.exclude'.");
			return ExitCode.FAILED.code();
		}
		this.command = available;
		return available.execute(this.out, System.err);
	}

	@Override
	public void failed(@Nullable ConfigurableApplicationContext context, Throwable exception) {
		Environment known = (context != null) ? context.getEnvironment() : this.environment;
		if (known != null) {
			CommandFailure.report(known, exception, this.out);
		}
	}

	private void stop() {
		PendingMigrationsCommand executing = this.command;
		if (executing != null) {
			executing.stop();
		}
	}

	/**
	 * Before the listener that publishes events, so that nobody starts to work.
	 */
	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

}
