package io.github.pendingmigrations.run;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

import io.github.pendingmigrations.PendingMigration.Checkpoint;
import io.github.pendingmigrations.PendingMigrations.Statement;

/**
 * Hashes text, to recognise what was executed or reviewed.
 */
final class StatementHash {

	private final MessageDigest digest;

	private StatementHash() {
		try {
			this.digest = MessageDigest.getInstance("SHA-256");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

	/**
	 * Hash the first statements of a script.
	 * @param statements the statements
	 * @param count how many of them
	 * @return the hash, in hexadecimal digits
	 */
	static String of(List<Statement> statements, int count) {
		return of(statements.stream().limit(count).map(Statement::sql).toList());
	}

	/**
	 * Return whether a script still begins with what was executed of it.
	 * @param statements the statements of the script
	 * @param checkpoint how far it got
	 * @return {@code true} if so
	 */
	static boolean matches(List<Statement> statements, Checkpoint checkpoint) {
		int done = checkpoint.statementsDone();
		return done == 0 || (done <= statements.size() && checkpoint.doneHash().equals(of(statements, done)));
	}

	/**
	 * Hash texts in their order.
	 * @param texts the texts
	 * @return the hash, in hexadecimal digits
	 */
	static String of(List<String> texts) {
		StatementHash hash = new StatementHash();
		texts.forEach(hash::add);
		return HexFormat.of().formatHex(hash.digest.digest());
	}

	private void add(String text) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		// The length keeps two short texts from looking like one long one.
		this.digest.update(java.nio.ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
		this.digest.update(bytes);
	}

}
