package io.github.pendingmigrations.test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.PendingMigration;
import io.github.pendingmigrations.PendingMigrationState;
import io.github.pendingmigrations.PendingMigrations;
import io.github.pendingmigrations.Requester;
import io.github.pendingmigrations.autoconfigure.PendingMigrationsAutoConfiguration;
import io.github.pendingmigrations.autoconfigure.PendingMigrationsCommandAutoConfiguration;
import io.github.pendingmigrations.command.CommandExit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.ExitCodeGenerator;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.util.FileSystemUtils;

/**
 * A release of an application: its migrations, its settings and the database that it runs
 * on. Several instances of it can be started.
 */
public final class TestApplication implements AutoCloseable {

	private final TestDatabase database;

	private final Path scripts;

	private final Map<String, Object> properties = new LinkedHashMap<>();

	private final List<Class<?>> configurations = new ArrayList<>(List.of(MinimalApplication.class));

	private @Nullable DataSource dataSource;

	private TestApplication(TestDatabase database) {
		this.database = database;
		try {
			this.scripts = Files.createTempDirectory("migrations");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		property("spring.datasource.url", database.jdbcUrl());
		property("spring.datasource.username", database.username());
		property("spring.datasource.password", database.password());
		property("spring.datasource.hikari.maximum-pool-size", 4);
		property("spring.datasource.hikari.minimum-idle", 0);
		property("spring.flyway.locations", "filesystem:" + this.scripts);
		property("spring.main.banner-mode", "off");
		property("pending-migrations.application-version", "1.0.0");
		property("pending-migrations.execution.heartbeat", "200ms");
		property("pending-migrations.execution.lease", "3s");
		// Tests stop a release and start the next one at once
		property("pending-migrations.rollout.soak", "0s");
		property("pending-migrations.rollout.instance-timeout", "2s");
	}

	/**
	 * Begin a release.
	 * @param database the database
	 * @return the release, without any migration
	 */
	public static TestApplication on(TestDatabase database) {
		return new TestApplication(database);
	}

	/**
	 * Begin the next release, with all that this one has.
	 * @return the next release
	 */
	public TestApplication nextRelease() {
		TestApplication next = new TestApplication(this.database);
		try {
			FileSystemUtils.copyRecursively(this.scripts, next.scripts);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.properties.forEach((name, value) -> {
			if (!name.equals("spring.flyway.locations")) {
				next.property(name, value);
			}
		});
		next.dataSource = this.dataSource;
		next.configurations.clear();
		next.configurations.addAll(this.configurations);
		return next;
	}

	public TestApplication script(String name, String content) {
		return script(name, content, StandardCharsets.UTF_8);
	}

	public TestApplication script(String name, String content, Charset charset) {
		try {
			Path file = this.scripts.resolve(name);
			Files.createDirectories(file.getParent());
			Files.writeString(file, content, charset);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return this;
	}

	public TestApplication property(String name, Object value) {
		this.properties.put(name, value);
		return this;
	}

	public TestApplication configuration(Class<?> configuration) {
		this.configurations.add(configuration);
		return this;
	}

	/**
	 * Let the application use a data source instead of a pool of its own.
	 * @param dataSource the data source, which the application does not close
	 * @return this release
	 */
	public TestApplication dataSource(DataSource dataSource) {
		this.dataSource = new DelegatingDataSource(dataSource);
		return this;
	}

	public Path scripts() {
		return this.scripts;
	}

	public TestDatabase database() {
		return this.database;
	}

	/**
	 * Start an instance.
	 * @return the instance
	 */
	public Instance start() {
		Map<String, Object> defaults = new LinkedHashMap<>(this.properties);
		return new Instance(
				new SpringApplicationBuilder(this.configurations.toArray(Class<?>[]::new)).web(WebApplicationType.NONE)
					.registerShutdownHook(false)
					.properties(defaults)
					.initializers((context) -> register(context, this.dataSource))
					.run());
	}

	private static void register(ConfigurableApplicationContext context, @Nullable DataSource dataSource) {
		if (dataSource != null) {
			((GenericApplicationContext) context).registerBean("dataSource", DataSource.class, () -> dataSource);
		}
	}

	/**
	 * Execute a command in this process, as {@code java -jar} would in one of its own.
	 * @param arguments what is written behind it, such as
	 * {@code --pending-migrations.mode=check}
	 * @return how it ended
	 */
	public CommandResult command(String... arguments) {
		PrintStream before = System.out;
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		System.setOut(new PrintStream(new OwnOutput(out, before), true, StandardCharsets.UTF_8));
		AtomicInteger code = new AtomicInteger(-1);
		Throwable failure = null;
		try {
			new SpringApplicationBuilder(this.configurations.toArray(Class<?>[]::new)).registerShutdownHook(false)
				.properties(new LinkedHashMap<>(this.properties))
				.initializers(
						(context) -> context.getBeanFactory().registerSingleton("commandExit", (CommandExit) code::set))
				.run(arguments);
		}
		catch (SpringApplication.AbandonedRunException ex) {
			// It has ended
		}
		catch (RuntimeException ex) {
			failure = ex;
			code.set(1);
			for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
				if (cause instanceof ExitCodeGenerator generator) {
					code.set(generator.getExitCode());
				}
			}
		}
		finally {
			System.setOut(before);
		}
		return new CommandResult(code.get(), out.toString(StandardCharsets.UTF_8), failure);
	}

	/**
	 * What one thread writes, since instances in this process log to the same stream.
	 */
	private static final class OwnOutput extends OutputStream {

		private final Thread owner = Thread.currentThread();

		private final OutputStream own;

		private final OutputStream others;

		OwnOutput(OutputStream own, OutputStream others) {
			this.own = own;
			this.others = others;
		}

		@Override
		public void write(int character) throws IOException {
			((Thread.currentThread() == this.owner) ? this.own : this.others).write(character);
		}

		@Override
		public void write(byte[] bytes, int offset, int length) throws IOException {
			((Thread.currentThread() == this.owner) ? this.own : this.others).write(bytes, offset, length);
		}

	}

	/**
	 * How a command ended.
	 *
	 * @param exitCode the exit code of the process
	 * @param out what it wrote to standard output
	 * @param failure why the application did not start, or {@code null} if it did
	 */
	public record CommandResult(int exitCode, String out, @Nullable Throwable failure) {
	}

	/**
	 * Start an instance in another process, where there is no fixture.
	 * @param properties its settings
	 * @param configurations what it has besides the usual
	 * @return the instance
	 */
	public static Instance start(Map<String, Object> properties, Class<?>... configurations) {
		return new Instance(new SpringApplicationBuilder(MinimalApplication.class).sources(configurations)
			.web(WebApplicationType.NONE)
			.registerShutdownHook(false)
			.properties(properties)
			.run());
	}

	/**
	 * Return the settings with which an instance starts.
	 * @return the settings
	 */
	public Map<String, Object> properties() {
		return new LinkedHashMap<>(this.properties);
	}

	@Override
	public void close() {
		FileSystemUtils.deleteRecursively(this.scripts.toFile());
	}

	/**
	 * A running instance.
	 *
	 * @param context its application context
	 */
	public record Instance(ConfigurableApplicationContext context) implements AutoCloseable {

		private static final Requester OPERATOR = new Requester("ops", "test", "because");

		public PendingMigrations pendingMigrations() {
			return this.context.getBean(PendingMigrations.class);
		}

		public PendingMigration migration(String version) {
			return pendingMigrations().find(version).orElseThrow();
		}

		public PendingMigrationState state(String version) {
			return migration(version).state();
		}

		public List<String> outstanding() {
			return pendingMigrations().overview().outstanding().stream().map(PendingMigration::version).toList();
		}

		/**
		 * Request a migration with the checksum that is listed.
		 * @param version the version
		 * @return the queued run
		 */
		public MigrationRun request(String version) {
			Integer checksum = migration(version).checksum();
			return pendingMigrations().apply(version, (checksum != null) ? checksum : 0, OPERATOR);
		}

		/**
		 * Request a migration and wait for the end of its run.
		 * @param version the version
		 * @return the ended run
		 */
		public MigrationRun apply(String version) {
			return await(request(version).id());
		}

		/**
		 * Wait for the end of a run.
		 * @param runId the run
		 * @return the ended run
		 */
		public MigrationRun await(UUID runId) {
			return Awaitility.await()
				.atMost(Duration.ofSeconds(60))
				.pollInterval(Duration.ofMillis(20))
				.until(() -> pendingMigrations().run(runId).orElseThrow(), (run) -> !run.status().isActive());
		}

		@Override
		public void close() {
			this.context.close();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class,
			PendingMigrationsAutoConfiguration.class, PendingMigrationsCommandAutoConfiguration.class })
	static class MinimalApplication {

	}

}
