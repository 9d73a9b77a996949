package io.github.pendingmigrations.check;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Measures the checker on one thread: the first script of a JVM, then statements a second
 * and a thousand scripts when it is warm. Prints one line each. Not a test: to be started
 * by hand, see {@code docs/checker.md}.
 */
final class CheckerBenchmark {

	private static final List<String> STATEMENTS = List.of(
			"CREATE TABLE issue%d (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title varchar(200) NOT NULL,"
					+ " owner_id bigint REFERENCES person (id) ON DELETE CASCADE, created_at timestamptz DEFAULT now(),"
					+ " CHECK (length(title) > 0));",
			"ALTER TABLE issue ADD COLUMN c%d varchar(36) NOT NULL DEFAULT 'none', ADD COLUMN d int;",
			"ALTER TABLE issue DROP COLUMN c%d;", "CREATE INDEX i%d ON issue (owner_id, created_at DESC);",
			"ALTER TABLE issue ADD CONSTRAINT k%d FOREIGN KEY (owner_id) REFERENCES person (id) NOT VALID;",
			"UPDATE issue SET title = upper(title) WHERE id = %d;",
			"INSERT INTO issue (title) VALUES ('it''s number %d');", "COMMENT ON COLUMN issue.title IS 'text %d';",
			"ALTER TABLE issue ALTER COLUMN c%d SET NOT NULL;", "CREATE OR REPLACE VIEW v%d AS SELECT * FROM issue;");

	private static final SqlChecker CHECKER = new SqlChecker(CheckPolicy.defaults());

	private static final CheckSettings SETTINGS = CheckSettings.of(Dialect.POSTGRESQL);

	private CheckerBenchmark() {
	}

	public static void main(String[] args) throws IOException {
		if (args.length == 3 && args[0].equals("write")) {
			write(Path.of(args[1]), Integer.parseInt(args[2]));
			return;
		}
		if (args.length == 2 && args[0].equals("read")) {
			read(Path.of(args[1]));
			return;
		}
		measure();
	}

	/**
	 * Write scripts, so that another linter can read the same ones.
	 */
	private static void write(Path folder, int count) throws IOException {
		Files.createDirectories(folder);
		for (int i = 0; i < count; i++) {
			Files.writeString(folder.resolve("V" + i + "__b.sql"), script(i, 5));
		}
	}

	private static void read(Path folder) throws IOException {
		long start = System.nanoTime();
		int scripts = 0;
		int findings = 0;
		try (Stream<Path> files = Files.list(folder)) {
			for (Path file : files.toList()) {
				scripts++;
				findings += CHECKER
					.check(new ScriptFile(file.toString(), ScriptKind.VERSIONED, "1", Files.readString(file)), SETTINGS)
					.findings()
					.size();
			}
		}
		System.out.printf(Locale.ROOT, "%d scripts, %d findings: %.0f ms%n", scripts, findings, millis(start));
	}

	private static void measure() {
		ThreadMXBean thread = ManagementFactory.getThreadMXBean();
		long cpu = thread.getCurrentThreadCpuTime();
		long start = System.nanoTime();
		check(script(0, 10));
		System.out.printf(Locale.ROOT, "first script: %.0f ms, of which its thread worked %.0f ms%n", millis(start),
				(thread.getCurrentThreadCpuTime() - cpu) / 1_000_000.0);
		for (int round = 0; round < 40; round++) {
			statementsPerSecond(5_000);
		}
		report("statements a second", () -> statementsPerSecond(20_000));
		report("milliseconds for 1,000 scripts of 5 statements", () -> millisForScripts(1_000));
	}

	private static void report(String what, DoubleSupplier measurement) {
		double[] sorted = DoubleStream.generate(measurement).limit(11).sorted().toArray();
		System.out.printf(Locale.ROOT, "%s: median %.0f (%.0f to %.0f)%n", what, sorted[5], sorted[0], sorted[10]);
	}

	/**
	 * Measure one big run.
	 * @param statements how many statements
	 * @return statements a second
	 */
	static double statementsPerSecond(int statements) {
		List<String> scripts = new ArrayList<>();
		for (int i = 0; i < statements; i += 10) {
			scripts.add(script(i, 10));
		}
		long start = System.nanoTime();
		scripts.forEach(CheckerBenchmark::check);
		return statements / (millis(start) / 1000);
	}

	/**
	 * Measure many scripts.
	 * @param count how many scripts
	 * @return milliseconds
	 */
	static double millisForScripts(int count) {
		List<String> scripts = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			scripts.add(script(i, 5));
		}
		long start = System.nanoTime();
		scripts.forEach(CheckerBenchmark::check);
		return millis(start);
	}

	private static void check(String sql) {
		CHECKER.check(new ScriptFile("b.sql", ScriptKind.VERSIONED, "1", sql), SETTINGS);
	}

	private static String script(int from, int statements) {
		StringBuilder script = new StringBuilder();
		for (int i = from; i < from + statements; i++) {
			script.append(STATEMENTS.get(i % STATEMENTS.size()).replace("%d", String.valueOf(i))).append('\n');
		}
		return script.toString();
	}

	private static double millis(long start) {
		return (System.nanoTime() - start) / 1_000_000.0;
	}

}
