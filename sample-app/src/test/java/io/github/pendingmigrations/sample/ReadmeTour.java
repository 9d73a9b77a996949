package io.github.pendingmigrations.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The tour in the README: fenced blocks of commands, each followed by a block of the
 * output that it is said to have, if any.
 *
 * @param steps the steps in their order
 */
record ReadmeTour(List<Step> steps) {

	private static final String START = "<!-- tour -->";

	private static final String END = "<!-- end of tour -->";

	private static final Pattern BLOCK = Pattern.compile("^```(\\w+)\\R(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

	static ReadmeTour read(Path readme) throws IOException {
		String text = Files.readString(readme);
		String tour = text.substring(text.indexOf(START) + START.length(), text.indexOf(END));
		List<Step> steps = new ArrayList<>();
		Matcher matcher = BLOCK.matcher(tour);
		while (matcher.find()) {
			if (matcher.group(1).equals("bash")) {
				steps.add(new Step(matcher.group(2), ""));
			}
			else {
				Step step = steps.remove(steps.size() - 1);
				steps.add(new Step(step.commands(), step.output() + matcher.group(2)));
			}
		}
		return new ReadmeTour(steps);
	}

	/**
	 * A step of the tour.
	 *
	 * @param commands the commands
	 * @param output what they are said to print, where {@code …} stands for anything in a
	 * line, or for any lines if it stands alone
	 */
	record Step(String commands, String output) {

		private static final String ANYTHING = "…";

		/**
		 * Return what can be executed. The build with Maven is left out, because what it
		 * would build is being tested.
		 * @return the script
		 */
		String script() {
			return this.commands.lines()
				.filter((line) -> !line.startsWith("./mvnw "))
				.collect(Collectors.joining("\n"));
		}

		boolean canBeRepeated() {
			return this.commands.lines().allMatch((line) -> line.startsWith("curl ") && !line.contains(" -d "));
		}

		boolean matches(String actual) {
			return pattern().matcher(normalize(actual)).matches();
		}

		private Pattern pattern() {
			String regex = normalize(this.output).lines().map(Step::lineRegex).collect(Collectors.joining());
			return Pattern.compile(regex, Pattern.DOTALL);
		}

		private static String lineRegex(String line) {
			if (line.strip().equals(ANYTHING)) {
				return "(?:[^\n]*\n)*?";
			}
			return Pattern.quote(line).replace(ANYTHING, "\\E[^\n]*\\Q") + "\n";
		}

		private static String normalize(String text) {
			String stripped = text.lines().map(String::stripTrailing).collect(Collectors.joining("\n")).strip();
			return stripped.isEmpty() ? "" : stripped + "\n";
		}

		@Override
		public String toString() {
			return this.commands.strip();
		}

	}

}
