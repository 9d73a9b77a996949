package io.github.pendingmigrations.online;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Figures as a table for docs/benchmarks.md, printed when it is closed.
 */
final class FigureTable implements AutoCloseable {

	private final List<String> rows = new ArrayList<>();

	FigureTable(String title, String... columns) {
		this.rows.add("ONLINE " + title);
		row((Object[]) columns);
		String[] line = new String[columns.length];
		Arrays.fill(line, "---");
		row((Object[]) line);
	}

	void row(Object... cells) {
		this.rows.add("| " + String.join(" | ", Arrays.stream(cells).map(FigureTable::text).toList()) + " |");
	}

	@Override
	public void close() {
		System.out.println(String.join("\n", this.rows));
	}

	private static String text(Object cell) {
		if (cell instanceof Duration duration) {
			double millis = duration.toNanos() / 1e6;
			return String.format(Locale.ROOT, (millis < 10) ? "%.1f ms" : "%.0f ms", millis);
		}
		return String.valueOf(cell);
	}

}
