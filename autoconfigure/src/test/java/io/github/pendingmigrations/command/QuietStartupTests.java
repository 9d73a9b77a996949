package io.github.pendingmigrations.command;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.github.pendingmigrations.test.DatabaseServer;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestDatabase;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an application does by itself does not happen while it executes a command.
 */
@ResourceLock(Resources.SYSTEM_OUT)
class QuietStartupTests {

	private static final Queue<String> heard = new ConcurrentLinkedQueue<>();

	@ParameterizedTest
	@ValueSource(strings = { "check", "plan", "migrate", "apply" })
	void nothingOfTheApplicationWorks(String mode) {
		heard.clear();
		try (TestDatabase database = DatabaseServer.H2.createDatabase();
				TestApplication release = TestApplication.on(database)
					.script("V1__create.sql", "create table issue (id int primary key);")
					.configuration(BusyApplication.class)) {
			release.command("--pending-migrations.mode=" + mode, "--server.port=0");
			assertThat(heard).isEmpty();
			assertThat(database.tableNames().contains("issue")).isEqualTo(mode.equals("migrate"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = "serve")
	void everythingWorksOtherwise(String mode) {
		heard.clear();
		try (TestDatabase database = DatabaseServer.H2.createDatabase();
				TestApplication release = TestApplication.on(database)
					.script("V1__create.sql", "create table issue (id int primary key);")
					.configuration(BusyApplication.class)) {
			release.property("pending-migrations.mode", mode).start().close();
			assertThat(heard).contains("runner", "command line runner", "lifecycle", "refreshed", "started", "ready",
					"eager", "scheduled", "initialized", "closed");
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	@ImportAutoConfiguration(TomcatServletWebServerAutoConfiguration.class)
	static class BusyApplication {

		@Bean
		ApplicationRunner runner() {
			return (arguments) -> heard.add("runner");
		}

		@Bean
		CommandLineRunner commandLineRunner() {
			return (arguments) -> heard.add("command line runner");
		}

		@Bean
		@Lazy(false)
		Object eager() {
			heard.add("eager");
			return new Object();
		}

		@Bean
		SmartInitializingSingleton initialized() {
			return () -> heard.add("initialized");
		}

		@Bean
		Listener listener() {
			return new Listener();
		}

		@Bean
		Consumer consumer() {
			return new Consumer();
		}

	}

	static class Listener {

		@Scheduled(fixedDelay = 3_600_000)
		void work() {
			heard.add("scheduled");
		}

		@EventListener
		void on(ContextRefreshedEvent event) {
			heard.add("refreshed");
		}

		@EventListener
		void on(ContextClosedEvent event) {
			heard.add("closed");
		}

		@EventListener
		void on(ApplicationStartedEvent event) {
			heard.add("started");
		}

		@EventListener
		void on(ApplicationReadyEvent event) {
			heard.add("ready");
			org.awaitility.Awaitility.await().until(() -> heard.contains("scheduled"));
		}

		@EventListener
		void on(WebServerInitializedEvent event) {
			heard.add("web server");
		}

	}

	static class Consumer implements SmartLifecycle {

		private volatile boolean running;

		@Override
		public void start() {
			heard.add("lifecycle");
			this.running = true;
		}

		@Override
		public void stop() {
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

	}

}
