package io.github.pendingmigrations;

import org.springframework.util.Assert;

/**
 * Who asks for something, and why. Both are kept with the run.
 *
 * @param name the name of the person or job
 * @param via the way that the request came, such as {@code actuator}
 * @param reason the reason
 * @since 0.1.0
 */
public record Requester(String name, String via, String reason) {

	public Requester {
		Assert.hasText(name, "'name' must not be empty");
		Assert.hasText(via, "'via' must not be empty");
		Assert.hasText(reason, "'reason' must not be empty");
	}

}
