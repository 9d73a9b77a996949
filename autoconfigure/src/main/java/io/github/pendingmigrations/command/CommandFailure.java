package io.github.pendingmigrations.command;

import java.io.PrintStream;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Writes the report of a command that could not begin, because the application context
 * did not come up.
 */
final class CommandFailure {

	private CommandFailure() {
	}

	static void report(Environment environment, Throwable exception, PrintStream out) {
		try {
			CommandMode mode = CommandEnvironmentPostProcessor.mode(environment);
			if (mode.isCommand()) {
				Binder binder = Binder.get(environment);
				ReportFormat format = binder.bind("pending-migrations.report", ReportFormat.class)
					.orElse(ReportFormat.TEXT);
				String sourceRoot = binder.bind("pending-migrations.command.source-root", String.class)
					.orElse(SourceFiles.DEFAULT_ROOT);
				Trouble trouble = Trouble.of(exception);
				ReportWriter.of(format, new SourceFiles(sourceRoot))
					.write(new CommandReport(mode, trouble.exitCode(), trouble.message(), List.of(), trouble), out);
			}
		}
		catch (BindException ex) {
			// That is what failed, and somebody else explains it
			@Nullable Throwable cause = ex.getCause();
			exception.addSuppressed((cause != null) ? cause : ex);
		}
	}

}
