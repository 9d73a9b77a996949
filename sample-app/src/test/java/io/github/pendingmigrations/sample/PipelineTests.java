package io.github.pendingmigrations.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A deployment by a pipeline: each step is a process of its own, with the ordinary
 * {@code main} method.
 */
class PipelineTests {

	private static final int SIGTERM = 143;

	/** Nobody serves here. */
	private static final String FORCE = "--pending-migrations.command.force=rollout";

	@TempDir
	private Path directory;

	@Test
	void aPipelineMigratesChecksAndApplies() throws Exception {
		assertThat(run("release1", "migrate").exitCode()).isZero();
		Step denied = run("release2", "check", "--spring.datasource.password=wrong");
		assertThat(denied.exitCode()).as(denied.toString()).isEqualTo(1);
		assertThat(denied.out()).contains("FAILED: ").contains("Wrong user name or password");
		Step check = run("release2", "check", "--pending-migrations.report=sarif");
		assertThat(check.exitCode()).as(check.toString()).isEqualTo(10);
		assertThat(check.json().get("runs").get(0).get("invocations").get(0).get("exitCode").asInt()).isEqualTo(10);
		assertThat(run("release2", "migrate").exitCode()).isZero();
		Step plan = run("release2", "plan");
		assertThat(plan.exitCode()).isEqualTo(12);
		assertThat(plan.out()).containsPattern("P2 +PENDING").containsPattern("P3 +PENDING").contains("DELAYED");
		Step unknown = apply();
		assertThat(unknown.exitCode()).isEqualTo(12);
		assertThat(unknown.out()).contains("No instance of the application is registered as alive");
		anApplyThatIsTerminatedGivesItsRunBack();
		Step apply = apply(FORCE);
		assertThat(apply.exitCode()).as(apply.toString()).isEqualTo(11);
		assertThat(apply.json().get("flywayBeans").get("flyway").get("run").get("status").asString())
			.isEqualTo("SUCCEEDED");
		assertThat(apply.json().get("message").asString()).contains("Applied: P2").contains("P3");
	}

	@Test
	void aStartThatIsRefusedEndsWithItsExitCodeAndSaysNothingElse() throws Exception {
		assertThat(run("release1", "migrate").exitCode()).isZero();
		Path scripts = Files.createDirectory(this.directory.resolve("more"));
		Files.writeString(scripts.resolve("V9__drop.sql"), "alter table issue drop column title;");
		Step refused = run("release2", "serve", "--server.port=0",
				"--spring.flyway.locations=classpath:db/release1,classpath:db/release2,filesystem:" + scripts);
		assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(13);
		assertThat(refused.out()).contains("APPLICATION FAILED TO START")
			.contains("V9__drop.sql:1:19: drops the column")
			.doesNotContain("Unable to close ApplicationContext");
	}

	private void anApplyThatIsTerminatedGivesItsRunBack() throws Exception {
		try (Connection connection = DriverManager.getConnection(url(), "issues", "issues");
				Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("update issue set title = 'Mine' where id = 1");
			Running running = start("release2", "apply", applyArguments(FORCE));
			try {
				Awaitility.await()
					.atMost(Duration.ofSeconds(60))
					.untilAsserted(() -> assertThat(running.err()).contains("RUNNING P2 statement 2 of 2"));
			}
			finally {
				running.process().destroy();
			}
			Step terminated = running.await();
			assertThat(terminated.exitCode()).as(terminated.toString()).isEqualTo(SIGTERM);
			assertThat(terminated.json().get("outcome").asString()).isEqualTo("TERMINATED");
			assertThat(terminated.json().get("exitCode").asInt()).isEqualTo(SIGTERM);
			connection.rollback();
		}
	}

	private Step apply(String... more) throws Exception {
		return start("release2", "apply", applyArguments(more)).await();
	}

	private static String[] applyArguments(String... more) {
		List<String> arguments = new ArrayList<>(List.of("--pending-migrations.command.up-to=all",
				"--pending-migrations.command.requested-by=pipeline",
				"--pending-migrations.command.reason=Release 2 is everywhere", "--pending-migrations.report=json"));
		arguments.addAll(List.of(more));
		return arguments.toArray(String[]::new);
	}

	private Step run(String release, String mode, String... more) throws Exception {
		return start(release, mode, more).await();
	}

	private Running start(String release, String mode, String... more) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
						"-XX:TieredStopAtLevel=1", "-cp", ReleaseProcess.classPath(),
						IssueTrackerApplication.class.getName(), "--spring.profiles.active=" + release,
						"--spring.datasource.url=" + url(), "--pending-migrations.mode=" + mode));
		command.addAll(List.of(more));
		Path out = Files.createTempFile(this.directory, mode, ".out");
		Path err = Files.createTempFile(this.directory, mode, ".err");
		return new Running(new ProcessBuilder(command).directory(this.directory.toFile())
			.redirectOutput(out.toFile())
			.redirectError(err.toFile())
			.start(), out, err);
	}

	private String url() {
		return "jdbc:h2:file:" + this.directory.resolve("issues").toAbsolutePath() + ";AUTO_SERVER=TRUE";
	}

	/**
	 * A process at work.
	 *
	 * @param process the process
	 * @param output where it writes its standard output
	 * @param errors where it writes its standard error
	 */
	private record Running(Process process, Path output, Path errors) {

		String err() throws IOException {
			return Files.readString(this.errors);
		}

		Step await() throws Exception {
			if (!this.process.waitFor(90, TimeUnit.SECONDS)) {
				this.process.destroyForcibly();
				throw new AssertionError("It does not end:\n" + err());
			}
			return new Step(this.process.exitValue(), Files.readString(this.output), err());
		}

	}

	/**
	 * A process that has ended.
	 *
	 * @param exitCode its exit code
	 * @param out its standard output
	 * @param err its standard error
	 */
	private record Step(int exitCode, String out, String err) {

		JsonNode json() {
			return JsonMapper.shared().readTree(this.out);
		}

	}

}
