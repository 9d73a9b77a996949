package io.github.pendingmigrations.test;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import org.awaitility.Awaitility;

/**
 * A server that nobody else uses, and that can therefore be ended without any order and
 * started again. For embedded servers on Linux.
 */
public final class RestartableServer implements AutoCloseable {

	private final DatabaseServer kind;

	private final DatabaseServer.Server server;

	private final List<String> command;

	private final Path directory;

	private ProcessHandle process;

	private RestartableServer(DatabaseServer kind, DatabaseServer.Server server) throws IOException {
		this.kind = kind;
		this.server = server;
		try (TestDatabase admin = createDatabase()) {
			// What was committed must survive the server, though not the machine.
			admin.execute(isPostgresql() ? "alter database postgres set synchronous_commit = on"
					: "set global innodb_flush_log_at_trx_commit = 2");
			Path pidFile = Path.of(isPostgresql() ? admin.queryForString("show data_directory") + "/postmaster.pid"
					: String.valueOf(admin.queryForString("select @@pid_file")));
			Path absolute = pidFile.isAbsolute() ? pidFile
					: Path.of(String.valueOf(admin.queryForString("select @@datadir"))).resolve(pidFile);
			long pid = Long.parseLong(Files.readAllLines(absolute).get(0).strip());
			this.process = ProcessHandle.of(pid).orElseThrow();
			this.command = command(pid);
			this.directory = Files.readSymbolicLink(Path.of("/proc/" + pid + "/cwd"));
		}
	}

	/**
	 * Return why that is not possible here.
	 * @param kind the kind of database
	 * @return the reason, or empty if it is possible
	 */
	public static Optional<String> reasonNotToRun(DatabaseServer kind) {
		if (kind != DatabaseServer.POSTGRESQL && kind != DatabaseServer.MARIADB) {
			return Optional.of("There is no process of " + kind + " to end");
		}
		if (kind == DatabaseServer.MARIADB && EmbeddedMariaDbServer.findReasonNotToRun().isPresent()) {
			return EmbeddedMariaDbServer.findReasonNotToRun();
		}
		return Files.isDirectory(Path.of("/proc/self")) ? Optional.empty() : Optional.of("Linux only");
	}

	public static RestartableServer start(DatabaseServer kind) throws Exception {
		return new RestartableServer(kind,
				(kind == DatabaseServer.POSTGRESQL) ? new EmbeddedPostgresServer() : new EmbeddedMariaDbServer());
	}

	private List<String> command(long pid) throws IOException {
		List<String> words = new ArrayList<>();
		if (isPostgresql() && "root".equals(System.getProperty("user.name"))) {
			// It refuses to run as root, and nobody is root there.
			words.addAll(List.of("unshare", "-U"));
		}
		words.add(Files.readSymbolicLink(Path.of("/proc/" + pid + "/exe")).toString());
		Arrays.stream(Files.readString(Path.of("/proc/" + pid + "/cmdline")).split("\0"))
			.skip(1)
			.filter((word) -> !word.startsWith("--init-file"))
			.forEach(words::add);
		return words;
	}

	private boolean isPostgresql() {
		return this.kind == DatabaseServer.POSTGRESQL;
	}

	public TestDatabase createDatabase() {
		TestDatabase database = this.kind.createDatabase(this.server);
		if (isPostgresql()) {
			database.execute("alter database " + database.name() + " set synchronous_commit = on");
		}
		return database;
	}

	/**
	 * End the server without any order: as {@code pg_ctl stop -m immediate} does, or by
	 * killing it.
	 */
	public void crash() {
		List<ProcessHandle> all = new ArrayList<>(this.process.descendants().toList());
		all.add(this.process);
		signal(isPostgresql() ? "QUIT" : "KILL");
		Awaitility.await()
			.pollInterval(Duration.ofMillis(10))
			.until(() -> all.stream().noneMatch(RestartableServer::isRunning));
	}

	private static boolean isRunning(ProcessHandle handle) {
		try {
			// One that nobody has waited for is dead as well.
			return !Files.readString(Path.of("/proc/" + handle.pid() + "/stat")).contains(") Z ");
		}
		catch (IOException ex) {
			return false;
		}
	}

	private void signal(String name) {
		try {
			new ProcessBuilder("kill", "-" + name, Long.toString(this.process.pid())).start().waitFor();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Start it again, and wait until it accepts connections.
	 */
	public void restart() {
		start(this.command);
	}

	/**
	 * Start PostgreSQL again with a folder that is a disk of its own, which only the
	 * server sees.
	 * @param folder the folder
	 * @param size how large the disk is, as {@code mount} understands it
	 */
	public void restartWithDisk(Path folder, String size) {
		List<String> words = new ArrayList<>(List.of("unshare", "-Urm", "sh", "-c",
				"mount -t tmpfs -o mode=777,size=" + size + " tmpfs '" + folder + "' && exec \"$@\"", "sh"));
		if (!this.command.get(0).equals("unshare")) {
			words.addAll(List.of("unshare", "-U"));
		}
		words.addAll(this.command);
		start(words);
	}

	/**
	 * Return why a server cannot have a disk of its own here.
	 * @return the reason, or empty if it can
	 */
	public static Optional<String> reasonNotToMount() {
		try {
			int result = new ProcessBuilder("unshare", "-Urm", "mount", "-t", "tmpfs", "tmpfs", "/mnt").start()
				.waitFor();
			return (result != 0) ? Optional.of("nobody may mount a disk in a namespace here") : Optional.empty();
		}
		catch (IOException ex) {
			return Optional.of("there is no unshare here");
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void start(List<String> words) {
		try {
			this.process = new ProcessBuilder(words).directory(this.directory.toFile())
				.redirectErrorStream(true)
				.redirectOutput(new File("/dev/null"))
				.start()
				.toHandle();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.pollInterval(Duration.ofMillis(50))
			.ignoreExceptionsInstanceOf(SQLException.class)
			.until(() -> {
				try (Connection connection = DriverManager.getConnection(this.server.adminUrl().orElseThrow(),
						this.server.username(), this.server.password())) {
					if (!isPostgresql()) {
						connection.createStatement().execute("set global innodb_flush_log_at_trx_commit = 2");
					}
					return true;
				}
			});
	}

	@Override
	public void close() throws Exception {
		if (!isPostgresql()) {
			// The one of PostgreSQL is found by its data directory.
			signal("TERM");
			Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !isRunning(this.process));
		}
		this.server.close();
	}

}
