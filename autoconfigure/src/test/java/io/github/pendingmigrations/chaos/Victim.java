package io.github.pendingmigrations.chaos;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Semaphore;

import io.github.pendingmigrations.MigrationRun;
import io.github.pendingmigrations.test.TestApplication;
import io.github.pendingmigrations.test.TestApplication.Instance;

/**
 * The application in a process of its own, which stops at the call that it is told and
 * says so. A line on its standard input tells it what to do, and it answers in lines on
 * its standard output.
 */
final class Victim {

	private final Semaphore goOn = new Semaphore(0);

	private Victim() {
	}

	public static void main(String[] args) throws Exception {
		Properties properties = new Properties();
		try (BufferedReader reader = Files.newBufferedReader(Path.of(args[0]))) {
			properties.load(reader);
		}
		Map<String, Object> settings = new LinkedHashMap<>();
		properties.forEach((name, value) -> settings.put((String) name, value));
		new Victim().run(TestApplication.start(settings, WatchedDataSource.Watch.class));
	}

	private void run(Instance instance) throws Exception {
		say("READY");
		BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String order = orders.readLine(); order != null; order = orders.readLine()) {
			String[] words = order.split(" ");
			if (words[0].equals("GO")) {
				this.goOn.release();
			}
			else {
				apply(instance, words[1], Boolean.parseBoolean(words[2]), Integer.parseInt(words[3]));
			}
		}
		instance.close();
	}

	private void apply(Instance instance, String upTo, boolean inside, int target) {
		CallCounter counter = new CallCounter() {

			@Override
			void beforeCall(int number, String label) {
				if (number == target) {
					say("AT " + label);
					if (!inside) {
						Victim.this.goOn.acquireUninterruptibly();
					}
				}
			}

			@Override
			void afterCall(int number, String label) {
				if (number == target) {
					say("AFTER " + label);
				}
			}

		};
		WatchedDataSource.of(instance).observe(counter);
		MigrationRun run = instance.pendingMigrations()
			.applyUpTo(instance.pendingMigrations().overview().plan(), upTo, Scenario.OPERATOR);
		new Thread(() -> {
			MigrationRun ended = instance.await(run.id());
			say("ENDED " + ended.status());
		}, "waiter").start();
	}

	private static synchronized void say(String line) {
		System.out.println("@" + line);
		System.out.flush();
	}

}
