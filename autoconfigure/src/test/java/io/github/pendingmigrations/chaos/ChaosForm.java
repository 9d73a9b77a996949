package io.github.pendingmigrations.chaos;

/**
 * How much chaos there is: the short form is part of every build, the long one is what
 * {@code -Pchaos} selects and what docs/chaos.md shows.
 *
 * @param kills how many processes are killed; all steps of a run if it is that many
 * @param pauses how many processes are stopped for longer than their lease
 * @param cuts how many times all connections are cut
 * @param restarts how many times the server is restarted
 * @param requests how many requests come at once
 * @param starts how many replicas start at once
 */
record ChaosForm(int kills, int pauses, int cuts, int restarts, int requests, int starts) {

	/** The system property that selects the form. */
	static final String PROPERTY = "chaos.form";

	private static final ChaosForm SHORT = new ChaosForm(6, 2, 12, 2, 1000, 0);

	private static final ChaosForm LONG = new ChaosForm(200, 30, 250, 20, 1000, 50);

	static ChaosForm selected() {
		String name = System.getProperty(PROPERTY, "short");
		return switch (name) {
			case "short" -> SHORT;
			case "long" -> LONG;
			default -> throw new IllegalStateException(
					"The system property " + PROPERTY + " is short or long, and not " + name);
		};
	}

}
