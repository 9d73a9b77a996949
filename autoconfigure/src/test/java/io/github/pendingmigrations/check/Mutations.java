package io.github.pendingmigrations.check;

import java.util.Locale;
import java.util.Random;

/**
 * Spells statements differently without changing what they say.
 */
final class Mutations {

	private static final String[] BLANKS = { " ", "\n", "\n\n\n", "\t", "\r\n", " /* c; */ ", " -- c;\n",
			"  \n /* ' */ ", "\n-- \"\n\n" };

	private Mutations() {
	}

	/**
	 * Spell a statement differently.
	 * @param sql the statement, its words separated by single blanks, its names starting
	 * with {@code n_}
	 * @param random the source of differences
	 * @return the statement
	 */
	static String spell(String sql, Random random) {
		StringBuilder result = new StringBuilder();
		for (String word : sql.split(" ")) {
			if (!result.isEmpty()) {
				result.append(BLANKS[random.nextInt(BLANKS.length)]);
			}
			boolean name = word.matches("n_\\w+");
			result.append(switch (random.nextInt(4)) {
				case 0 -> word;
				case 1 -> word.startsWith("'") ? word : word.toUpperCase(Locale.ROOT);
				case 2 -> name ? '"' + word + '"' : word;
				default -> word.startsWith("'") ? word : mixed(word, random);
			});
		}
		return result.append(random.nextBoolean() ? ";" : " ;\n-- end").toString();
	}

	private static String mixed(String word, Random random) {
		StringBuilder result = new StringBuilder();
		for (char c : word.toCharArray()) {
			result.append(random.nextBoolean() ? Character.toUpperCase(c) : c);
		}
		return result.toString();
	}

}
