package io.github.pendingmigrations.check;

import java.util.Arrays;

/**
 * The text of a script, and where its lines begin.
 */
final class Source {

	private final String text;

	private final Dialect dialect;

	private int[] lineStarts = new int[0];

	Source(String text, Dialect dialect) {
		this.text = text;
		this.dialect = dialect;
	}

	Dialect dialect() {
		return this.dialect;
	}

	int length() {
		return this.text.length();
	}

	char charAt(int index) {
		return this.text.charAt(index);
	}

	String text(int start, int end) {
		return this.text.substring(start, end);
	}

	String text() {
		return this.text;
	}

	SourceRange range(int start, int end) {
		if (this.lineStarts.length == 0) {
			this.lineStarts = findLines(this.text);
		}
		int found = Arrays.binarySearch(this.lineStarts, start);
		int line = (found >= 0) ? found : -found - 2;
		return new SourceRange(start, end, line + 1, start - this.lineStarts[line] + 1);
	}

	private static int[] findLines(String text) {
		int[] starts = new int[64];
		int count = 1;
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			boolean lone = c == '\r' && (i + 1 == text.length() || text.charAt(i + 1) != '\n');
			if (c == '\n' || lone) {
				if (count == starts.length) {
					starts = Arrays.copyOf(starts, count * 2);
				}
				starts[count++] = i + 1;
			}
		}
		return Arrays.copyOf(starts, count);
	}

}
