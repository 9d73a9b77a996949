package io.github.pendingmigrations.sample;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A shell that stays open, so that background jobs can be ended later. In it,
 * {@code java -jar sample-app/target/sample-app.jar} starts the classes that are being
 * tested.
 */
class Bash implements AutoCloseable {

	private static final String END_OF_OUTPUT = "--- end of output ---";

	private static final int MAX_LOG_LINES = 40;

	private static final String PREAMBLE = """
			trap 'kill $(jobs -p) 2> /dev/null' EXIT
			java() {
				if [[ "$1 $2" != "-jar sample-app/target/sample-app.jar" ]]; then
					echo "Not the application: java $*" >&2
					return 1
				fi
				exec "$TOUR_JAVA" -Xmx256m -XX:TieredStopAtLevel=1 -cp "$TOUR_CLASS_PATH" "$TOUR_MAIN_CLASS" "${@:3}"
			}
			""";

	private final Process process;

	private final Path directory;

	private final Writer input;

	private final BlockingQueue<String> output = new LinkedBlockingQueue<>();

	Bash(Path directory) throws IOException {
		this.directory = directory;
		ProcessBuilder builder = new ProcessBuilder("bash", "--norc").directory(directory.toFile())
			.redirectError(directory.resolve("errors.log").toFile());
		builder.environment()
			.keySet()
			.removeIf((name) -> name.startsWith("SPRING_") || name.equals("JAVA_TOOL_OPTIONS")
					|| name.equalsIgnoreCase("http_proxy"));
		builder.environment().put("TOUR_JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString());
		builder.environment().put("TOUR_CLASS_PATH", ReleaseProcess.classPath());
		builder.environment().put("TOUR_MAIN_CLASS", IssueTrackerApplication.class.getName());
		this.process = builder.start();
		this.input = this.process.outputWriter(StandardCharsets.UTF_8);
		Thread reader = new Thread(this::readOutput, "output of bash");
		reader.setDaemon(true);
		reader.start();
		write(PREAMBLE);
	}

	private void readOutput() {
		try (BufferedReader reader = this.process.inputReader(StandardCharsets.UTF_8)) {
			reader.lines().forEach(this.output::add);
		}
		catch (IOException | UncheckedIOException ex) {
			// The shell is gone, which its user notices
		}
	}

	/**
	 * Execute a script.
	 * @param script the script
	 * @param timeout how long it may take
	 * @return what it printed
	 */
	String execute(String script, Duration timeout) throws IOException, InterruptedException {
		write(script + "\nprintf '\\n%s\\n' '" + END_OF_OUTPUT + "'\n");
		long deadline = System.nanoTime() + timeout.toNanos();
		StringBuilder result = new StringBuilder();
		while (true) {
			String line = this.output.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
			if (line == null) {
				throw new IllegalStateException(
						"Takes longer than " + timeout + ":\n" + script + "\n" + result + "\n" + logs());
			}
			if (line.equals(END_OF_OUTPUT)) {
				return result.toString();
			}
			result.append(line).append('\n');
		}
	}

	/**
	 * Return the end of what the scripts printed to the standard error and of the logs
	 * that they wrote.
	 * @return the text
	 */
	String logs() throws IOException {
		StringBuilder logs = new StringBuilder();
		try (Stream<Path> files = Files.walk(this.directory)) {
			for (Path file : files.filter((candidate) -> candidate.toString().endsWith(".log")).toList()) {
				List<String> lines = Files.readAllLines(file);
				logs.append(file.getFileName()).append(":\n");
				lines.subList(Math.max(0, lines.size() - MAX_LOG_LINES), lines.size())
					.forEach((line) -> logs.append(line).append('\n'));
			}
		}
		return logs.toString();
	}

	private void write(String text) throws IOException {
		this.input.write(text);
		this.input.flush();
	}

	@Override
	public void close() {
		List<ProcessHandle> processes = this.process.descendants().collect(Collectors.toList());
		processes.add(this.process.toHandle());
		processes.forEach(ProcessHandle::destroyForcibly);
		processes.forEach((handle) -> handle.onExit().join());
	}

}
