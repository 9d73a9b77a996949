package io.github.pendingmigrations;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.ExitCodeGenerator;

/**
 * Thrown when pending migrations cannot be used as they are: a wrong name, two with one
 * version, an unknown directive, an unreadable file. It carries everything that is wrong,
 * so that one look is enough.
 *
 * @since 0.1.0
 */
public class InvalidPendingMigrationException extends RuntimeException implements ExitCodeGenerator {

	private final transient List<Problem> problems;

	public InvalidPendingMigrationException(List<Problem> problems) {
		this(problems, null);
	}

	public InvalidPendingMigrationException(List<Problem> problems, @Nullable Throwable cause) {
		super(message(problems), cause);
		this.problems = List.copyOf(problems);
	}

	/**
	 * Return everything that is wrong.
	 * @return the problems
	 */
	public List<Problem> getProblems() {
		return this.problems;
	}

	/**
	 * Return the exit code of an application that does not start because of this, so that
	 * whoever started it can tell.
	 * @return 14
	 */
	@Override
	public int getExitCode() {
		return 14;
	}

	private static String message(List<Problem> problems) {
		StringBuilder message = new StringBuilder("Pending migrations cannot be used as they are:");
		for (Problem problem : problems) {
			message.append("\n  ").append(problem.describe()).append(" Fix: ").append(problem.fix());
		}
		return message.toString();
	}

	/**
	 * Something that is wrong.
	 *
	 * @param location the path of the file, or the name of the class
	 * @param line the line, counted from 1, or 0 if it concerns the whole file
	 * @param message what is wrong
	 * @param fix what to do
	 */
	public record Problem(String location, int line, String message, String fix) {

		/**
		 * Return where and what.
		 * @return {@code file:line: message}
		 */
		public String describe() {
			return this.location + ((this.line > 0) ? ":" + this.line : "") + ": " + this.message;
		}

	}

}
