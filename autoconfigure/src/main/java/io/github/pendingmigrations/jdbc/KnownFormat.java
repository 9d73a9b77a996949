package io.github.pendingmigrations.jdbc;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import io.github.pendingmigrations.ApplicationInstance.Known;

/**
 * Writes what an instance knows as {@code 3:690027783:2.1,5:-12:}.
 */
final class KnownFormat {

	private KnownFormat() {
	}

	static String write(List<Known> known) {
		return known.stream()
			.map((entry) -> entry.version() + ":" + entry.checksum() + ":"
					+ ((entry.versioned() != null) ? entry.versioned() : ""))
			.collect(Collectors.joining(","));
	}

	static List<Known> read(String text) {
		return Arrays.stream(text.split(",")).filter((entry) -> !entry.isEmpty()).map(KnownFormat::readEntry).toList();
	}

	private static Known readEntry(String text) {
		String[] parts = text.split(":", -1);
		return new Known(parts[0], Integer.parseInt(parts[1]), parts[2].isEmpty() ? null : parts[2]);
	}

}
