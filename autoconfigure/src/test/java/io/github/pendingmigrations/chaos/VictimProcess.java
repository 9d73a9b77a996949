package io.github.pendingmigrations.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A {@link Victim}, as seen from outside.
 */
final class VictimProcess implements AutoCloseable {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final String END = "END";

	private final Process process;

	private final Path settings;

	private final Path log;

	private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

	private VictimProcess(Process process, Path settings, Path log) {
		this.process = process;
		this.settings = settings;
		this.log = log;
		Thread reader = new Thread(this::read, "victim-" + process.pid());
		reader.setDaemon(true);
		reader.start();
	}

	/**
	 * Start one. It is ready some time later.
	 * @param properties the properties of the application
	 * @param timeZone the time zone of the JVM
	 * @return the process
	 */
	static VictimProcess start(Map<String, Object> properties, String timeZone) {
		return start(properties, timeZone, Map.of());
	}

	/**
	 * Start one with environment variables.
	 * @param properties the properties of the application
	 * @param timeZone the time zone of the JVM
	 * @param environment the variables
	 * @return the process
	 */
	static VictimProcess start(Map<String, Object> properties, String timeZone, Map<String, String> environment) {
		try {
			Path settings = Files.createTempFile("victim", ".properties");
			Path log = Files.createTempFile("victim", ".log");
			Properties stored = new Properties();
			properties.forEach((name, value) -> stored.setProperty(name, value.toString()));
			try (Writer writer = Files.newBufferedWriter(settings)) {
				stored.store(writer, null);
			}
			String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
			ProcessBuilder builder = new ProcessBuilder(
					List.of(java, "-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
							"-Duser.timezone=" + timeZone, "-Dorg.springframework.boot.logging.LoggingSystem=none",
							"-cp", System.getProperty("java.class.path"), Victim.class.getName(), settings.toString()))
				.redirectError(log.toFile());
			builder.environment().putAll(environment);
			return new VictimProcess(builder.start(), settings, log);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void read() {
		try (BufferedReader reader = this.process.inputReader(StandardCharsets.UTF_8)) {
			for (String line = reader.readLine(); line != null; line = reader.readLine()) {
				if (line.startsWith("@")) {
					this.lines.add(line.substring(1));
				}
			}
		}
		catch (IOException ex) {
			// It was killed.
		}
		this.lines.add(END);
	}

	/**
	 * Wait until it is ready, have it apply migrations, and wait until it is at a call.
	 * @param upTo the last version
	 * @param inside whether it makes that call, or waits before it
	 * @param number the number of the call, counted from 1
	 * @return where it is, which can differ by a few calls from where another process
	 * was, or empty if it ended before
	 */
	Optional<Step> apply(String upTo, boolean inside, int number) {
		if (!next().equals("READY")) {
			throw new IllegalStateException("Not ready: " + log());
		}
		order("APPLY " + upTo + " " + inside + " " + number);
		String line = next();
		if (!line.startsWith("AT ") && !line.startsWith("ENDED ")) {
			throw new IllegalStateException(line + ": " + log());
		}
		return line.startsWith("AT ") ? Optional.of(new Step(number, line.substring(3))) : Optional.empty();
	}

	/**
	 * Let it go on that waits before a call.
	 */
	void goOn() {
		order("GO");
	}

	/**
	 * Send it a signal.
	 * @param name the name of the signal
	 */
	void signal(String name) {
		try {
			int result = new ProcessBuilder("kill", "-" + name, Long.toString(this.process.pid())).start().waitFor();
			if (result != 0) {
				throw new IllegalStateException("kill -" + name + " failed with " + result);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Kill it with a signal that nobody can handle, and wait until it is dead.
	 * @return whether the call that it was at had not returned by then
	 */
	boolean kill() {
		this.process.destroyForcibly();
		try {
			if (!this.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
				throw new IllegalStateException("It does not die");
			}
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
		boolean returned = false;
		for (String line = next(); !line.equals(END); line = next()) {
			returned = returned || line.startsWith("AFTER ");
		}
		return !returned;
	}

	private String next() {
		try {
			String line = this.lines.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
			if (line == null) {
				throw new IllegalStateException("It says nothing: " + log());
			}
			return line;
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void order(String line) {
		try {
			Writer orders = this.process.outputWriter(StandardCharsets.UTF_8);
			orders.write(line + "\n");
			orders.flush();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(log(), ex);
		}
	}

	private String log() {
		try {
			return Files.readString(this.log);
		}
		catch (IOException ex) {
			return ex.toString();
		}
	}

	@Override
	public void close() {
		this.process.destroyForcibly();
		try {
			Files.deleteIfExists(this.settings);
			Files.deleteIfExists(this.log);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
