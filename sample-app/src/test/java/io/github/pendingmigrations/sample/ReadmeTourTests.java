package io.github.pendingmigrations.sample;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.github.pendingmigrations.sample.ReadmeTour.Step;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assumptions.assumeThatCode;

/**
 * Executes the tour in the README and compares what it prints with what the README says.
 */
class ReadmeTourTests {

	private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	@TempDir
	private Path directory;

	@Test
	void everyCommandPrintsWhatTheReadmeSays() throws Exception {
		assumeThatCode(() -> new ProcessBuilder("curl", "--version").start().waitFor())
			.as("curl is needed to execute the tour in the README")
			.doesNotThrowAnyException();
		assertThatPortsAreFree(8081, 8082);
		List<Step> steps = ReadmeTour.read(Path.of("../README.md")).steps();
		assertThat(steps).hasSizeGreaterThan(5);
		Files.createDirectories(this.directory.resolve("sample-app/target"));
		try (Bash bash = new Bash(this.directory)) {
			for (Step step : steps) {
				execute(step, bash);
			}
		}
	}

	@Test
	void differentOutputIsNoticed() {
		Step step = new Step("curl localhost", """
				{
				  "id" : "…",
				  …
				  "state" : "READY",
				…
				202
				""");
		assertThat(step.matches("{\n  \"id\" : \"1\",\n  \"state\" : \"READY\",\n}\n202\n\n")).isTrue();
		assertThat(step.matches("{\n  \"id\" : \"1\",\n  \"x\" : 0,\n  \"state\" : \"READY\",\n202\n")).isTrue();
		assertThat(step.matches("{\n  \"id\" : \"1\",\n  \"state\" : \"PENDING\",\n}\n202\n")).isFalse();
		assertThat(step.matches("{\n  \"id\" : \"1\",\n  \"state\" : \"READY\",\n}\n403\n")).isFalse();
		assertThat(step.matches("")).isFalse();
	}

	private static void execute(Step step, Bash bash) throws IOException, InterruptedException {
		if (step.canBeRepeated()) {
			// Some of it takes a moment, such as the run and the metrics
			Awaitility.await()
				.atMost(TIMEOUT)
				.pollInSameThread()
				.untilAsserted(() -> assertOutput(step, bash.execute(step.script(), TIMEOUT), bash));
		}
		else {
			assertOutput(step, bash.execute(step.script(), START_TIMEOUT), bash);
		}
	}

	private static void assertOutput(Step step, String actual, Bash bash) throws IOException {
		if (!step.matches(actual)) {
			throw new AssertionError("The README is wrong about\n\n%s\n\nIt says\n\n%s\nbut this is printed\n\n%s\n%s"
				.formatted(step, step.output(), actual, bash.logs()));
		}
	}

	private static void assertThatPortsAreFree(int... ports) {
		for (int port : ports) {
			assertThatCode(() -> new ServerSocket(port).close())
				.as("the tour in the README uses port " + port + ", on which something else listens")
				.doesNotThrowAnyException();
		}
	}

}
