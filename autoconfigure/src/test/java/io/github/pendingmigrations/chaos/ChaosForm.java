package io.github.pendingmigrations.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

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

	/**
	 * The resource of which there is one: two cores are not enough for more processes.
	 */
	static final String ONE_AT_A_TIME = "chaos";

	/** The system property that selects a part of it. */
	static final String PART = "chaos.part";

	private static final ChaosForm SHORT = new ChaosForm(3, 1, 4, 1, 1000, 0);

	private static final ChaosForm LONG = new ChaosForm(200, 30, 250, 20, 1000, 50);

	/**
	 * Choose some of many, evenly spread. With the system property {@code chaos.part},
	 * such as {@code 1/3}, they are that part of them.
	 * @param <T> the type of what is chosen
	 * @param all all there are
	 * @param wanted how many to choose
	 * @return the chosen ones
	 */
	<T> List<T> some(List<T> all, int wanted) {
		List<T> chosen = new ArrayList<>();
		for (int i = 0; i < wanted; i++) {
			chosen.add(all.get((int) ((long) i * all.size() / wanted) % all.size()));
		}
		String[] part = System.getProperty(PART, "1/1").split("/");
		int number = Integer.parseInt(part[0]);
		int parts = Integer.parseInt(part[1]);
		return IntStream.range(0, chosen.size())
			.filter((index) -> index % parts == number - 1)
			.mapToObj(chosen::get)
			.toList();
	}

	boolean isLong() {
		return equals(LONG);
	}

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
