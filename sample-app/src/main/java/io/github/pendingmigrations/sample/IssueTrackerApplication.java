package io.github.pendingmigrations.sample;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * An issue tracker in two releases. Release 1 keeps where an issue came from in the
 * column {@code source}, release 2 in {@code origin}. The profile {@code release1} starts
 * the first one; anything else is the second.
 */
@SpringBootApplication
public class IssueTrackerApplication {

	public static void main(String[] args) {
		SpringApplication.run(IssueTrackerApplication.class, args);
	}

}
