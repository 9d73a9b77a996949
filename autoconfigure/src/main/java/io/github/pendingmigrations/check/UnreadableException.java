package io.github.pendingmigrations.check;

/**
 * A statement says something that is not known here.
 */
final class UnreadableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String reason;

	private final transient Token at;

	UnreadableException(String reason, Token at) {
		super(reason, null, false, false);
		this.reason = reason;
		this.at = at;
	}

	String reason() {
		return this.reason;
	}

	Token at() {
		return this.at;
	}

}
