package io.github.pendingmigrations.actuate;

import org.springframework.util.StringUtils;

/**
 * What the operator page has to know about the endpoints.
 *
 * @param runs the address of the {@link MigrationRunsEndpoint}, relative to that of the
 * page
 * @param applies whether the {@link PendingMigrationsEndpoint} accepts writes
 * @param controls whether the {@link MigrationRunsEndpoint} is there and accepts writes
 * @since 0.1.0
 */
public record OperatorPageLinks(String runs, boolean applies, boolean controls) {

	/**
	 * Create the links.
	 * @param pagePath the path of the page below the base path of the actuator
	 * @param runsPath the path of the {@link MigrationRunsEndpoint} below it
	 * @param applies whether the {@link PendingMigrationsEndpoint} accepts writes
	 * @param controls whether the {@link MigrationRunsEndpoint} is there and accepts
	 * writes
	 * @return the links
	 */
	public static OperatorPageLinks of(String pagePath, String runsPath, boolean applies, boolean controls) {
		return new OperatorPageLinks("../".repeat(StringUtils.countOccurrencesOf(pagePath, "/")) + runsPath, applies,
				controls);
	}

}
