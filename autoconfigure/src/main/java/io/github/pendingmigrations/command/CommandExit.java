package io.github.pendingmigrations.command;

/**
 * Ends the process when a command has ended and the application context is closed.
 * Replace it to run commands inside another process, such as a test.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface CommandExit {

	/**
	 * End the process.
	 * @param code the exit code
	 */
	void exit(int code);

}
