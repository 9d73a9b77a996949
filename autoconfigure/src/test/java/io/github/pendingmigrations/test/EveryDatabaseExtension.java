package io.github.pendingmigrations.test;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeClassTemplateInvocationCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.jupiter.params.ParameterInfo;
import org.opentest4j.TestAbortedException;

/**
 * Provides the databases to {@link EveryDatabase} and skips those that are not available.
 */
class EveryDatabaseExtension implements ArgumentsProvider, BeforeClassTemplateInvocationCallback, TestWatcher {

	private static final Set<DatabaseServer> announced = EnumSet.noneOf(DatabaseServer.class);

	@Override
	public Stream<? extends Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
		return DatabaseServer.selected().stream().map(Arguments::of);
	}

	@Override
	public void beforeClassTemplateInvocation(ExtensionContext context) {
		DatabaseServer server = server(context);
		Optional<String> reasonNotToRun = server.reasonNotToRun();
		if (reasonNotToRun.isPresent() && !DatabaseServer.isSelectionExplicit()) {
			String message = "SKIPPED: tests against %s, because %s".formatted(server, reasonNotToRun.get());
			announce(server, message);
			throw new TestAbortedException(message);
		}
	}

	/**
	 * The reports do not tell the database of a failed test.
	 */
	@Override
	public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
		System.err.println("FAILED: %s.%s against %s".formatted(context.getRequiredTestClass().getSimpleName(),
				context.getDisplayName(), server(context)));
	}

	private static DatabaseServer server(ExtensionContext context) {
		ParameterInfo parameterInfo = ParameterInfo.get(context);
		if (parameterInfo == null) {
			throw new IllegalStateException("No database for " + context.getDisplayName());
		}
		return parameterInfo.getArguments().get(0, DatabaseServer.class);
	}

	private static void announce(DatabaseServer server, String message) {
		synchronized (announced) {
			if (announced.add(server)) {
				System.err.println(message);
			}
		}
	}

}
